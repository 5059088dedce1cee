/** The contract of data: any node draws any microbatch by itself. */
import type { DataSplit } from "@shardlab/contracts";
import type { Streams } from "@shardlab/random";
import type { ModelPlan } from "../models/model-plan.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/**
 * Examples of a microbatch, one after the other.
 *
 * @property tokens ids, rowsPerExample of each example; empty where examples are vectors.
 * @property features of each example, row-major; empty where examples are sequences of tokens.
 * @property targets what is to be predicted at each row: the next token, or the class.
 */
export interface Batch {
  readonly tokens: Int32Array;
  readonly features: Float32Array;
  readonly targets: Int32Array;
}

/** Which microbatch. Held-out ones are the same at every update, which is 0 for them. */
export interface BatchId {
  readonly split: DataSplit;
  readonly update: number;
  readonly microbatch: number;
}

export interface DataSource {
  /** @throws Error `invalid microbatch: ...` beyond 2^20 of them, or 2^32 updates. */
  batch(id: BatchId): Batch;
  /** The least expected loss that any model of this context can have, in nats per target; undefined where nobody knows. */
  readonly lossFloor?: number;
}

/**
 * @property plan of the model that is to learn.
 * @property microbatchSize examples of a microbatch.
 * @property streams of the run: microbatches come from streams of their own in them.
 */
export interface DataContext {
  readonly plan: ModelPlan;
  readonly microbatchSize: number;
  readonly streams: Streams;
  readonly tokenizer: (sample: () => string) => Tokenizer;
}

const microbatches = 2 ** 20;
const updates = 2 ** 32;

/** Uniform draws of one microbatch: draw i of it is the same whoever asks for it, and belongs to no other one. */
export function batchUniforms(streams: Streams, { split, update, microbatch }: BatchId): (draw: number) => number {
  const isValid = Number.isInteger(microbatch) && microbatch >= 0 && microbatch < microbatches;
  const isKnown = Number.isInteger(update) && update >= 0 && update < updates;
  if (!isValid || !isKnown) throw new Error(`invalid microbatch: ${microbatch} of update ${update}`);
  const isTraining = split === "training";
  const stream = streams.stream(isTraining ? "training data" : "held-out data", isTraining ? update : 0);
  // 2^32 draws are more than any microbatch takes, and leave 2^52 for all of them.
  return (draw) => stream.uniformAt(microbatch * 2 ** 32 + draw);
}
