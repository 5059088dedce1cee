/** exp and log over arrays. */
import { blockLength, firstRegion, float64Memory, kernels } from "./kernel-module.ts";

/** out[i] = exp(x[i]), the same bits as `exp`. `out` may be `x`. @throws `length mismatch` */
export function expInto(x: Float64Array, out: Float64Array): void {
  inBlocks(x, out, kernels.expInPlace);
}

/** out[i] = log(x[i]), the same bits as `log`. `out` may be `x`. @throws `length mismatch` */
export function logInto(x: Float64Array, out: Float64Array): void {
  inBlocks(x, out, kernels.logInPlace);
}

function inBlocks(x: Float64Array, out: Float64Array, inPlace: (pointer: number, count: number) => void): void {
  if (x.length !== out.length) throw new Error(`length mismatch: ${x.length} and ${out.length}`);
  const start = firstRegion / 8;
  for (let from = 0; from < x.length; from += blockLength) {
    const count = Math.min(blockLength, x.length - from);
    float64Memory.set(x.subarray(from, from + count), start);
    inPlace(firstRegion, count);
    out.set(float64Memory.subarray(start, start + count), from);
  }
}
