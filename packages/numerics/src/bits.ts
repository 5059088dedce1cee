/** Access to the bits of a double (little-endian hosts, which is every platform Node supports but s390x). */

const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);

/** Sign, exponent and the upper 20 bits of the significand of `x`, as an int32. */
export function highWord(x: number): number {
  doubles[0] = x;
  return words[1];
}

/** The lower 32 bits of the significand of `x`, as an int32. */
export function lowWord(x: number): number {
  doubles[0] = x;
  return words[0];
}

/** The double with these two words. */
export function fromWords(high: number, low: number): number {
  words[1] = high;
  words[0] = low;
  return doubles[0];
}

/** 2^exponent for integers from -1022 to 1023. */
export function powerOfTwo(exponent: number): number {
  words[1] = (exponent + 1023) << 20;
  words[0] = 0;
  return doubles[0];
}

/**
 * x * 2^exponent for integers from -2044 to 2046, rounded once: half of the exponent goes first and stays exact,
 * so results may be subnormal or infinite.
 */
export function scaleByPowerOfTwo(x: number, exponent: number): number {
  const half = exponent >> 1;
  return x * powerOfTwo(half) * powerOfTwo(exponent - half);
}
