/** Philox4x32-10 uniforms in bulk; the package random defines the streams and the scalar twin of these loops. */
import { blockLength, copyFirstRegion, firstRegion, kernels } from "./kernel-module.ts";

/** 32-bit words of a 64-bit key, block index and stream id. The block makes draws 2 block and 2 block + 1. */
export interface PhiloxPosition {
  readonly keyLow: number;
  readonly keyHigh: number;
  readonly blockLow: number;
  readonly blockHigh: number;
  readonly streamLow: number;
  readonly streamHigh: number;
}

/** out[i] = half `half` (0 or 1) of the block at `position`, of the stream `streamLow` + i (modulo 2^32). */
export function philoxAcross(position: PhiloxPosition, half: number, out: Float64Array): void {
  acrossInBlocks(position, half, out, 1);
}

/** out[2 i] and out[2 i + 1] = both halves of the block at `position`, of the stream `streamLow` + i (modulo 2^32). */
export function philoxPairsAcross(position: PhiloxPosition, out: Float64Array): void {
  acrossInBlocks(position, bothHalves, out, 2);
}

const bothHalves = 2;

function acrossInBlocks(position: PhiloxPosition, draws: number, out: Float64Array, perStream: number): void {
  const { keyLow, keyHigh, blockLow, blockHigh, streamLow, streamHigh } = position;
  for (let from = 0; from < out.length; from += blockLength) {
    const count = Math.min(blockLength, out.length - from);
    const [streams, stream] = [count / perStream, streamLow + from / perStream];
    kernels.uniformsAcross(firstRegion, streams, keyLow, keyHigh, blockLow, blockHigh, stream, streamHigh, draws);
    copyFirstRegion(out, from, count);
  }
}

/** Fills `out` with the draws of one stream, from the even draw of the block at `position` on. */
export function philoxAlong(position: PhiloxPosition, out: Float64Array): void {
  alongInBlocks(position, out, kernels.uniformsAlong);
}

/** Fills `out` with log(1 - u), the same bits as `log`, where `philoxAlong` would give u. */
export function philoxLogarithmsAlong(position: PhiloxPosition, out: Float64Array): void {
  alongInBlocks(position, out, kernels.logarithmsAlong);
}

function alongInBlocks(position: PhiloxPosition, out: Float64Array, fill: typeof kernels.uniformsAlong): void {
  const { keyLow, keyHigh, streamLow, streamHigh } = position;
  let { blockLow, blockHigh } = position;
  for (let from = 0; from < out.length; from += blockLength) {
    const count = Math.min(blockLength, out.length - from);
    const blocks = Math.ceil(count / 2);
    fill(firstRegion, blocks, keyLow, keyHigh, blockLow, blockHigh, streamLow, streamHigh);
    copyFirstRegion(out, from, count);
    const nextLow = (blockLow >>> 0) + blocks;
    if (nextLow >= 2 ** 32) blockHigh += 1;
    blockLow = nextLow | 0;
  }
}
