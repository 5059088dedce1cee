/**
 * Causal attention (Vaswani et al., NeurIPS 2017) with grouped queries (Ainslie et al., EMNLP 2023) and, where wanted,
 * rotary positions. The queries of a group are stacked upon one another, so that one product serves them all.
 *
 * Backward through the softmax: ds = p (dp - sum(p dp)), where the sum over keys equals the product of the output and its
 * gradient (Dao et al., "FlashAttention", NeurIPS 2022, app. B.2).
 */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import type { Layer, Saved } from "./layer.ts";
import { type RotaryTables, rotaryTables, rotate } from "./rotary.ts";

export interface AttentionSizes {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  /** Tokens of a sequence. */
  readonly context: number;
  readonly positions: "rotary" | "learned";
}

/**
 * What all attention layers of a model share; disposed of by who made it.
 *
 * @property mask [context, context], added to scores: 0 where a token may look, far below all scores where not.
 */
export interface AttentionTables {
  readonly mask: Tensor;
  readonly rotary: RotaryTables | undefined;
}

const forbidden = -1e9;

export function attentionTables({ tf }: Backend, sizes: AttentionSizes): AttentionTables {
  const { context, headWidth, positions } = sizes;
  const mask = new Float32Array(context * context);
  for (let query = 0; query < context; query++)
    for (let key = query + 1; key < context; key++) mask[query * context + key] = forbidden;
  // Queries and keys each take a half of 1 / sqrt(head width) along.
  const scale = Math.sqrt(1 / Math.sqrt(headWidth));
  return {
    mask: tf.tensor2d(mask, [context, context]),
    rotary: positions === "rotary" ? rotaryTables(tf, { positions: context, headWidth, scale }) : undefined,
  };
}

interface SavedAttention extends Saved {
  readonly x: Tensor2D;
  /** [batch keyValueHeads, group context, headWidth], scaled and turned. */
  readonly queries: Tensor3D;
  /** [batch keyValueHeads, context, headWidth]. */
  readonly keys: Tensor3D;
  readonly values: Tensor3D;
  /** [batch keyValueHeads, group context, context]. */
  readonly shares: Tensor3D;
  /** Like the queries. */
  readonly mixed: Tensor3D;
  /** [rows, heads headWidth]. */
  readonly merged: Tensor2D;
}

/** Weights: query-key-value [width, (heads + 2 keyValueHeads) headWidth], out [heads headWidth, width]. */
export function attention(backend: Backend, sizes: AttentionSizes, tables: AttentionTables): Layer<SavedAttention> {
  return {
    weights: 2,
    forward: (weights, x) => forward({ backend, sizes, tables }, weights as Tensor2D[], x as Tensor2D),
    backward: (weights, dy, saved) =>
      backward({ backend, sizes, tables }, weights as Tensor2D[], dy as Tensor2D, saved),
  };
}

interface Parts {
  readonly backend: Backend;
  readonly sizes: AttentionSizes;
  readonly tables: AttentionTables;
}

function forward({ backend, sizes, tables }: Parts, [into, out]: Tensor2D[], x: Tensor2D) {
  const { tf } = backend;
  const { heads, keyValueHeads, headWidth, context } = sizes;
  const batch = x.shape[0] / context;
  const all = splitHeads(backend, backend.matMul(x, into), sizes);
  const turned = turn(
    backend,
    tf.slice(all, [0, 0, 0, 0], [-1, heads + keyValueHeads, -1, -1]),
    { sizes, tables },
    "on",
  );
  const group = heads / keyValueHeads;
  const perGroup: [number, number, number] = [batch * keyValueHeads, group * context, headWidth];
  const perHead: [number, number, number] = [batch * keyValueHeads, context, headWidth];
  const queries: Tensor3D = tf.reshape(tf.slice(turned, [0, 0, 0, 0], [-1, heads, -1, -1]), perGroup);
  const keys: Tensor3D = tf.reshape(tf.slice(turned, [0, heads, 0, 0], [-1, keyValueHeads, -1, -1]), perHead);
  const values: Tensor3D = tf.reshape(
    tf.slice(all, [0, heads + keyValueHeads, 0, 0], [-1, keyValueHeads, -1, -1]),
    perHead,
  );
  const scores = backend.batchMatMul(queries, keys, false, true);
  const masked = tf.add(tf.reshape(scores, [batch * heads, context, context]), tables.mask);
  const shares: Tensor3D = tf.reshape(tf.softmax(masked), [batch * keyValueHeads, group * context, context]);
  const mixed = backend.batchMatMul(shares, values);
  const merged = mergeHeads(backend, tf.reshape(mixed, [batch, heads, context, headWidth]));
  const y = backend.matMul(merged, out);
  return { y, saved: { x: tf.clone(x), queries, keys, values, shares, mixed, merged } };
}

function backward(parts: Parts, [into, out]: Tensor2D[], dy: Tensor2D, saved: SavedAttention) {
  const { backend, sizes, tables } = parts;
  const { tf } = backend;
  const { heads, keyValueHeads, headWidth, context } = sizes;
  const batch = dy.shape[0] / context;
  const dMerged = backend.matMul(dy, out, false, true);
  const dMixed: Tensor3D = tf.reshape(splitHeads(backend, dMerged, sizes), saved.queries.shape);
  const dValues = backend.batchMatMul(saved.shares, dMixed, true, false);
  const dShares = backend.batchMatMul(dMixed, saved.values, false, true);
  const rowSums = tf.sum(tf.mul(dMixed, saved.mixed), 2, true);
  const dScores: Tensor3D = tf.mul(saved.shares, tf.sub(dShares, rowSums));
  const dQueries = backend.batchMatMul(dScores, saved.keys);
  const dKeys = backend.batchMatMul(dScores, saved.queries, true, false);
  const perHead = (tensor: Tensor, count: number) => tf.reshape(tensor, [batch, count, context, headWidth]);
  const dTurned = tf.concat([perHead(dQueries, heads), perHead(dKeys, keyValueHeads)], 1);
  const dAll = tf.concat([turn(backend, dTurned, { sizes, tables }, "back"), perHead(dValues, keyValueHeads)], 1);
  const dProjected = mergeHeads(backend, dAll);
  return {
    dx: backend.matMul(dProjected, into, false, true),
    gradients: [backend.matMul(saved.x, dProjected, true, false), backend.matMul(saved.merged, dy, true, false)],
  };
}

/** Queries and keys [batch, heads, context, headWidth] by their positions and the scale of scores; or gradients back. */
function turn(
  { tf }: Backend,
  x: Tensor,
  { sizes, tables }: Pick<Parts, "sizes" | "tables">,
  direction: "on" | "back",
): Tensor {
  if (tables.rotary !== undefined) return rotate(tf, x, tables.rotary, direction);
  return tf.mul(x, Math.sqrt(1 / Math.sqrt(sizes.headWidth)));
}

/** [rows, heads headWidth] to [batch, heads, context, headWidth]. */
function splitHeads({ tf }: Backend, x: Tensor, { context, headWidth }: AttentionSizes): Tensor {
  const [rows, columns] = x.shape;
  return tf.transpose(tf.reshape(x, [rows / context, context, columns / headWidth, headWidth]), [0, 2, 1, 3]);
}

/** Back to [rows, heads headWidth]. */
function mergeHeads({ tf }: Backend, x: Tensor): Tensor2D {
  const [batch, heads, context, headWidth] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * context, heads * headWidth]);
}
