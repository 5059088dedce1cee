/** exp and log over arrays. */
import { blockLength, copyFirstRegion, fillFirstRegion, firstRegion, kernels } from "./kernel-module.ts";

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
  for (let from = 0; from < x.length; from += blockLength) {
    const count = Math.min(blockLength, x.length - from);
    fillFirstRegion(x, from, count);
    inPlace(firstRegion, count);
    copyFirstRegion(out, from, count);
  }
}
