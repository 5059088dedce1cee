/** What single fields cannot say: settings that do not go together. */
import { createCollective } from "@shardlab/network";
import type { EvaluationSpec, ParallelismSpec } from "./spec.ts";

/** @property path of the field within the scenario's `training`, dots between names. */
export interface Contradiction {
  readonly path: string;
  readonly message: string;
}

export interface CheckedSettings {
  readonly parallelism: ParallelismSpec;
  readonly evaluation?: EvaluationSpec;
  /** Workers of the whole population. */
  readonly workers?: number;
}

/** All contradictions in `settings`; none when the protocol can run them. */
export function protocolContradictions({ parallelism, workers }: CheckedSettings): Contradiction[] {
  const { stages, replicas, microbatches, schedule, reduction } = parallelism;
  const found: Contradiction[] = [];
  if (schedule.kind === "interleaved-one-forward-one-backward") {
    found.push({
      path: "parallelism.schedule.kind",
      message: `unsupported schedule: ${schedule.kind} (a worker holds one stage; choose asynchronous, gpipe or one-forward-one-backward)`,
    });
  }
  if (microbatches < replicas) {
    found.push({
      path: "parallelism.microbatches",
      message: `too few microbatches: ${microbatches} (each of ${replicas} replicas needs one)`,
    });
  }
  if (workers !== undefined && workers < stages) {
    found.push({ path: "parallelism.stages", message: `too many stages: ${stages} for ${workers} workers` });
  }
  try {
    createCollective(reduction).schedule({ ranks: replicas, elements: replicas, bytesPerElement: 4 });
  } catch (error) {
    found.push({ path: "parallelism.replicas", message: error instanceof Error ? error.message : String(error) });
  }
  return found;
}
