/** Reduction of an angle modulo pi / 2, and the series on what is left. */
import { scaleByPowerOfTwo } from "./bits.ts";
import { productError, sumError } from "./double-double.ts";
import { halfPi1, halfPi2, halfPi3, halfPiLeading, halfPiTrailing, twoOverPi } from "./generated/tables.ts";
import { roundingShift } from "./ln2.ts";

const inverseHalfPi = 0.6366197723675814;
/** Up to here the multiple of pi / 2 has 20 bits, and its products with the 33-bit parts are exact. */
const largestDirectAngle = 800_000;
/** Closer to a multiple of pi / 2 than this, three parts of pi / 2 leave too few correct bits. */
const smallestDirectRemainder = 1e-6;

/** Bits kept after the point of x * 2 / pi: 61 may cancel at worst, 53 + 53 are wanted, the rest guards. */
const fractionBits = 200;
const twoOverPiBits = 1280;

/**
 * Writes r to out[0] + out[1] with x = q pi/2 + r, |r| <= pi/4 (a little more by rounding), relative error of r below
 * 2^-75, and returns q mod 4. For finite x.
 */
export function reduceAngle(x: number, out: Float64Array): number {
  if (Math.abs(x) <= 0.785) {
    out[0] = x;
    out[1] = 0;
    return 0;
  }
  if (Math.abs(x) > largestDirectAngle) return reduceByLongProduct(x, out);
  const q = x * inverseHalfPi + roundingShift - roundingShift;
  const first = x - q * halfPi1;
  const second = q * halfPi2;
  const r = first - second;
  if (Math.abs(r) < smallestDirectRemainder) return reduceByLongProduct(x, out);
  const rest = sumError(first, -second, r) - q * halfPi3;
  out[0] = r + rest;
  out[1] = r - out[0] + rest;
  return q & 3;
}

/**
 * Payne and Hanek's reduction (SIGNUM Newsletter 18, 1983): only the bits of 2 / pi that can reach x * 2 / pi mod 4
 * are multiplied, here as one product of big integers.
 */
function reduceByLongProduct(x: number, out: Float64Array): number {
  // |x| = significand * 2^exponent with an integer significand; scaling by powers of two is exact.
  let significand = Math.abs(x);
  let exponent = 0;
  while (significand >= 2 ** 53) {
    significand *= 2 ** -16;
    exponent += 16;
  }
  while (!Number.isInteger(significand)) {
    significand *= 2;
    exponent -= 1;
  }
  const window = BigInt.asUintN(twoOverPiBits + 2 - exponent, twoOverPi);
  const shift = BigInt(twoOverPiBits - exponent - fractionBits);
  const product = (BigInt(significand) * window) >> shift;
  const one = 1n << BigInt(fractionBits);
  let quadrant = Number((product >> BigInt(fractionBits)) & 3n);
  let fraction = product & (one - 1n);
  if (fraction >= one >> 1n) {
    fraction -= one;
    quadrant = (quadrant + 1) & 3;
  }
  const sign = x < 0 ? -1 : 1;
  timesHalfPi(sign, fraction, out);
  return sign < 0 ? (4 - quadrant) & 3 : quadrant;
}

/** Writes sign * fraction / 2^fractionBits * pi / 2 to `out` as two parts. */
function timesHalfPi(sign: number, fraction: bigint, out: Float64Array): void {
  const leading = Number(fraction);
  const trailing = Number(fraction - BigInt(leading));
  const high = scaleByPowerOfTwo(sign * leading, -fractionBits);
  const low = scaleByPowerOfTwo(sign * trailing, -fractionBits);
  const product = high * halfPiLeading;
  const rest = productError(high, halfPiLeading, product) + (high * halfPiTrailing + low * halfPiLeading);
  out[0] = product + rest;
  out[1] = product - out[0] + rest;
}

/** sin(r + tail) for |r| <= 0.786: Taylor series to r^17, remainder below 2^-62. */
export function sinOfReduced(r: number, tail: number): number {
  const z = r * r;
  const z2 = z * z;
  const terms5 = 1 / 120 - z * (1 / 5040) + z2 * (1 / 362880 - z * (1 / 39916800));
  const terms13 = 1 / 6227020800 - z * (1 / 1307674368000) + z2 * (1 / 355687428096000);
  const fifthOrder = z2 * (terms5 + z2 * z2 * terms13);
  return r + (r * (fifthOrder - z * (1 / 6)) + tail * (1 - 0.5 * z));
}

/** cos(r + tail) for |r| <= 0.786: Taylor series to r^18, remainder below 2^-68. */
export function cosOfReduced(r: number, tail: number): number {
  const z = r * r;
  const z2 = z * z;
  const terms4 = 1 / 24 - z * (1 / 720) + z2 * (1 / 40320 - z * (1 / 3628800));
  const terms12 = 1 / 479001600 - z * (1 / 87178291200) + z2 * (1 / 20922789888000 - z * (1 / 6402373705728000));
  const fourthOrder = z2 * (terms4 + z2 * z2 * terms12);
  const half = 0.5 * z;
  const leading = 1 - half;
  return leading + (1 - leading - half + (fourthOrder - r * tail));
}
