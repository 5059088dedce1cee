/**
 * Fills the compute port with real numbers: a backend, the compressors that the scenario names, and a stage of its model. The
 * computing thread of a worker imports this module by its URL; a simulation with `compute: real` uses it in its own thread.
 */
import { createCompressor } from "@shardlab/compressors";
import type { Compressor, Plain, StageCompute, TensorStore } from "@shardlab/contracts";
import {
  type Backend,
  type CheckpointStore,
  createStageCompute as createTrainer,
  openBackend,
} from "@shardlab/learning";
import { planModel } from "@shardlab/learning/spec";
import type { ComputeContext } from "@shardlab/runner/compute/compute-module";
import type { SwarmScenario } from "@shardlab/scenario";

/** What decides a worker's numbers; it survives as JSON. */
export type StageSettings = Pick<SwarmScenario, "model" | "training"> & { readonly seed: number };

export const stageSettings = ({ model, training }: SwarmScenario, seed: number): StageSettings => ({
  model,
  training,
  seed,
});

/** How the model is cut stays the same throughout a run, so that stage and version name a shard. */
const checkpointsIn = (files: ComputeContext["checkpoints"]): CheckpointStore => ({
  write: ({ stage, version }, bytes) => void files.write(stage, version, bytes),
  read: ({ stage, version }) => files.read(stage, version),
});

/** The two compressors of a run. All nodes draw alike, because they draw from the run's seed. */
export function compressorsOf({ model, training, seed }: StageSettings): {
  readonly activations: Compressor;
  readonly gradients: Compressor;
} {
  const { boundaryWidth: width, vocabulary } = planModel(model);
  const context = { width, vocabulary, seed };
  return {
    activations: createCompressor(training.activations, context),
    gradients: createCompressor(training.gradients, context),
  };
}

export interface StagePlace {
  readonly backend: Backend;
  readonly store: TensorStore;
  readonly checkpoints: CheckpointStore;
  /** Names the worker over all its lives. */
  readonly owner: string;
}

/** A worker's numbers on a backend that is open. */
export function stageComputeOn(settings: StageSettings, place: StagePlace): StageCompute {
  const { model, training, seed } = settings;
  return createTrainer({
    ...{ model, training, seed },
    ...place,
    ...compressorsOf(settings),
  });
}

/** What the computing thread of a worker asks for. @throws BackendError where the backend does not open. */
export async function createStageCompute(settings: Plain, context: ComputeContext): Promise<StageCompute> {
  const { backend: kind, device, threads, store, owner } = context;
  const checkpoints = checkpointsIn(context.checkpoints);
  const backend = await openBackend({ kind, device, threads });
  const compute = stageComputeOn(settings as unknown as StageSettings, { backend, store, checkpoints, owner });
  return {
    run: (task) => compute.run(task),
    dispose: () => {
      compute.dispose();
      backend.dispose();
    },
  };
}
