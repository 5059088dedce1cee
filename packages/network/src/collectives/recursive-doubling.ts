/**
 * Recursive doubling: ranks at distance 1, 2, 4, ... exchange their whole vectors and add them.
 *
 * Time lg p (alpha + n beta + n gamma) for a power of two: the fewest rounds, for short vectors (Thakur, Rabenseifner and
 * Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19(1), 2005). Other numbers of ranks are
 * folded to the largest power of two p' within, as in MPICH: lg p' rounds, and 2 alpha + 2 n beta + n gamma more.
 */
import { z } from "zod";
import type { AlphaBeta, Collective, CollectiveCost } from "./collective.ts";
import {
  type CollectiveProblem,
  type CommunicationSchedule,
  checkProblem,
  ScheduleBuilder,
} from "./communication-schedule.ts";
import { coreRanks, foldIn, foldingCost, foldOut } from "./folding.ts";

export const recursiveDoublingSpec = z.strictObject({ kind: z.literal("recursive-doubling") });
export type RecursiveDoublingSpec = z.output<typeof recursiveDoublingSpec>;

export function recursiveDoubling(_spec: RecursiveDoublingSpec): Collective {
  return { schedule, cost };
}

function schedule(problem: CollectiveProblem): CommunicationSchedule {
  const builder = new ScheduleBuilder(problem);
  const core = coreRanks(problem.ranks);
  foldIn(builder, problem);
  for (let distance = 1; distance < core.length; distance *= 2) {
    builder.beginRound();
    for (let own = 0; own < core.length; own++) {
      builder.add({ from: core[own], to: core[own ^ distance], begin: 0, end: problem.elements, isReduction: true });
    }
  }
  foldOut(builder, problem);
  return builder.build();
}

function cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost {
  checkProblem(problem);
  const folding = foldingCost(problem, links);
  const bytes = problem.elements * problem.bytesPerElement;
  const core = coreRanks(problem.ranks).length;
  let rounds = 0;
  for (let distance = 1; distance < core; distance *= 2) rounds += 1;
  const perRound = links.alphaSeconds + bytes * (links.betaSecondsPerByte + links.gammaSecondsPerByte);
  return {
    seconds: folding.seconds + rounds * perRound,
    rounds: folding.rounds + rounds,
    totalBytes: folding.totalBytes + rounds * core * bytes,
  };
}
