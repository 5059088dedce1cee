/**
 * Subspace networks: activations and their gradients cross a boundary as k coefficients in a basis that all nodes share.
 *
 * Activation x of token t: c = U^T (x - F[t]) and t itself as uint16; the receiver takes U c + F[t]. Gradient g: U^T g, and
 * U c at the receiver, without ids. U [d, k] has orthonormal columns, F is a frozen embedding of independent normals; both are
 * drawn from the seed and never change (node0 has no update of U; the paper's, on the Grassmann manifold, is not modelled).
 * Where the model obeys the declared constraint, x - F[t] lies in span(U) and nothing is lost but the last bits; elsewhere
 * x - F[t] and g arrive as their orthogonal projections. Roles other than these two pass as float32.
 *
 * Source: Pluralis Research, "Protocol models: scaling decentralized training with communication-efficient model
 * parallelism", NeurIPS 2025 (arXiv 2506.01260), and its code, node0. Its 100x is k = 40 of d = 4096 in bfloat16 with one
 * bfloat16 channel more for the id: 4096 / 41 = 99.9. An infinity or NaN spoils its row, and no other.
 */
import type { Compressor, CompressorContext, EncodeContext, TensorDescription } from "@shardlab/contracts";
import { z } from "zod";
import { createProjection, type Offsets, type Projection, project, unproject } from "./projection.ts";
import { type Reducer, reducingCompressor } from "./reducer.ts";
import { drawBasis, drawFrozenEmbedding, lazyConstraint } from "./subspace-basis.ts";
import { bytesOf, copyOf, elementsOf, invalidEncoding, rowLengthOf } from "./tensor-bytes.ts";
import { valueFormat, valueFormatSpec } from "./value-format.ts";

export const subspaceSpec = z.strictObject({
  kind: z.literal("subspace"),
  rank: z
    .number()
    .int()
    .min(0)
    .max(65_536)
    .optional()
    .describe("columns of the basis, k; by default a hundredth of the model's width, as in node0"),
  frozenDeviation: z.number().min(0).max(1000).default(1).describe("standard deviation of the frozen embedding"),
  values: valueFormatSpec.default("float32").describe("how coefficients travel"),
});
export type SubspaceSpec = z.output<typeof subspaceSpec>;

/** @throws Error `invalid rank: ...` above the width, `invalid vocabulary: ...` above 65,536 */
export function subspace(spec: SubspaceSpec, context: CompressorContext): Compressor {
  const reducer = subspaceReducer(spec, context);
  const compressed = reducingCompressor(spec.kind, reducer, valueFormat(spec.values));
  const passed = reducingCompressor(spec.kind, reducer, valueFormat("float32"));
  const by = (tensor: TensorDescription): Compressor => (isProjected(tensor) ? compressed : passed);
  return {
    ...compressed,
    encodedBytes: (tensor) => by(tensor).encodedBytes(tensor),
    isLossless: (tensor) => by(tensor).isLossless(tensor),
    encoder: (tensor) => by(tensor).encoder(tensor),
    decode: (bytes, tensor) => by(tensor).decode(bytes, tensor),
  };
}

const largestVocabulary = 65_536;

export function subspaceReducer(spec: SubspaceSpec, context: CompressorContext): Reducer {
  const { width, vocabulary, seed } = context;
  const rank = spec.rank ?? Math.max(1, Math.floor(width / 100));
  if (rank > width) throw new Error(`invalid rank: ${rank} (at most the width, ${width})`);
  if (vocabulary > largestVocabulary) {
    throw new Error(`invalid vocabulary: ${vocabulary} (token ids travel as uint16, so at most ${largestVocabulary})`);
  }
  const constraint = lazyConstraint(rank, {
    basis: () => drawBasis({ width, rank, seed }),
    frozenEmbedding: () => drawFrozenEmbedding({ width, vocabulary, seed, deviation: spec.frozenDeviation }),
  });
  let drawn: Projection | undefined;
  const projection = (): Projection => {
    drawn ??= createProjection(constraint.basis, width, rank);
    return drawn;
  };
  const offsetsFor = (entries: Uint16Array): Offsets => ({ table: constraint.frozenEmbedding, entries });
  return {
    constraint,
    coefficientsOf: (tensor) => (isProjected(tensor) ? { ...tensor, shape: [rowsOf(tensor, width), rank] } : tensor),
    sideBytes: (tensor) => (tensor.role === "activation" ? 2 * rowsOf(tensor, width) : 0),
    isExact: (tensor) => !isProjected(tensor) || elementsOf(tensor) === 0,
    reduce(values, tensor, given) {
      if (!isProjected(tensor)) return { coefficients: values, side: nothing };
      if (tensor.role !== "activation") return { coefficients: project(projection(), values), side: nothing };
      const ids = tokensOf(given, { rows: rowsOf(tensor, width), vocabulary });
      return { coefficients: project(projection(), values, offsetsFor(ids)), side: bytesOf(ids) };
    },
    expand({ coefficients, side }, tensor) {
      if (!isProjected(tensor)) return { values: coefficients };
      const reduced = { coefficients, count: rowsOf(tensor, width) };
      if (tensor.role !== "activation") return { values: unproject(projection(), reduced) };
      const tokens = new Uint16Array(copyOf(side).buffer);
      const unknown = tokens.find((token) => token >= vocabulary);
      if (unknown !== undefined) throw invalidEncoding(`token ${unknown} of ${vocabulary}`);
      return { values: unproject(projection(), reduced, offsetsFor(tokens)), tokens };
    },
  };
}

const nothing = new Uint8Array(0);

/** Whether a role is projected rather than passed. */
const isProjected = ({ role }: TensorDescription): boolean => role === "activation" || role === "activation-gradient";

function rowsOf(tensor: TensorDescription, width: number): number {
  if (rowLengthOf(tensor) !== width) {
    throw new Error(`invalid tensor: rows of ${rowLengthOf(tensor)} values (expected the width, ${width})`);
  }
  return elementsOf(tensor) / width;
}

/** The ids as they travel. @throws Error `missing tokens`, `invalid tokens: ...` or `invalid token: ...` */
function tokensOf(
  context: EncodeContext | undefined,
  { rows, vocabulary }: { rows: number; vocabulary: number },
): Uint16Array {
  const tokens = context?.tokens;
  if (tokens === undefined) throw new Error("missing tokens: an activation is encoded with the token ids of its rows");
  if (tokens.length !== rows)
    throw new Error(`invalid tokens: ${tokens.length} (expected one for each of ${rows} rows)`);
  const ids = new Uint16Array(rows);
  for (let row = 0; row < rows; row++) {
    const token = tokens[row];
    if (!(Number.isInteger(token) && token >= 0 && token < vocabulary)) throw new Error(`invalid token: ${token}`);
    ids[row] = token;
  }
  return ids;
}
