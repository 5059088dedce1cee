/** The logarithm to about 68 bits, for pow and log1p. */
import { fromWords, highWord, lowWord } from "./bits.ts";
import { productError, sumError } from "./double-double.ts";
import { ln2Leading, ln2Trailing, logTable, logTableFirst } from "./generated/tables.ts";

const two54 = 18014398509481984;
const sqrtHalfWord = 0x3fe6a09e;

/**
 * ln(x + tail) for positive finite x and |tail| <= ulp(x)/2, as out[0] + out[1], relative error below 2^-66.
 *
 * x = 2^k m; a ten-bit approximation 1/c of 1/m makes r = m/c - 1 exact as a sum of two doubles with |r| < 2^-7
 * (Tang 1990), and ln x = k ln 2 + ln c + ln(1 + r).
 */
export function logOfSum(x: number, tail: number, out: Float64Array): void {
  const subnormal = x < 2.2250738585072014e-308;
  const normal = subnormal ? x * two54 : x;
  const shifted = highWord(normal) + (0x3ff00000 - sqrtHalfWord);
  const k = (shifted >> 20) - (subnormal ? 1077 : 1023);
  const high = (shifted & 0xfffff) + sqrtHalfWord;
  const mLeading = fromWords(high, 0);
  const m = fromWords(high, lowWord(normal));
  const row = (Math.floor(m * 128 + 0.5) - logTableFirst) * 3;
  const inverse = logTable[row];
  const rLeading = mLeading * inverse - 1;
  const rTrailing = (m - mLeading) * inverse;
  const r = rLeading + rTrailing;
  // A tail comes only with arguments near 1 or above it, whose significand is x / 2^k with k >= -1.
  const scaledTail = tail === 0 ? 0 : tail * (m / x);
  const rError = sumError(rLeading, rTrailing, r) + scaledTail * inverse;

  const square = r * r;
  const squareError = productError(r, r, square);
  const base = k * ln2Leading + logTable[row + 1];
  const baseError = k * ln2Trailing + logTable[row + 2];
  const sum1 = base + r;
  const sum2 = sum1 - 0.5 * square;
  const rest = square * r * logThirdOrder(r) + (rError - r * rError - 0.5 * squareError + baseError);
  const error = sumError(base, r, sum1) + sumError(sum1, -0.5 * square, sum2) + rest;
  out[0] = sum2 + error;
  out[1] = sum2 - out[0] + error;
}

/** (ln(1 + r) - r + r^2/2) / r^3 for |r| < 2^-7. */
function logThirdOrder(r: number): number {
  const r2 = r * r;
  const r4 = r2 * r2;
  const terms3 = 1 / 3 - r * (1 / 4) + r2 * (1 / 5 - r * (1 / 6));
  const terms7 = 1 / 7 - r * (1 / 8) + r2 * (1 / 9 - r * (1 / 10));
  return terms3 + r4 * terms7;
}
