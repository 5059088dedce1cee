/**
 * Ring: each rank passes parts to the next one; reduce-scatter once round, then all-gather once round.
 *
 * Time 2 (p - 1) alpha + 2 (p - 1)/p n beta + (p - 1)/p n gamma: the least bytes that any all-reduce sends, and the most
 * rounds (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 69, 2009; the
 * formula as in Thakur, Rabenseifner and Gropp, 2005, for their ring). Where p does not divide the vector, n/p is the longest
 * part: that part's own way round takes exactly that long.
 */
import { z } from "zod";
import type { AlphaBeta, Collective, CollectiveCost } from "./collective.ts";
import {
  type CollectiveProblem,
  type CommunicationSchedule,
  checkProblem,
  longestPart,
  partStart,
  ScheduleBuilder,
} from "./communication-schedule.ts";

export const ringSpec = z.strictObject({ kind: z.literal("ring") });
export type RingSpec = z.output<typeof ringSpec>;

export function ring(_spec: RingSpec): Collective {
  return { schedule, cost };
}

function schedule(problem: CollectiveProblem): CommunicationSchedule {
  const { ranks, elements } = problem;
  const builder = new ScheduleBuilder(problem);
  for (const isReduction of [true, false]) {
    for (let hop = 0; hop < ranks - 1; hop++) {
      builder.beginRound();
      for (let from = 0; from < ranks; from++) {
        // Rank r begins with part r; after the reduce-scatter it holds the whole sum of part r + 1.
        const part = (from - hop + (isReduction ? 0 : 1) + ranks) % ranks;
        const begin = partStart(elements, ranks, part);
        const end = partStart(elements, ranks, part + 1);
        builder.add({ from, to: (from + 1) % ranks, begin, end, isReduction });
      }
    }
  }
  return builder.build();
}

function cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost {
  checkProblem(problem);
  const { ranks, elements, bytesPerElement } = problem;
  const hops = ranks - 1;
  const bytes = longestPart(elements, ranks) * bytesPerElement;
  return {
    seconds:
      2 * hops * (links.alphaSeconds + bytes * links.betaSecondsPerByte) + hops * bytes * links.gammaSecondsPerByte,
    rounds: 2 * hops,
    totalBytes: 2 * hops * elements * bytesPerElement,
  };
}
