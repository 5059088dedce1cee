/**
 * Binomial tree: reduce to rank 0 along a tree, then broadcast along it.
 *
 * Time ceil(lg p) (2 alpha + 2 n beta + n gamma), for any number of ranks; 2 (p - 1) n bytes in all, most of them through
 * rank 0 (Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", IJHPCA 19(1),
 * 2005: binomial reduce and binomial broadcast one after the other).
 */
import { z } from "zod";
import type { AlphaBeta, Collective, CollectiveCost } from "./collective.ts";
import {
  type CollectiveProblem,
  type CommunicationSchedule,
  checkProblem,
  ScheduleBuilder,
} from "./communication-schedule.ts";

export const binomialTreeSpec = z.strictObject({ kind: z.literal("binomial-tree") });
export type BinomialTreeSpec = z.output<typeof binomialTreeSpec>;

export function binomialTree(_spec: BinomialTreeSpec): Collective {
  return { schedule, cost };
}

/** The distances of the tree's levels: 1, 2, 4, ... below the number of ranks. */
function levelsOf(ranks: number): number[] {
  const levels: number[] = [];
  for (let distance = 1; distance < ranks; distance *= 2) levels.push(distance);
  return levels;
}

function schedule(problem: CollectiveProblem): CommunicationSchedule {
  const { ranks, elements } = problem;
  const builder = new ScheduleBuilder(problem);
  const levels = levelsOf(ranks);
  const pass = (distance: number, isReduction: boolean): void => {
    builder.beginRound();
    for (let parent = 0; parent + distance < ranks; parent += 2 * distance) {
      const [from, to] = isReduction ? [parent + distance, parent] : [parent, parent + distance];
      builder.add({ from, to, begin: 0, end: elements, isReduction });
    }
  };
  for (const distance of levels) pass(distance, true);
  for (const distance of levels.toReversed()) pass(distance, false);
  return builder.build();
}

function cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost {
  checkProblem(problem);
  const bytes = problem.elements * problem.bytesPerElement;
  const levels = levelsOf(problem.ranks).length;
  const perMessage = links.alphaSeconds + bytes * links.betaSecondsPerByte;
  return {
    seconds: levels * (2 * perMessage + bytes * links.gammaSecondsPerByte),
    rounds: 2 * levels,
    totalBytes: 2 * (problem.ranks - 1) * bytes,
  };
}
