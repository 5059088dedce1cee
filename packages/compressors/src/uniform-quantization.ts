/**
 * Uniform quantisation: each block of values is divided by its largest magnitude s, and rounded to one of evenly spaced levels
 * between -s and s.
 *
 * With b bits, `mid-tread` has levels j s / M for j = -M to M, M = 2^(b-1) - 1: zero stays zero, the error is at most
 * s / (2 M). `mid-rise` has the 2^b levels (2 j - L) s / L for j = 0 to L, L = 2^b - 1: no zero, unless all are, and an error
 * of at most s / L; better with two bits, and for values that are far from zero, such as those that top-k keeps. Both hit
 * -s or s exactly. Halves are rounded up. On the wire: s of each block as float32, then the codes, packed.
 *
 * Source: vector-wise absmax of Dettmers, Lewis, Belkada and Zettlemoyer, "LLM.int8()", NeurIPS 2022 (arXiv 2208.07339),
 * sec. 2; 8 bits between stages by Ryabinin et al., "SWARM parallelism", ICML 2023; quantisers as Gersho and Gray name them.
 * A block that holds an infinity or NaN decodes to NaN throughout, so that a divergence is seen at the receiver.
 */
import type { Compressor, TensorDescription } from "@shardlab/contracts";
import { z } from "zod";
import { packCodes, unpackCodes } from "./code-packing.ts";
import {
  bytesOf,
  checkLength,
  copyOf,
  elementsOf,
  invalidEncoding,
  nanBits,
  rowLengthOf,
  statelessEncoder,
} from "./tensor-bytes.ts";

export const uniformQuantizationSpec = z.strictObject({
  kind: z.literal("uniform-quantization"),
  bits: z
    .union([z.literal(8), z.literal(4), z.literal(2)])
    .default(8)
    .describe("of a value on the wire"),
  levels: z
    .enum(["mid-tread", "mid-rise"])
    .default("mid-tread")
    .describe("with a level at zero, or with one level more"),
  block: z
    .union([
      z.literal("row"),
      z
        .number()
        .int()
        .min(1)
        .max(2 ** 24),
    ])
    .default(256)
    .describe("consecutive values that share a scale: a number of them, or row (the last dimension)"),
});
export type UniformQuantizationSpec = z.output<typeof uniformQuantizationSpec>;

export function uniformQuantization(spec: UniformQuantizationSpec): Compressor {
  const grid = gridOf(spec);
  const blockLengthOf = (tensor: TensorDescription): number =>
    Math.max(1, spec.block === "row" ? rowLengthOf(tensor) : spec.block);
  const blocksOf = (tensor: TensorDescription): number => Math.ceil(elementsOf(tensor) / blockLengthOf(tensor));
  const encodedBytes = (tensor: TensorDescription): number =>
    4 * blocksOf(tensor) + Math.ceil((elementsOf(tensor) * spec.bits) / 8);
  return {
    kind: spec.kind,
    encodedBytes,
    isLossless: (tensor) => elementsOf(tensor) === 0,
    encoder: (tensor) =>
      statelessEncoder(tensor, (values) => {
        const scales = new Float32Array(blocksOf(tensor));
        const codes = quantized(values, { grid, blockLength: blockLengthOf(tensor), scales });
        const bytes = new Uint8Array(encodedBytes(tensor));
        bytes.set(bytesOf(scales));
        packCodes(codes, spec.bits, bytes.subarray(4 * scales.length));
        return bytes;
      }),
    decode(bytes, tensor) {
      checkLength(bytes, encodedBytes(tensor));
      const scaleBytes = 4 * blocksOf(tensor);
      const scales = new Float32Array(copyOf(bytes.subarray(0, scaleBytes)).buffer);
      const codes = unpackCodes(bytes.subarray(scaleBytes), spec.bits, elementsOf(tensor));
      return { values: restored(codes, { grid, blockLength: blockLengthOf(tensor), scales }) };
    },
  };
}

/** Level of a code: (codeStep * code - extreme) / extreme, in units of the scale; codes go from 0 to `lastCode`. */
interface Grid {
  readonly codeStep: number;
  readonly extreme: number;
  readonly lastCode: number;
}

interface Blocks {
  readonly grid: Grid;
  readonly blockLength: number;
  readonly scales: Float32Array;
}

function gridOf({ bits, levels }: UniformQuantizationSpec): Grid {
  const codes = 1 << bits;
  if (levels === "mid-rise") return { codeStep: 2, extreme: codes - 1, lastCode: codes - 1 };
  return { codeStep: 1, extreme: codes / 2 - 1, lastCode: codes - 2 };
}

/** The codes of all values; scales are filled in. Blocks of zeros have scale 0, spoilt ones NaN, and codes 0. */
function quantized(values: Float32Array, { grid, blockLength, scales }: Blocks): Uint8Array {
  const codes = new Uint8Array(values.length);
  const scaleBits = new Uint32Array(scales.buffer);
  const halfLevels = grid.extreme / grid.codeStep;
  for (let block = 0, from = 0; block < scales.length; block++, from += blockLength) {
    const to = Math.min(from + blockLength, values.length);
    const scale = largestMagnitude(values, from, to);
    if (Number.isNaN(scale)) scaleBits[block] = nanBits;
    else scales[block] = scale;
    if (!(scale > 0)) continue;
    const factor = halfLevels / scale;
    const shift = halfLevels + 0.5;
    // Never negative: the smallest is half a step above zero, or less by rounding.
    for (let i = from; i < to; i++) codes[i] = (values[i] * factor + shift) | 0;
  }
  return codes;
}

/** The largest |x|, or NaN where one of them is infinite or NaN. */
function largestMagnitude(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  // Turns NaN, and stays so, with the first value that is not finite.
  let spoilt = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(values[i]);
    if (magnitude > largest) largest = magnitude;
    spoilt += magnitude * 0;
  }
  return largest + spoilt;
}

function restored(codes: Uint8Array, { grid, blockLength, scales }: Blocks): Float32Array {
  const values = new Float32Array(codes.length);
  const scaleBits = new Uint32Array(scales.buffer);
  for (let block = 0, from = 0; block < scales.length; block++, from += blockLength) {
    const to = Math.min(from + blockLength, codes.length);
    const scale = scales[block];
    checkScale(scale, scaleBits[block], block);
    if (scale > 0) {
      restoreBlock(codes.subarray(from, to), values.subarray(from, to), { grid, scale, block });
    } else {
      for (let i = from; i < to; i++) if (codes[i] !== 0) throw invalidEncoding(`code ${codes[i]} at scale ${scale}`);
      values.fill(scale, from, to);
    }
  }
  return values;
}

function restoreBlock(
  codes: Uint8Array,
  values: Float32Array,
  { grid, scale, block }: { grid: Grid; scale: number; block: number },
): void {
  const { codeStep, extreme, lastCode } = grid;
  const unit = scale / extreme;
  let extremes = 0;
  let largest = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0 || code === lastCode) extremes++;
    if (code > largest) largest = code;
    // Rounding to float32 absorbs that of the unit, so that the extreme codes are -scale and scale exactly.
    values[i] = (codeStep * code - extreme) * unit;
  }
  if (largest > lastCode) throw invalidEncoding(`code ${largest} in block ${block}`);
  if (extremes === 0) throw invalidEncoding(`no value at the scale of block ${block}`);
  if (scale < sparseScale) checkReachable(codes, values, { grid, scale, block });
}

/** Below, levels lie closer than float32 numbers do, and some codes are those of no number. */
const sparseScale = 2 ** -126 * 512;

function checkReachable(
  codes: Uint8Array,
  values: Float32Array,
  { grid, scale, block }: { grid: Grid; scale: number; block: number },
): void {
  const again = quantized(values, { grid, blockLength: values.length, scales: new Float32Array(1) });
  for (let i = 0; i < codes.length; i++) {
    if (again[i] !== codes[i]) throw invalidEncoding(`code ${codes[i]} at scale ${scale} in block ${block}`);
  }
}

/** Scales are finite and not negative, or the one NaN that stands for a spoilt block. */
function checkScale(scale: number, bits: number, block: number): void {
  if (bits === nanBits || (scale >= 0 && scale < Number.POSITIVE_INFINITY && bits !== 0x80000000)) return;
  throw invalidEncoding(`scale ${scale} of block ${block}`);
}
