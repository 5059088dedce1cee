/**
 * Top-k: the k values of largest magnitude, with their indices; the others arrive as zero. Equal magnitudes: lower index first.
 *
 * Sources: Aji and Heafield, "Sparse communication for distributed gradient descent", EMNLP 2017 (arXiv 1704.05021); in chunks
 * of 4096 with 12-bit indices as in SparseLoCo (arXiv 2508.15706) and Templar. The error is at most the largest magnitude left
 * out, and its squared norm at most (1 - k/n) of the tensor's (Stich, Cordonnier and Jaggi, NeurIPS 2018, lemma A.1).
 *
 * On the wire, ahead of the values: ascending indices of ceil(log2 n) bits each (n the chunk's length), or a bitmap of n bits
 * where that is shorter, or nothing where everything is kept. Values that are zero to the encoder are kept when there are not
 * k others. Infinities count as larger than all numbers and NaN as larger still, so that they are seen at the receiver.
 */
import type { Compressor, Decoded, TensorDescription } from "@shardlab/contracts";
import { share } from "@shardlab/contracts";
import { z } from "zod";
import { indexBits, packIndices, unpackIndices } from "./index-packing.ts";
import { selectLargest } from "./largest-magnitudes.ts";
import { type Reduced, type Reducer, reducingCompressor } from "./reducer.ts";
import { elementsOf, invalidEncoding } from "./tensor-bytes.ts";
import { valueFormat, valueFormatSpec } from "./value-format.ts";

export const topKSpec = z
  .strictObject({
    kind: z.literal("top-k"),
    share: share().optional().describe("of the values that is kept, rounded, at least one unless 0; 1 % by default"),
    count: z
      .number()
      .int()
      .min(0)
      .max(2 ** 31)
      .optional()
      .describe("values kept of each chunk, instead of a share"),
    chunk: z
      .number()
      .int()
      .min(1)
      .max(2 ** 31)
      .optional()
      .describe("consecutive values among which the largest are chosen; the whole tensor by default"),
    values: valueFormatSpec.default("float32").describe("how kept values travel"),
  })
  .refine(({ share, count }) => share === undefined || count === undefined, {
    path: ["count"],
    error: "expected a share or a count, not both",
  });
export type TopKSpec = z.output<typeof topKSpec>;

export function topK(spec: TopKSpec): Compressor {
  return reducingCompressor(spec.kind, topKReducer(spec), valueFormat(spec.values));
}

export function topKReducer(spec: TopKSpec): Reducer {
  return {
    coefficientsOf: (tensor) => ({ ...tensor, shape: [layoutOf(spec, tensor).kept] }),
    sideBytes: (tensor) => Math.ceil(layoutOf(spec, tensor).bits / 8),
    isExact: (tensor) => layoutOf(spec, tensor).kept === elementsOf(tensor),
    reduce: (values, tensor) => reduce(values, layoutOf(spec, tensor)),
    expand: (reduced, tensor, areExact) => expand(reduced, layoutOf(spec, tensor), areExact),
  };
}

/** One chunk of a tensor, and where its kept values and index bits begin. */
interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly kept: number;
  readonly firstKept: number;
  readonly firstBit: number;
}

/** Chunks of `chunkLength`, the last one perhaps shorter. */
interface Layout {
  readonly elements: number;
  readonly chunkLength: number;
  readonly keptOf: (length: number) => number;
  /** Kept values and index bits in all. */
  readonly kept: number;
  readonly bits: number;
}

function layoutOf(spec: TopKSpec, tensor: TensorDescription): Layout {
  const elements = elementsOf(tensor);
  const chunkLength = Math.max(1, Math.min(spec.chunk ?? elements, elements));
  const chunks = Math.floor(elements / chunkLength);
  const rest = elements % chunkLength;
  const keptOf = (length: number): number => keptBy(spec, length);
  const [kept, keptOfRest] = [keptOf(chunkLength), keptOf(rest)];
  return {
    elements,
    chunkLength,
    keptOf,
    kept: chunks * kept + keptOfRest,
    bits: chunks * indexBits(chunkLength, kept) + indexBits(rest, keptOfRest),
  };
}

function keptBy({ share: part, count }: TopKSpec, length: number): number {
  if (count !== undefined) return Math.min(count, length);
  if (part === 0 || length === 0) return 0;
  return Math.max(1, Math.round((part ?? 0.01) * length));
}

function* chunksOf({ elements, chunkLength, keptOf }: Layout): Generator<Chunk> {
  let firstKept = 0;
  let firstBit = 0;
  for (let from = 0; from < elements; from += chunkLength) {
    const to = Math.min(from + chunkLength, elements);
    const kept = keptOf(to - from);
    yield { from, to, kept, firstKept, firstBit };
    firstKept += kept;
    firstBit += indexBits(to - from, kept);
  }
}

function reduce(values: Float32Array, layout: Layout): Reduced {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const positions = new Uint32Array(layout.kept);
  const coefficients = new Float32Array(layout.kept);
  const side = new Uint8Array(Math.ceil(layout.bits / 8));
  for (const chunk of chunksOf(layout)) {
    const { from, to, kept, firstKept, firstBit } = chunk;
    selectLargest(words, chunk, { out: positions, at: firstKept });
    for (let i = firstKept; i < firstKept + kept; i++) coefficients[i] = values[from + positions[i]];
    packIndices(positions.subarray(firstKept, firstKept + kept), { length: to - from, firstBit }, side);
  }
  return { coefficients, side };
}

function expand({ coefficients, side }: Reduced, layout: Layout, areExact: boolean): Decoded {
  const { elements, kept: keptOfAll, bits } = layout;
  if (bits % 8 !== 0 && side[side.length - 1] >> (bits % 8) !== 0) throw invalidEncoding("bits after the last index");
  const values = new Float32Array(elements);
  const positions = new Uint32Array(keptOfAll);
  for (const { from, to, kept, firstKept, firstBit } of chunksOf(layout)) {
    const ofChunk = positions.subarray(firstKept, firstKept + kept);
    unpackIndices(side, { length: to - from, firstBit }, ofChunk);
    if (areExact) checkZeros(coefficients.subarray(firstKept, firstKept + kept), ofChunk);
    for (let i = 0; i < kept; i++) values[from + ofChunk[i]] = coefficients[firstKept + i];
  }
  return { values };
}

/** A zero is kept only where all that were left out are zeros of higher index. */
function checkZeros(coefficients: Float32Array, positions: Uint32Array): void {
  let last = coefficients.length - 1;
  while (last >= 0 && coefficients[last] !== 0) last--;
  if (last >= 0 && positions[last] !== last) throw invalidEncoding(`zero kept at ${positions[last]}`);
}
