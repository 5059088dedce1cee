/**
 * Philox4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3"
 * (SC 2011). Every 128-bit block is a function of a 64-bit key and a 128-bit counter alone.
 */

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;
const twoToMinus32 = 2 ** -32;

/** Upper 32 bits of the product of two uint32. The double product is off by at most 2^11, far from half of 2^32. */
function highProduct(a: number, b: number, lowProduct: number): number {
  return ((a >>> 0) * b - (lowProduct >>> 0)) * twoToMinus32 + 0.5;
}

/**
 * Writes the block of `counter` (four words) under the key (`key0`, `key1`) to `out` (four words). Words are 32 bits,
 * read and written as int32 or uint32 alike.
 */
export function philox4x32(counter: Int32Array, key0: number, key1: number, out: Int32Array): void {
  let x0 = counter[0];
  let x1 = counter[1];
  let x2 = counter[2];
  let x3 = counter[3];
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < rounds; round++) {
    const low0 = Math.imul(x0, multiplier0);
    const low1 = Math.imul(x2, multiplier1);
    const high0 = highProduct(x0, multiplier0, low0) >>> 0;
    const high1 = highProduct(x2, multiplier1, low1) >>> 0;
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** A uniform on [0, 1) with 53 bits, from two words of a block. */
export function uniformFromWords(high: number, low: number): number {
  return ((high >>> 0) * 2097152 + (low >>> 11)) * 2 ** -53;
}
