/** Schedules in which every stage, once warmed up, does one forward and one backward pass in turn. */
import type { PipelineMethod } from "./pipeline-method.ts";
import { uniformSecondsOf } from "./pipeline-method.ts";
import { checkShape, type Pass, type PipelineShape, scheduleOf } from "./pipeline-schedule.ts";

export interface AlternationOptions {
  readonly isFlushed: boolean;
  /** Microbatches that a stage has under way for every stage further down, beside the one that it works on. */
  readonly ahead: number;
}

/** At most 1 + ahead (p - 1 - s) microbatches are under way at stage s. */
export function alternation({ isFlushed, ahead }: AlternationOptions): PipelineMethod {
  const underWayAt = ({ stages, microbatches }: PipelineShape, stage: number): number =>
    Math.min(microbatches, 1 + ahead * (stages - 1 - stage));
  return {
    isFlushed,
    schedule: (shape) => scheduleOf(shape, 1, (stage) => passesOf(shape.microbatches, underWayAt(shape, stage))),
    peakActivations: (shape) => {
      checkShape(shape);
      return Int32Array.from({ length: shape.stages }, (_, stage) => underWayAt(shape, stage));
    },
    uniformSeconds: (shape, stage) => uniformSecondsOf(shape, stage),
  };
}

/** `underWay` forward passes, then backward and forward in turn, then the backward passes that are left. */
function passesOf(microbatches: number, underWay: number): Pass[] {
  const passes: Pass[] = [];
  for (let i = 0; i < microbatches + underWay - 1; i++) {
    if (i < microbatches) passes.push({ microbatch: i, chunk: 0, isBackward: false });
    const back = i - underWay + 1;
    if (back >= 0) passes.push({ microbatch: back, chunk: 0, isBackward: true });
  }
  return passes;
}
