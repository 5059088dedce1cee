/** e^x - 1. */
import { powerOfTwo } from "./bits.ts";
import { exp, expSecondOrder } from "./exp.ts";

const ln2High = 6.93147180369123816e-1;
const ln2Low = 1.9082149292705877e-10;
const inverseLn2 = 1.4426950408889634;
const roundingShift = 6755399441055744;

/** e^x - 1, accurate near 0. Error below 0.9 ulp; signed zeros kept, -1 at -Infinity. */
export function expm1(x: number): number {
  if (!(Math.abs(x) < 39)) return x < 0 ? -1 : exp(x);
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
