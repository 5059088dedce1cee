/**
 * Asynchronous: one forward and one backward in turn without ever flushing; weights change while microbatches are under way.
 *
 * No bubble but the first filling: the microbatches of a shape are those of the whole run. The price is that the backward
 * pass of a microbatch meets weights newer than its forward pass saw, by up to ahead (p - 1 - s) updates at stage s with an
 * update per microbatch (`weightDelays`); stashing old weights or correcting for the delay is up to the optimiser
 * (PipeDream: Narayanan et al., SOSP 2019; delay correction by Nesterov momentum: Ajanthan et al., "Nesterov method for
 * asynchronous pipeline parallel optimization", ICML 2025).
 */
import { z } from "zod";
import { alternation } from "./alternation.ts";
import type { PipelineMethod } from "./pipeline-method.ts";

export const asynchronousSpec = z.strictObject({
  kind: z.literal("asynchronous"),
  ahead: z.number().int().min(1).max(1000).default(1).describe("microbatches under way for every stage further down"),
});
export type AsynchronousSpec = z.output<typeof asynchronousSpec>;

export function asynchronous({ ahead }: AsynchronousSpec): PipelineMethod {
  return alternation({ isFlushed: false, ahead });
}
