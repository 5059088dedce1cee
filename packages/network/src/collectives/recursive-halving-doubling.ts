/**
 * Recursive halving and doubling: reduce-scatter by exchanging halves of ever smaller windows with ranks at distance
 * 1, 2, 4, ..., then all-gather the same way back.
 *
 * Time 2 lg p alpha + 2 (p - 1)/p n beta + (p - 1)/p n gamma for a power of two: as few bytes as the ring, in few rounds
 * (Rabenseifner, "Optimization of collective reduction operations", ICCS 2004; Thakur, Rabenseifner and Gropp,
 * "Optimization of collective communication operations in MPICH", IJHPCA 19(1), 2005). Other numbers of ranks are folded
 * to the largest power of two within, whole vectors at a time: 2 alpha + 2 n beta + n gamma more. Where halves are uneven,
 * the time is that of the longer ones.
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

export const recursiveHalvingDoublingSpec = z.strictObject({ kind: z.literal("recursive-halving-doubling") });
export type RecursiveHalvingDoublingSpec = z.output<typeof recursiveHalvingDoublingSpec>;

export function recursiveHalvingDoubling(_spec: RecursiveHalvingDoublingSpec): Collective {
  return { schedule, cost };
}

/** The elements that core rank `own` is left with after the exchanges at distances below `distance`. */
function windowOf(own: number, distance: number, elements: number): { begin: number; end: number } {
  let [begin, end] = [0, elements];
  for (let bit = 1; bit < distance; bit *= 2) {
    const middle = begin + Math.ceil((end - begin) / 2);
    if ((own & bit) === 0) end = middle;
    else begin = middle;
  }
  return { begin, end };
}

function schedule(problem: CollectiveProblem): CommunicationSchedule {
  const { elements } = problem;
  const builder = new ScheduleBuilder(problem);
  const core = coreRanks(problem.ranks);
  const exchange = (distance: number, isReduction: boolean): void => {
    builder.beginRound();
    for (let own = 0; own < core.length; own++) {
      const partner = own ^ distance;
      // On the way down the partner gets what it will keep, on the way back what we have kept.
      const part = windowOf(isReduction ? partner : own, 2 * distance, elements);
      builder.add({ from: core[own], to: core[partner], ...part, isReduction });
    }
  };
  foldIn(builder, problem);
  for (let distance = 1; distance < core.length; distance *= 2) exchange(distance, true);
  for (let distance = core.length / 2; distance >= 1; distance /= 2) exchange(distance, false);
  foldOut(builder, problem);
  return builder.build();
}

function cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost {
  checkProblem(problem);
  const { alphaSeconds, betaSecondsPerByte, gammaSecondsPerByte } = links;
  const folding = foldingCost(problem, links);
  const core = coreRanks(problem.ranks).length;
  let { seconds, rounds } = folding;
  for (let pieces = 2; pieces <= core; pieces *= 2) {
    const bytes = Math.ceil(problem.elements / pieces) * problem.bytesPerElement;
    seconds += 2 * (alphaSeconds + bytes * betaSecondsPerByte) + bytes * gammaSecondsPerByte;
    rounds += 2;
  }
  // At each level the windows of the pairs make up the vector core / pieces times.
  const totalBytes = folding.totalBytes + 2 * (core - 1) * problem.elements * problem.bytesPerElement;
  return { seconds, rounds, totalBytes };
}
