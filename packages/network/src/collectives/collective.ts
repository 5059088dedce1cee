/** All-reduce: the interface that every way of summing vectors over ranks meets. */
import type { CollectiveProblem, CommunicationSchedule } from "./communication-schedule.ts";

/**
 * The alpha-beta model (Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH",
 * IJHPCA 19(1), 2005, sec. 3): a message of n bytes takes alpha + n beta between any two ranks, adding n bytes to others
 * takes n gamma, and a rank sends and receives at full rate at the same time.
 */
export interface AlphaBeta {
  readonly alphaSeconds: number;
  readonly betaSecondsPerByte: number;
  readonly gammaSecondsPerByte: number;
}

export interface CollectiveCost {
  readonly seconds: number;
  readonly rounds: number;
  /** Sent by all ranks together. */
  readonly totalBytes: number;
}

export interface Collective {
  /** What to send. @throws as `checkProblem`, and `invalid ranks: ...` where the method cannot serve that many */
  schedule(problem: CollectiveProblem): CommunicationSchedule;
  /** What it costs, in closed form; exact also where parts differ in length by one element. */
  cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost;
}
