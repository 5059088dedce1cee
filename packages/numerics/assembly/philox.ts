/** Philox4x32-10 (Salmon et al., SC 2011) in bulk; the scalar twin is philox.ts of the package random. */

const multiplier0: u64 = 0xd2511f53;
const multiplier1: u64 = 0xcd9e8d57;
const weyl0: u32 = 0x9e3779b9;
const weyl1: u32 = 0xbb67ae85;
const uniformUnit: f64 = 1.1102230246251565e-16;

/** The two uniforms of one block: words 0 and 1 make the even draw, words 2 and 3 the odd one. */
function uniformsOfBlock(low: u64, high: u64, keyLow: u32, keyHigh: u32): v128 {
  let x0: u64 = low & 0xffffffff;
  let x1: u64 = low >> 32;
  let x2: u64 = high & 0xffffffff;
  let x3: u64 = high >> 32;
  for (let round = 0; round < 10; round++) {
    const product0 = x0 * multiplier0;
    const product1 = x2 * multiplier1;
    x0 = (product1 >> 32) ^ x1 ^ <u64>keyLow;
    x1 = product1 & 0xffffffff;
    x2 = (product0 >> 32) ^ x3 ^ <u64>keyHigh;
    x3 = product0 & 0xffffffff;
    keyLow += weyl0;
    keyHigh += weyl1;
  }
  const even = <f64>(<i64>(((x0 << 32) | x1) >> 11));
  const odd = <f64>(<i64>(((x2 << 32) | x3) >> 11));
  return f64x2.mul(f64x2.replace_lane(f64x2.splat(even), 1, odd), f64x2.splat(uniformUnit));
}

/** One half (0 even, 1 odd) of block `blockIndex` of `count` consecutive streams from `streamId` on. */
export function uniformsAcross(
  out: usize,
  count: i32,
  keyLow: u32,
  keyHigh: u32,
  blockLow: u32,
  blockHigh: u32,
  streamLow: u32,
  streamHigh: u32,
  half: i32,
): void {
  const block = ((<u64>blockHigh) << 32) | <u64>blockLow;
  for (let i = 0; i < count; i++, out += 8) {
    const stream = ((<u64>streamHigh) << 32) | <u64>(streamLow + <u32>i);
    const pair = uniformsOfBlock(block, stream, keyLow, keyHigh);
    store<f64>(out, half === 0 ? f64x2.extract_lane(pair, 0) : f64x2.extract_lane(pair, 1));
  }
}

/** All uniforms of `blocks` consecutive blocks of one stream, two doubles each. */
export function uniformsAlong(
  out: usize,
  blocks: i32,
  keyLow: u32,
  keyHigh: u32,
  blockLow: u32,
  blockHigh: u32,
  streamLow: u32,
  streamHigh: u32,
): void {
  let block = ((<u64>blockHigh) << 32) | <u64>blockLow;
  const stream = ((<u64>streamHigh) << 32) | <u64>streamLow;
  for (let i = 0; i < blocks; i++, block++, out += 16) {
    v128.store(out, uniformsOfBlock(block, stream, keyLow, keyHigh));
  }
}
