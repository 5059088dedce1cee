/** Scalar reference of the block sums. */

/** Elements per block; the order of additions depends on this and on nothing else. */
export const sumBlockLength = 1024;
/** Partial sums within a block: element i goes to partial sum i mod 8. */
const lanes = 8;

/** Sum of x[from] to x[to - 1], at most one block: eight partial sums, added as a balanced tree. */
function sumOfBlock(term: (index: number) => number, from: number, to: number): number {
  const partial = new Float64Array(lanes);
  for (let i = from; i < to; i++) partial[(i - from) % lanes] += term(i);
  const [a, b, c, d, e, f, g, h] = partial;
  return a + c + (e + g) + (b + d + (f + h));
}

/** The sum of `sums`, neighbours first; an odd one out waits for the next round. Overwrites `sums`. */
export function pairwiseSum(sums: Float64Array): number {
  let count = sums.length;
  if (count === 0) return 0;
  while (count > 1) {
    const pairs = count >> 1;
    for (let i = 0; i < pairs; i++) sums[i] = sums[2 * i] + sums[2 * i + 1];
    if (count & 1) sums[pairs] = sums[count - 1];
    count -= pairs;
  }
  return sums[0];
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
