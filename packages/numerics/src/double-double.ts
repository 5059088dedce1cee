/** Sums and products whose rounding error is kept (Dekker 1971, Knuth TAOCP 4.2.2). */

/** Veltkamp's constant 2^27 + 1. */
const splitter = 134217729;

/** Rounding error of `sum` = a + b, exactly. */
export function sumError(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** Rounding error of `product` = a * b, exactly, unless something over- or underflows. */
export function productError(a: number, b: number, product: number): number {
  const aShifted = a * splitter;
  const aHigh = aShifted - (aShifted - a);
  const aLow = a - aHigh;
  const bShifted = b * splitter;
  const bHigh = bShifted - (bShifted - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
