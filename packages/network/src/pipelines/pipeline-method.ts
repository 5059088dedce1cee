/** Pipeline schedules: the interface that every one of them meets. */
import type { PipelineSchedule, PipelineShape } from "./pipeline-schedule.ts";

export interface PipelineMethod {
  /** Whether the pipeline runs empty before each update of the weights, so that both passes see the same ones. */
  readonly isFlushed: boolean;
  /** The order of passes. @throws as `checkShape`, and where the method cannot serve the shape */
  schedule(shape: PipelineShape): PipelineSchedule;
  /** Activations that each stage holds at most, in closed form, in microbatches of one chunk. */
  peakActivations(shape: PipelineShape): Int32Array;
  /** Seconds for all microbatches where all stages are alike and transfers take no time, in closed form. */
  uniformSeconds(shape: PipelineShape, stage: StageSeconds): number;
}

/** What one stage, with all its chunks, takes for one microbatch. */
export interface StageSeconds {
  readonly forwardSeconds: number;
  readonly backwardSeconds: number;
}

/**
 * Share of the time that stages stand idle where they are alike and transfers take no time: (p - 1) / (v m + p - 1) for
 * v chunks a stage (Huang et al., "GPipe", NeurIPS 2019, sec. 2.3; Narayanan et al., "Efficient large-scale language model
 * training on GPU clusters using Megatron-LM", SC 2021, sec. 2.2, who divide by the busy time instead: (p - 1) / (v m)).
 */
export function bubbleFraction({ stages, microbatches }: PipelineShape, chunks = 1): number {
  return (stages - 1) / (chunks * microbatches + stages - 1);
}

/** (m + (p - 1) / v) (forward + backward): the time that goes with `bubbleFraction`. */
export function uniformSecondsOf(shape: PipelineShape, stage: StageSeconds, chunks = 1): number {
  const perMicrobatch = stage.forwardSeconds + stage.backwardSeconds;
  return (shape.microbatches + (shape.stages - 1) / chunks) * perMicrobatch;
}
