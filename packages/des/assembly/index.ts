/**
 * XXH64 (Collet 2012), seed 0, over doubles: the bytes are those of the doubles in little-endian order, all NaN being one.
 * The four accumulators lie at byte 0 of the memory, the input at byte 64.
 */
const prime1: u64 = ((<u64>0x9e3779b1) << 32) | 0x85ebca87;
const prime2: u64 = ((<u64>0xc2b2ae3d) << 32) | 0x27d4eb4f;
const prime3: u64 = ((<u64>0x165667b1) << 32) | 0x9e3779f9;
const prime4: u64 = ((<u64>0x85ebca77) << 32) | 0xc2b2ae63;
const prime5: u64 = ((<u64>0x27d4eb2f) << 32) | 0x165667c5;
const canonicalNan: u64 = (<u64>0x7ff80000) << 32;
const input: usize = 64;

/** Engines differ in the bits of a NaN. */
function bitsAt(pointer: usize): u64 {
  const x = load<f64>(pointer);
  // biome-ignore lint/suspicious/noSelfCompare: true of NaN alone
  return select<u64>(canonicalNan, reinterpret<u64>(x), x !== x);
}

function round(accumulator: u64, word: u64): u64 {
  return rotl<u64>(accumulator + word * prime2, 31) * prime1;
}

function merge(hash: u64, accumulator: u64): u64 {
  return (hash ^ round(0, accumulator)) * prime1 + prime4;
}

/** Sets the accumulators to those of an empty input. */
export function begin(): void {
  store<u64>(0, prime1 + prime2);
  store<u64>(8, prime2);
  store<u64>(16, 0);
  store<u64>(24, 0 - prime1);
}

/** Adds the first 4 `stripes` doubles of the input to the accumulators. */
export function absorb(stripes: i32): void {
  let accumulator1 = load<u64>(0);
  let accumulator2 = load<u64>(8);
  let accumulator3 = load<u64>(16);
  let accumulator4 = load<u64>(24);
  const end = input + 32 * <usize>stripes;
  for (let pointer = input; pointer < end; pointer += 32) {
    accumulator1 = round(accumulator1, bitsAt(pointer));
    accumulator2 = round(accumulator2, bitsAt(pointer + 8));
    accumulator3 = round(accumulator3, bitsAt(pointer + 16));
    accumulator4 = round(accumulator4, bitsAt(pointer + 24));
  }
  store<u64>(0, accumulator1);
  store<u64>(8, accumulator2);
  store<u64>(16, accumulator3);
  store<u64>(24, accumulator4);
}

/** The hash of `total` doubles, of which `rest`, fewer than four, begin at input + 8 `from` and the others are absorbed. */
export function digest(from: i32, rest: i32, total: f64): u64 {
  let hash = prime5;
  if (total >= 4) {
    const accumulator1 = load<u64>(0);
    const accumulator2 = load<u64>(8);
    const accumulator3 = load<u64>(16);
    const accumulator4 = load<u64>(24);
    hash = rotl<u64>(accumulator1, 1) + rotl<u64>(accumulator2, 7);
    hash += rotl<u64>(accumulator3, 12) + rotl<u64>(accumulator4, 18);
    hash = merge(merge(merge(merge(hash, accumulator1), accumulator2), accumulator3), accumulator4);
  }
  hash += 8 * <u64>total;
  for (let i = 0; i < rest; i++) {
    hash ^= round(0, bitsAt(input + 8 * <usize>(from + i)));
    hash = rotl<u64>(hash, 27) * prime1 + prime4;
  }
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}
