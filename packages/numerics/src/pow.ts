/** Powers. */
import { productError } from "./double-double.ts";
import { expOfSum } from "./exp.ts";
import { logOfSum } from "./log-of-sum.ts";

const parts = new Float64Array(2);

/**
 * base^exponent. Error below 0.75 ulp (below 1 ulp where the result is subnormal), so exact results come back exactly;
 * special values as ECMAScript's Math.pow: x^0 = 1 even for NaN, (+-1)^(+-Infinity) = NaN.
 *
 * exp(exponent * ln base) with the logarithm and the product held to about 68 bits.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (exponent === 1) return base;
  const magnitude = Math.abs(base);
  const negative = base < 0 || Object.is(base, -0);
  if (!(magnitude < Number.POSITIVE_INFINITY) || magnitude === 0 || !Number.isFinite(exponent)) {
    return powOfSpecial(magnitude, negative, exponent);
  }
  const sign = negative ? signOfPower(exponent) : 1;
  if (Number.isNaN(sign) || magnitude === 1) return sign;
  logOfSum(magnitude, 0, parts);
  const product = exponent * parts[0];
  // Beyond this the result is 0 or Infinity whatever follows, and splitting the exponent might overflow.
  if (product > 710) return sign * Number.POSITIVE_INFINITY;
  if (product < -746) return sign * 0;
  const error = productError(exponent, parts[0], product) + exponent * parts[1];
  return sign * expOfSum(product, error);
}

/** Sign of (-1)^exponent for finite exponents: NaN unless the exponent is an integer. */
function signOfPower(exponent: number): number {
  if (Math.floor(exponent) !== exponent) return Number.NaN;
  const half = 0.5 * exponent;
  return Math.floor(half) === half ? 1 : -1;
}

/** Powers where the base is 0, infinite or NaN, or the exponent infinite or NaN. */
function powOfSpecial(magnitude: number, negative: boolean, exponent: number): number {
  if (Number.isNaN(magnitude) || Number.isNaN(exponent)) return Number.NaN;
  if (!Number.isFinite(exponent)) {
    if (magnitude === 1) return Number.NaN;
    return magnitude > 1 === exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const result = magnitude > 1 === exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  return negative && signOfPower(exponent) === -1 ? -result : result;
}
