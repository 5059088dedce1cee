/**
 * Interleaved one forward, one backward: each stage holds v chunks of the model, so that the pipeline fills v times faster.
 *
 * Bubble (p - 1) / (v m + p - 1), for v times as many transfers; microbatches must be a multiple of the stages (Narayanan
 * et al., "Efficient large-scale language model training on GPU clusters using Megatron-LM", SC 2021, sec. 2.2). The order is
 * that of Megatron-LM: stage s warms up with 2 (p - s - 1) + (v - 1) p forward passes of chunks, and with all of them where
 * there are as many microbatches as stages.
 */
import { z } from "zod";
import { type PipelineMethod, uniformSecondsOf } from "./pipeline-method.ts";
import { checkShape, type Pass, type PipelineShape, scheduleOf } from "./pipeline-schedule.ts";

export const interleavedOneForwardOneBackwardSpec = z.strictObject({
  kind: z.literal("interleaved-one-forward-one-backward"),
  chunks: z.number().int().min(2).max(64).default(2).describe("slices of the model that each stage holds"),
});
export type InterleavedOneForwardOneBackwardSpec = z.output<typeof interleavedOneForwardOneBackwardSpec>;

export function interleavedOneForwardOneBackward({ chunks }: InterleavedOneForwardOneBackwardSpec): PipelineMethod {
  return {
    isFlushed: true,
    schedule: (shape) => {
      checkDivisible(shape);
      return scheduleOf(shape, chunks, (stage) => passesOf(shape, chunks, stage));
    },
    peakActivations: (shape) => {
      checkDivisible(shape);
      const total = chunks * shape.microbatches;
      return Int32Array.from({ length: shape.stages }, (_, stage) =>
        Math.min(total, warmUpOf(shape, chunks, stage) + 1),
      );
    },
    uniformSeconds: (shape, stage) => {
      checkDivisible(shape);
      return uniformSecondsOf(shape, stage, chunks);
    },
  };
}

function checkDivisible(shape: PipelineShape): void {
  checkShape(shape);
  const { stages, microbatches } = shape;
  if (microbatches % stages === 0) return;
  throw new Error(`invalid microbatches: ${microbatches} (expected a multiple of the stages, ${stages})`);
}

function warmUpOf({ stages, microbatches }: PipelineShape, chunks: number, stage: number): number {
  const total = chunks * microbatches;
  if (microbatches === stages) return total;
  return Math.min(total, 2 * (stages - stage - 1) + (chunks - 1) * stages);
}

function passesOf(shape: PipelineShape, chunks: number, stage: number): Pass[] {
  const { stages, microbatches } = shape;
  const total = chunks * microbatches;
  // Groups of p microbatches go through all chunks before the next group begins.
  const passAt = (i: number, isBackward: boolean): Pass => {
    const chunk = Math.floor(i / stages) % chunks;
    const microbatch = Math.floor(i / (stages * chunks)) * stages + (i % stages);
    return { microbatch, chunk: isBackward ? chunks - 1 - chunk : chunk, isBackward };
  };
  const warmUp = warmUpOf(shape, chunks, stage);
  const passes: Pass[] = [];
  for (let i = 0; i < total + warmUp; i++) {
    if (i < total) passes.push(passAt(i, false));
    if (i >= warmUp) passes.push(passAt(i - warmUp, true));
  }
  return passes;
}
