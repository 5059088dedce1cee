/**
 * The port between a worker and its numbers: tasks on one shard. A worker says what is to be computed in which order; the
 * answer comes back as references and scalars. Tasks of a worker are done one after the other, in the order in which they
 * were asked for, so that sums have one order.
 */
import type { TensorRef } from "./tensor.ts";

/** Which data: `training` microbatches are drawn by (update, microbatch), `held-out` ones by microbatch alone. */
export type DataSplit = "training" | "held-out";

/** A microbatch of an optimiser update, both counted from 0. */
export interface MicrobatchId {
  readonly update: number;
  readonly microbatch: number;
  readonly split: DataSplit;
}

/** A slice of the shard's gradient, flattened in the order of its parameters. */
export interface GradientSlice {
  readonly update: number;
  readonly firstElement: number;
  readonly elementCount: number;
}

/** Where a shard's weights and optimiser state come from. Version u has seen the updates before u; version 0 is initial. */
export type ShardSource =
  | { readonly from: "initial" }
  | { readonly from: "checkpoint"; readonly version: number }
  | { readonly from: "snapshot"; readonly version: number; readonly tensor: TensorRef };

export type ComputeTask =
  /** Become the holder of a stage: replaces whatever was held. Answers with `version`, `elementCount` and `tiedElementCount`. */
  | { readonly kind: "open"; readonly stage: number; readonly stages: number; readonly source: ShardSource }
  /** Give up the shard and everything kept for it. */
  | { readonly kind: "close" }
  /**
   * One microbatch through the stage. Stage 0 takes no input; the last stage answers with `loss` (mean in nats per token)
   * and `tokens` instead of `output`. Training microbatches are kept for their backward pass with the weights they saw.
   */
  | ({ readonly kind: "forward"; readonly input?: TensorRef } & MicrobatchId)
  /** The way back: adds to the gradient of the update. The last stage takes no gradient, stage 0 answers with no output. */
  | ({ readonly kind: "backward"; readonly gradient?: TensorRef } & MicrobatchId)
  /** A slice of the gradient summed so far, to be sent to a replica. */
  | ({ readonly kind: "reduce-export" } & GradientSlice)
  /** A replica's slice: added to ours (ours + theirs; two terms sum alike in either order), or put in its place. */
  | ({ readonly kind: "reduce-import"; readonly mode: "add" | "replace"; readonly tensor: TensorRef } & GradientSlice)
  /** The whole gradient through the compressor between replicas. */
  | { readonly kind: "gradient-encode"; readonly update: number }
  /** Replaces the gradient by the sum of the decoded ones, added in the order given. */
  | { readonly kind: "gradient-decode"; readonly update: number; readonly tensors: readonly TensorRef[] }
  /** The gradient of a matrix that the first and the last stage share, to be sent to the other one. */
  | { readonly kind: "tied-export"; readonly update: number }
  /** Replaces that gradient by (that of the first stage + that of the last stage), added in this order. */
  | { readonly kind: "tied-import"; readonly update: number; readonly tensor: TensorRef }
  /**
   * `squaredNorm` of the gradient divided by `divisor`, in double precision: by parameter, added up in their order. The
   * matrix that two stages share counts at the first stage alone.
   */
  | { readonly kind: "gradient-norm"; readonly update: number; readonly divisor: number }
  /**
   * The optimiser's step with the gradient divided by `divisor`, the number of microbatches over all replicas; version
   * becomes update + 1. `squaredNorm` is that of the whole model, for clipping. With `digest` the answer has the weights'.
   */
  | {
      readonly kind: "apply";
      readonly update: number;
      readonly divisor: number;
      readonly squaredNorm: number;
      readonly digest: boolean;
    }
  /** From now on `discard` returns to the present weights and optimiser state. Opening marks too. */
  | { readonly kind: "mark" }
  /** Drops what is under way (activations, gradients) and returns to the marked state. Answers with `version`. */
  | { readonly kind: "discard" }
  /** The whole shard with its optimiser state, for another holder of the stage. */
  | { readonly kind: "snapshot" }
  /** Writes the same durably, to be opened by version later. Answers with `bytes` and `digest`. */
  | { readonly kind: "checkpoint"; readonly version: number };

export type ComputeTaskKind = ComputeTask["kind"];

/** What a task answers; each kind says which of these it has. `flop` is the work really done. */
export interface ComputeResult {
  readonly flop: number;
  readonly output?: TensorRef;
  readonly loss?: number;
  readonly tokens?: number;
  readonly squaredNorm?: number;
  readonly version?: number;
  /** Elements of the shard's flattened gradient, and of the matrix in it that another stage shares (0 where none is). */
  readonly elementCount?: number;
  readonly tiedElementCount?: number;
  readonly digest?: string;
  readonly bytes?: number;
}

/**
 * Does a worker's tasks, with real numbers or with a model of them. Tensors that a task takes are released by whoever
 * calls `run`, once it has ended; what it answers belongs to the caller.
 */
export interface StageCompute {
  /** @throws Error, or rejects, `out of memory: ...`, `no checkpoint: ...` and the like, with the shard as it was before. */
  run(task: ComputeTask): ComputeResult | Promise<ComputeResult>;
  /** Frees everything. */
  dispose(): void;
}
