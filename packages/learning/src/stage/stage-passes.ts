/** Microbatches on their way through a stage: forward, and back with the weights that they saw. */
import type { DataSplit } from "@shardlab/contracts";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Saved } from "../layers/layer.ts";
import { type BatchTensors, type Part, uploadBatch } from "../parts/part.ts";
import type { TrainingContext } from "../training-context.ts";
import type { Shard } from "./shard.ts";
import type { TensorSet } from "./tensor-set.ts";

/** Input of a part, or undefined where it is the first one; and what its forward pass saved, unless that is computed anew. */
interface PartPass {
  readonly x: Tensor | undefined;
  readonly saved: Saved | undefined;
}

/** A microbatch under way: what the way back needs. */
export interface StagePass {
  readonly weights: TensorSet;
  readonly batch: BatchTensors | undefined;
  readonly tokens: ArrayLike<number> | undefined;
  readonly parts: readonly PartPass[];
}

export interface PassInput {
  /** [rows, width], which the pass takes over; undefined at the first stage. */
  readonly x: Tensor | undefined;
  readonly tokens: ArrayLike<number> | undefined;
  readonly id: { readonly split: DataSplit; readonly update: number; readonly microbatch: number };
}

/** All that a pass holds. */
export function freePass(context: TrainingContext, pass: StagePass): void {
  context.backend.tf.dispose([pass.batch, pass.parts] as never);
  pass.weights.release();
}

export class StagePasses {
  private readonly context: TrainingContext;
  private readonly shard: Shard;
  private readonly parts: readonly Part[];
  private readonly recompute: boolean;

  constructor(context: TrainingContext, shard: Shard, recompute: boolean) {
    this.context = context;
    this.shard = shard;
    this.recompute = recompute;
    this.parts = context.parts.parts.slice(shard.layout.range.firstPart, shard.layout.range.endPart);
  }

  /** What leaves the stage (the loss, at the last one), which is the caller's; and the pass, unless it is of held-out data. */
  forward({ x, tokens, id }: PassInput): { y: Tensor; tokens: ArrayLike<number> | undefined; pass?: StagePass } {
    const { context, shard } = this;
    const { isFirst, isLast } = shard.layout;
    const drawn = isFirst || isLast ? context.batch(id) : undefined;
    const batch = drawn && uploadBatch(context.backend, drawn);
    const isKept = id.split === "training";
    const parts: PartPass[] = [];
    let y = x;
    try {
      this.parts.forEach((part, index) => {
        const before = y;
        const result = part.forward(this.weightsOf(index, shard.weights), { x: before, batch, frozen: context.frozen });
        const isSaved = isKept && !this.recompute;
        parts.push({ x: isKept && !isSaved ? before : undefined, saved: isSaved ? result.saved : undefined });
        y = result.y;
        if (!isSaved) context.backend.tf.dispose(result.saved as never);
        if (!isKept || isSaved) before?.dispose();
      });
    } catch (error) {
      context.backend.tf.dispose([batch, parts, y] as never);
      throw error;
    }
    const known = tokens ?? (drawn !== undefined && drawn.tokens.length > 0 ? drawn.tokens : undefined);
    if (isKept)
      return { y: y as Tensor, tokens: known, pass: { weights: shard.weights.retain(), batch, tokens: known, parts } };
    context.backend.tf.dispose(batch as never);
    return { y: y as Tensor, tokens: known };
  }

  /**
   * The gradient of the stage's input (none at the first stage) and of its weights, one for each slot; all are the caller's. The
   * pass and `dy` stay as they were.
   */
  backward(pass: StagePass, dy: Tensor | undefined): { dx: Tensor | undefined; gradients: Tensor[] } {
    const { tf } = this.context.backend;
    let gradients: Tensor[] = [];
    let now = dy;
    try {
      for (let index = this.parts.length - 1; index >= 0; index--) {
        const before = now;
        const result = this.backwardThrough(index, pass, before);
        if (before !== dy) before?.dispose();
        now = result.dx;
        gradients = [...result.gradients, ...gradients];
      }
    } catch (error) {
      tf.dispose(gradients);
      if (now !== dy) now?.dispose();
      throw error;
    }
    return { dx: now, gradients };
  }

  private backwardThrough(index: number, pass: StagePass, dy: Tensor | undefined) {
    const { context } = this;
    const part = this.parts[index];
    const weights = this.weightsOf(index, pass.weights);
    const input = { batch: pass.batch, frozen: context.frozen };
    const { x, saved } = pass.parts[index];
    if (saved !== undefined) return part.backward(weights, dy, { saved, input });
    const again = part.forward(weights, { ...input, x });
    try {
      return part.backward(weights, dy, { saved: again.saved, input });
    } finally {
      context.backend.tf.dispose([again.y, again.saved] as never);
    }
  }

  private weightsOf(index: number, weights: TensorSet): Tensor[] {
    return this.shard.layout.slotsOfPart[index].map(({ parameter }) => weights.tensors[parameter]);
  }
}
