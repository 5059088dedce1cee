/** The module that computes in a worker: given by URL, imported on the computing thread. */
import type { Plain, StageCompute, TensorStore } from "@shardlab/contracts";
import type { BackendChoice } from "../spec.ts";

/** Durable shards, by stage and version. */
export interface CheckpointStore {
  /** @throws Error `disk full: ...` and the like; what was there before stays. */
  write(stage: number, version: number, bytes: Uint8Array): { readonly bytes: number; readonly digest: string };
  /** This worker's own where there is one, else another's. @throws Error `no checkpoint: ...` or `damaged checkpoint: ...` */
  read(stage: number, version: number): Uint8Array;
}

/** What the computing thread has to work with, beside its settings. */
export interface ComputeContext {
  /** Where the tensors of tasks are, and where answers are put; what is put is not changed before the task ends. */
  readonly store: TensorStore;
  readonly checkpoints: CheckpointStore;
  /** Names this worker over all its lives. */
  readonly owner: string;
  readonly backend: BackendChoice;
  /** `cpu`, `gpu:0` or `adapter=NAME`; a GPU's number is the machine's. */
  readonly device: string;
  readonly threads: number;
}

/** What such a module exports as `createStageCompute`. */
export type CreateStageCompute = (settings: Plain, context: ComputeContext) => StageCompute | Promise<StageCompute>;

export interface ComputeModule {
  readonly createStageCompute: CreateStageCompute;
}
