/** Models cut into stages, with forward and backward passes, optimisers and data. */
export * from "./backends/index.ts";
export * from "./contributions/index.ts";
export type { Batch, BatchId, DataSource } from "./data/data-source.ts";
export { drawMarkovChain, type MarkovChain, type MarkovSpec, windowEntropy } from "./data/markov.ts";
export type { ModelPlan, ParameterPlan, PartPlan } from "./models/model-plan.ts";
export * from "./spec.ts";
export {
  type CheckpointKey,
  type CheckpointStore,
  checkpointName,
  MemoryCheckpointStore,
} from "./stage/checkpoint-store.ts";
export { digestOf, MemoryTensorStore } from "./stage/memory-tensor-store.ts";
export { readShard, type ShardContents, writeShard } from "./stage/shard-file.ts";
export type { StageComputeOptions } from "./stage/stage-options.ts";
export { createStageCompute } from "./stage/stage-trainer.ts";
export { microbatchTokensOf, type StageCost, type StageCostOptions, stageCosts } from "./stage-costs.ts";
export { cutIntoStages, type StageParts } from "./stage-cut.ts";
export type { LearningOptions } from "./training-context.ts";
export { measureTrainingStep, type TrainingStepOptions, type TrainingStepRate } from "./training-step-rate.ts";
export {
  type ReplicaSum,
  sumInOrder,
  type UnshardedOptions,
  UnshardedTrainer,
  type UnshardedUpdate,
} from "./unsharded-trainer.ts";
