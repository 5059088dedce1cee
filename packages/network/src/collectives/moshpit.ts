/**
 * Moshpit all-reduce on a full grid: p = M^d ranks stand in d dimensions, and groups of M along one dimension after another
 * sum among themselves by direct exchange; after d of them every rank holds the sum of all.
 *
 * Time d (2 alpha + 2 (M - 1)/M n beta + (M - 1)/M n gamma): more bytes than one direct exchange, but a rank that fails
 * spoils the round of M ranks and not of p (Ryabinin, Gorbunov, Plokhotnyuk and Pekhimenko, "Moshpit SGD", NeurIPS 2021,
 * sec. 3.1, where exactness is claimed for full grids). The paper's averaging over incomplete grids, which converges
 * without being exact, is not modelled.
 */
import { z } from "zod";
import type { AlphaBeta, Collective, CollectiveCost } from "./collective.ts";
import {
  type CollectiveProblem,
  type CommunicationSchedule,
  checkProblem,
  ScheduleBuilder,
} from "./communication-schedule.ts";
import { addExchange, exchangeCost } from "./direct-exchange.ts";

export const moshpitSpec = z.strictObject({
  kind: z.literal("moshpit"),
  groupSize: z.number().int().min(2).max(10_000).default(16).describe("ranks that sum among themselves at a time"),
});
export type MoshpitSpec = z.output<typeof moshpitSpec>;

export function moshpit({ groupSize }: MoshpitSpec): Collective {
  return {
    schedule: (problem) => schedule(problem, groupSize),
    cost: (problem, links) => cost(problem, links, groupSize),
  };
}

/** d for M^d ranks. @throws Error `invalid ranks: ...` for other numbers */
function dimensionsOf({ ranks }: CollectiveProblem, groupSize: number): number {
  let dimensions = 0;
  let product = 1;
  for (; product < ranks; product *= groupSize) dimensions += 1;
  if (product !== ranks) throw new Error(`invalid ranks: ${ranks} (expected a power of the group size, ${groupSize})`);
  return dimensions;
}

function schedule(problem: CollectiveProblem, groupSize: number): CommunicationSchedule {
  const builder = new ScheduleBuilder(problem);
  const dimensions = dimensionsOf(problem, groupSize);
  let stride = 1;
  for (let dimension = 0; dimension < dimensions; dimension++, stride *= groupSize) {
    for (const isReduction of [true, false]) {
      builder.beginRound();
      for (let rank = 0; rank < problem.ranks; rank++) {
        if (Math.floor(rank / stride) % groupSize !== 0) continue;
        const group = Int32Array.from({ length: groupSize }, (_, member) => rank + member * stride);
        addExchange(builder, group, { elements: problem.elements, isReduction });
      }
    }
  }
  return builder.build();
}

function cost(problem: CollectiveProblem, links: AlphaBeta, groupSize: number): CollectiveCost {
  checkProblem(problem);
  const dimensions = dimensionsOf(problem, groupSize);
  const group = exchangeCost({ ...problem, ranks: groupSize }, links);
  return {
    seconds: dimensions * group.seconds,
    rounds: dimensions * group.rounds,
    totalBytes: (dimensions * group.totalBytes * problem.ranks) / groupSize,
  };
}
