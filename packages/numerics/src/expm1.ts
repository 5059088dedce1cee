/** e^x - 1. */
import { powerOfTwo } from "./bits.ts";
import { exp, expSecondOrder } from "./exp.ts";
import { inverseLn2, ln2High, ln2Low, roundingShift } from "./ln2.ts";

/** e^x - 1, accurate near 0. Error below 1.1 ulp; signed zeros kept, -1 at -Infinity. */
export function expm1(x: number): number {
  if (!(Math.abs(x) < 39)) return x < 0 ? -1 : exp(x);
  // The square of what is smaller is beyond the last bit, and -0 must stay.
  if (Math.abs(x) < 1e-17) return x;
  if (Math.abs(x) < 0.34) return x + x * x * expSecondOrder(x);
  const k = x * inverseLn2 + roundingShift - roundingShift;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const leading = 1 + high;
  const rest = 1 - leading + high - low + r * r * expSecondOrder(r);
  const scale = powerOfTwo(k);
  const difference = scale * leading - 1;
  const part = difference - scale * leading;
  const differenceError = scale * leading - (difference - part) + (-1 - part);
  return difference + (differenceError + scale * rest);
}
