/** What a worker's numbers are made from. */
import type { Compressor, TensorStore } from "@shardlab/contracts";
import type { LearningOptions } from "../training-context.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";

/**
 * @property store where tensors that come and go are.
 * @property activations compressor of what crosses stage boundaries, both ways; its constraint becomes the model's.
 * @property gradients compressor of what replicas exchange whole.
 * @property owner names this worker over all its lives: with a checkpoint of its own, what its encoders remembered comes back.
 */
export interface StageComputeOptions extends Omit<LearningOptions, "constraint"> {
  readonly store: TensorStore;
  readonly activations: Compressor;
  readonly gradients: Compressor;
  readonly checkpoints: CheckpointStore;
  readonly owner?: string | undefined;
}
