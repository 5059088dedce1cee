/** Fitting any number of ranks to methods that need a power of two. */
import type { AlphaBeta } from "./collective.ts";
import type { CollectiveProblem, ScheduleBuilder } from "./communication-schedule.ts";

/**
 * The ranks that go on: with p' the largest power of two up to p, and r = p - p', the first r odd ranks (which took over
 * from their even neighbours) and all ranks from 2 r on.
 */
export function coreRanks(ranks: number): Int32Array {
  let size = 1;
  while (2 * size <= ranks) size *= 2;
  const rest = ranks - size;
  return Int32Array.from({ length: size }, (_, core) => (core < rest ? 2 * core + 1 : core + rest));
}

/** Before: each even rank below 2 r sends its whole vector to the next, and waits. One round, when r > 0. */
export function foldIn(builder: ScheduleBuilder, { ranks, elements }: CollectiveProblem): void {
  const rest = ranks - coreRanks(ranks).length;
  if (rest === 0) return;
  builder.beginRound();
  for (let pair = 0; pair < rest; pair++) {
    builder.add({ from: 2 * pair, to: 2 * pair + 1, begin: 0, end: elements, isReduction: true });
  }
}

/** After: each odd rank below 2 r sends the result back. One round, when r > 0. */
export function foldOut(builder: ScheduleBuilder, { ranks, elements }: CollectiveProblem): void {
  const rest = ranks - coreRanks(ranks).length;
  if (rest === 0) return;
  builder.beginRound();
  for (let pair = 0; pair < rest; pair++) {
    builder.add({ from: 2 * pair + 1, to: 2 * pair, begin: 0, end: elements, isReduction: false });
  }
}

/** What both cost: 2 alpha + 2 n beta + n gamma and 2 r n bytes, or nothing for a power of two. */
export function foldingCost(problem: CollectiveProblem, links: AlphaBeta) {
  const rest = problem.ranks - coreRanks(problem.ranks).length;
  if (rest === 0) return { seconds: 0, rounds: 0, totalBytes: 0 };
  const bytes = problem.elements * problem.bytesPerElement;
  const seconds = 2 * (links.alphaSeconds + bytes * links.betaSecondsPerByte) + bytes * links.gammaSecondsPerByte;
  return { seconds, rounds: 2, totalBytes: 2 * rest * bytes };
}
