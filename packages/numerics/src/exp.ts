/** The exponential function. */
import { scaleByPowerOfTwo } from "./bits.ts";
import { inverseLn2, ln2High, ln2Low, roundingShift } from "./ln2.ts";

/**
 * e^x. Error below 0.7 ulp (below 1 ulp where the result is subnormal); NaN, infinities and 0 as Math.exp.
 *
 * x = k ln 2 + r with |r| <= 0.347, and the Taylor series of e^r to degree 13, whose remainder is below 2^-57.
 */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/** e^(x + tail), where tail is the part of the argument that x could not hold. */
export function expOfSum(x: number, tail: number): number {
  if (!(x <= 710)) return x > 710 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < -746) return 0;
  const k = x * inverseLn2 + roundingShift - roundingShift;
  const high = x - k * ln2High;
  const low = k * ln2Low - tail;
  const r = high - low;
  // 1 + high + (exact rounding error): only terms of second order and less are rounded before the last addition.
  const leading = 1 + high;
  const rest = 1 - leading + high - low;
  return scaleByPowerOfTwo(leading + (rest + r * r * expSecondOrder(r)), k);
}

/** (e^r - 1 - r) / r^2 for |r| <= 0.35, by Estrin's scheme: the same tree of operations as the SIMD kernel. */
export function expSecondOrder(r: number): number {
  const r2 = r * r;
  const r4 = r2 * r2;
  const terms0 = 1 / 2 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120));
  const terms4 = 1 / 720 + r * (1 / 5040) + r2 * (1 / 40320 + r * (1 / 362880));
  const terms8 = 1 / 3628800 + r * (1 / 39916800) + r2 * (1 / 479001600 + r * (1 / 6227020800));
  return terms0 + r4 * terms4 + r4 * r4 * terms8;
}
