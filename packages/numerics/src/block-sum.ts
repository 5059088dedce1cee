/** Sums whose order of additions depends on nothing but the length, so that no number of workers can change them. */
import { firstRegion, float64Memory, kernels, secondRegion } from "./kernel-module.ts";

/** Elements per block. */
export const sumBlockLength = 1024;

/**
 * The sum of `x`: eight partial sums in each block of 1024 elements (element i of a block goes to partial sum i mod 8),
 * then `pairwiseSum` over the blocks.
 */
export function blockSum(x: Float64Array): number {
  return pairwiseSum(blockSums(x));
}

/** The sums of the blocks of 1024 elements; a worker that owns whole blocks contributes exactly these. */
export function blockSums(x: Float64Array): Float64Array {
  const sums = new Float64Array(Math.ceil(x.length / sumBlockLength));
  for (let block = 0; block < sums.length; block++) {
    const count = loadBlock(x, block, firstRegion);
    sums[block] = kernels.sumOfBlock(firstRegion, count);
  }
  return sums;
}

/**
 * The inner product of `x` and `y`, its products summed as in `blockSum`.
 * @throws `length mismatch` when they are not equally long.
 */
export function dot(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) throw new Error(`length mismatch: ${x.length} and ${y.length}`);
  const sums = new Float64Array(Math.ceil(x.length / sumBlockLength));
  for (let block = 0; block < sums.length; block++) {
    const count = loadBlock(x, block, firstRegion);
    loadBlock(y, block, secondRegion);
    sums[block] = kernels.dotOfBlock(firstRegion, secondRegion, count);
  }
  return pairwiseSum(sums);
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

/** Copies one block to linear memory, padded with zeros to a multiple of eight, and returns its length. */
function loadBlock(x: Float64Array, block: number, region: number): number {
  const values = x.subarray(block * sumBlockLength, (block + 1) * sumBlockLength);
  const start = region / 8;
  float64Memory.set(values, start);
  float64Memory.fill(0, start + values.length, start + Math.ceil(values.length / 8) * 8);
  return values.length;
}
