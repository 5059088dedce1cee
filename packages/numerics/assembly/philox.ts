/** Philox4x32-10 (Salmon et al., SC 2011) in bulk; the scalar twin is philox.ts of the package random. */

import { logOfVector } from "./log";

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

/** High words of the four 64-bit products whose low pair is in `low` and high pair in `high`. */
function highWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

/** The lower two of four pairs of words as uniforms: the first word's 32 bits, then the upper 21 of the second. */
function uniformsOfWords(first: v128, second: v128): v128 {
  const upper = f64x2.mul(f64x2.convert_low_i32x4_u(first), f64x2.splat(2097152));
  const lower = f64x2.convert_low_i32x4_u(i32x4.shr_u(second, 11));
  return f64x2.mul(f64x2.add(upper, lower), f64x2.splat(uniformUnit));
}

/** What of a block is wanted: its even draw, its odd draw, or both, one after the other. */
const evenDraw = 0;
const bothDraws = 2;

/** Stores draws of four blocks, whose words at the start are the lanes of `x0` to `x3`; the same as four of `uniformsOfBlock`. */
function storeFour(out: usize, x0: v128, x1: v128, x2: v128, x3: v128, keyLow: u32, keyHigh: u32, draws: i32): void {
  const factor0 = i32x4.splat(<u32>multiplier0);
  const factor1 = i32x4.splat(<u32>multiplier1);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(x0, factor0);
    const high0 = i64x2.extmul_high_i32x4_u(x0, factor0);
    const low1 = i64x2.extmul_low_i32x4_u(x2, factor1);
    const high1 = i64x2.extmul_high_i32x4_u(x2, factor1);
    x0 = v128.xor(v128.xor(highWords(low1, high1), x1), i32x4.splat(keyLow));
    x1 = lowWords(low1, high1);
    x2 = v128.xor(v128.xor(highWords(low0, high0), x3), i32x4.splat(keyHigh));
    x3 = lowWords(low0, high0);
    keyLow += weyl0;
    keyHigh += weyl1;
  }
  if (draws === bothDraws) {
    storePairs(out, uniformsOfWords(x0, x1), uniformsOfWords(x2, x3));
    storePairs(out + 32, uniformsOfWords(upperHalf(x0), upperHalf(x1)), uniformsOfWords(upperHalf(x2), upperHalf(x3)));
  } else {
    const first = draws === evenDraw ? x0 : x2;
    const second = draws === evenDraw ? x1 : x3;
    v128.store(out, uniformsOfWords(first, second));
    v128.store(out, uniformsOfWords(upperHalf(first), upperHalf(second)), 16);
  }
}

/** Draws of block `blockIndex` of `count` consecutive streams from `streamLow` on: the even one, the odd one or both of each. */
export function uniformsAcross(
  out: usize,
  count: i32,
  keyLow: u32,
  keyHigh: u32,
  blockLow: u32,
  blockHigh: u32,
  streamLow: u32,
  streamHigh: u32,
  draws: i32,
): void {
  const block = ((<u64>blockHigh) << 32) | <u64>blockLow;
  const x0 = i32x4.splat(blockLow);
  const x1 = i32x4.splat(blockHigh);
  const x3 = i32x4.splat(streamHigh);
  const step: usize = draws === bothDraws ? 16 : 8;
  let i = 0;
  for (; i + 4 <= count; i += 4, out += step << 2) {
    const x2 = i32x4.add(i32x4.splat(streamLow + <u32>i), i32x4(0, 1, 2, 3));
    storeFour(out, x0, x1, x2, x3, keyLow, keyHigh, draws);
  }
  for (; i < count; i++, out += step) {
    const stream = ((<u64>streamHigh) << 32) | <u64>(streamLow + <u32>i);
    const pair = uniformsOfBlock(block, stream, keyLow, keyHigh);
    if (draws === bothDraws) v128.store(out, pair);
    else store<f64>(out, draws === evenDraw ? f64x2.extract_lane(pair, 0) : f64x2.extract_lane(pair, 1));
  }
}

/** Stores both draws of four consecutive blocks of one stream. */
function storeFourBlocks(out: usize, block: u64, stream: u64, keyLow: u32, keyHigh: u32): void {
  const blocks01 = i64x2.replace_lane(i64x2.splat(block), 1, block + 1);
  const blocks23 = i64x2.add(blocks01, i64x2.splat(2));
  const x2 = i32x4.splat(<u32>stream);
  const x3 = i32x4.splat(<u32>(stream >> 32));
  const x0 = lowWords(blocks01, blocks23);
  const x1 = highWords(blocks01, blocks23);
  storeFour(out, x0, x1, x2, x3, keyLow, keyHigh, bothDraws);
}

function upperHalf(words: v128): v128 {
  return v128.shuffle<i64>(words, words, 1, 1);
}

/** Stores the even and the odd draws of two blocks in the order of the draws. */
function storePairs(out: usize, even: v128, odd: v128): void {
  v128.store(out, v128.shuffle<f64>(even, odd, 0, 2));
  v128.store(out, v128.shuffle<f64>(even, odd, 1, 3), 16);
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
  let i = 0;
  for (; i + 4 <= blocks; i += 4, block += 4, out += 64) storeFourBlocks(out, block, stream, keyLow, keyHigh);
  for (; i < blocks; i++, block++, out += 16) {
    v128.store(out, uniformsOfBlock(block, stream, keyLow, keyHigh));
  }
}

/** ln(1 - u) for what `uniformsAlong` would write as u. Both are below 1 and above 0, or 0 exactly: never subnormal. */
export function logarithmsAlong(
  out: usize,
  blocks: i32,
  keyLow: u32,
  keyHigh: u32,
  blockLow: u32,
  blockHigh: u32,
  streamLow: u32,
  streamHigh: u32,
): void {
  uniformsAlong(out, blocks, keyLow, keyHigh, blockLow, blockHigh, streamLow, streamHigh);
  const one = f64x2.splat(1);
  const end = out + ((<usize>blocks) << 4);
  // Two vectors at a time, for they share the constants.
  for (; out + 32 <= end; out += 32) {
    const first = logOfVector(f64x2.sub(one, v128.load(out)), 0);
    const second = logOfVector(f64x2.sub(one, v128.load(out, 16)), 0);
    v128.store(out, first);
    v128.store(out, second, 16);
  }
  if (out < end) v128.store(out, logOfVector(f64x2.sub(one, v128.load(out)), 0));
}
