/** Scalar reference of the block sums. */
import { pairwiseSum, sumBlockLength } from "../block-sum.ts";

/** Partial sums within a block: element i goes to partial sum i mod 8. */
const lanes = 8;

/** Sum of x[from] to x[to - 1], at most one block: eight partial sums, added as a balanced tree. */
function sumOfBlock(term: (index: number) => number, from: number, to: number): number {
  const partial = new Float64Array(lanes);
  for (let i = from; i < to; i++) partial[(i - from) % lanes] += term(i);
  const [a, b, c, d, e, f, g, h] = partial;
  return a + c + (e + g) + (b + d + (f + h));
}

function sumOfTerms(length: number, term: (index: number) => number): number {
  const blocks = Math.ceil(length / sumBlockLength);
  const sums = new Float64Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const from = block * sumBlockLength;
    sums[block] = sumOfBlock(term, from, Math.min(length, from + sumBlockLength));
  }
  return pairwiseSum(sums);
}

export function blockSumReference(x: Float64Array): number {
  return sumOfTerms(x.length, (i) => x[i]);
}

export function dotReference(x: Float64Array, y: Float64Array): number {
  return sumOfTerms(x.length, (i) => x[i] * y[i]);
}
