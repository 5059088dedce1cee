/**
 * GPipe: all forward passes, then all backward passes in the opposite order, then a flush.
 *
 * Bubble (p - 1) / (m + p - 1); every stage keeps the activations of all m microbatches, unless it recomputes them, which
 * counts as backward time here (Huang et al., "GPipe: efficient training of giant neural networks using pipeline
 * parallelism", NeurIPS 2019).
 */
import { z } from "zod";
import { type PipelineMethod, uniformSecondsOf } from "./pipeline-method.ts";
import { checkShape, type Pass, type PipelineSchedule, type PipelineShape, scheduleOf } from "./pipeline-schedule.ts";

export const gpipeSpec = z.strictObject({ kind: z.literal("gpipe") });
export type GpipeSpec = z.output<typeof gpipeSpec>;

export function gpipe(_spec: GpipeSpec): PipelineMethod {
  return {
    isFlushed: true,
    schedule,
    peakActivations: (shape) => {
      checkShape(shape);
      return new Int32Array(shape.stages).fill(shape.microbatches);
    },
    uniformSeconds: (shape, stage) => uniformSecondsOf(shape, stage),
  };
}

function schedule(shape: PipelineShape): PipelineSchedule {
  const passes: Pass[] = [];
  for (let i = 0; i < shape.microbatches; i++) passes.push({ microbatch: i, chunk: 0, isBackward: false });
  for (let i = shape.microbatches - 1; i >= 0; i--) passes.push({ microbatch: i, chunk: 0, isBackward: true });
  return scheduleOf(shape, 1, () => passes);
}
