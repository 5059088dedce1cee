/**
 * One forward, one backward (1F1B): each stage fills the pipeline below it, then alternates, and flushes at the end.
 *
 * The same bubble as GPipe, (p - 1) / (m + p - 1), but stage s keeps min(p - s, m) activations only (PipeDream-flush:
 * Narayanan, Phanishayee, Shi, Chen and Zaharia, "Memory-efficient pipeline-parallel DNN training", ICML 2021; Narayanan et
 * al., SC 2021, sec. 2.2). Transfers between stages lengthen its rounds (see `steadyPeriodSeconds`); with `ahead` 2 it is
 * eager 1F1B, which keeps about twice the activations to hide them (Zhuang et al., "On optimizing the communication of model
 * parallelism", MLSys 2023).
 */
import { z } from "zod";
import { alternation } from "./alternation.ts";
import type { PipelineMethod } from "./pipeline-method.ts";

export const oneForwardOneBackwardSpec = z.strictObject({
  kind: z.literal("one-forward-one-backward"),
  ahead: z.number().int().min(1).max(1000).default(1).describe("microbatches under way for every stage further down"),
});
export type OneForwardOneBackwardSpec = z.output<typeof oneForwardOneBackwardSpec>;

export function oneForwardOneBackward({ ahead }: OneForwardOneBackwardSpec): PipelineMethod {
  return alternation({ isFlushed: true, ahead });
}
