/** The natural logarithm. */
import { fromWords, highWord, lowWord } from "./bits.ts";
import { ln2High, ln2Low } from "./ln2.ts";

const two54 = 18014398509481984;
/** Upper word of sqrt(1/2): significands are taken from [sqrt(1/2), sqrt 2), so that arguments near 1 keep exponent 0. */
const sqrtHalfWord = 0x3fe6a09e;

/**
 * ln x. Error below 0.9 ulp over all positive doubles, subnormal ones included; ln 0 = -Infinity, NaN below zero.
 *
 * x = 2^k (1 + f), s = f / (2 + f), ln(1 + f) = 2 artanh s (the arrangement of fdlibm's e_log.c, with the Taylor series).
 */
export function log(x: number): number {
  let high = highWord(x);
  let k = -1023;
  let low = lowWord(x);
  if (high < 0x00100000 || high >= 0x7ff00000) {
    if (x === 0) return Number.NEGATIVE_INFINITY;
    if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x > 0 ? x : Number.NaN;
    const scaled = x * two54;
    high = highWord(scaled);
    low = lowWord(scaled);
    k -= 54;
  }
  high += 0x3ff00000 - sqrtHalfWord;
  k += high >> 20;
  const f = fromWords((high & 0xfffff) + sqrtHalfWord, low) - 1;
  const s = f / (2 + f);
  const halfSquare = 0.5 * f * f;
  const series = s * (halfSquare + artanhSeries(s * s));
  return k * ln2High - (halfSquare - (series + k * ln2Low) - f);
}

/** 2 artanh(s) / s - 2 for z = s^2 <= 0.0295: terms to z^10, remainder below 2^-60 of the whole. */
function artanhSeries(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const terms1 = 2 / 3 + z * (2 / 5) + z2 * (2 / 7 + z * (2 / 9));
  const terms5 = 2 / 11 + z * (2 / 13) + z2 * (2 / 15 + z * (2 / 17));
  const terms9 = 2 / 19 + z * (2 / 21);
  return z * (terms1 + z4 * terms5 + z4 * z4 * terms9);
}
