/**
 * Direct exchange: every rank is in charge of one part; all send it theirs, it adds them, and sends the sum to all.
 *
 * What hivemind, SWARM and BTARD call butterfly all-reduce (Gorbunov, Borzunov, Diskin and Ryabinin, "Secure distributed
 * training at scale", ICML 2022): two rounds, as few bytes as the ring, and each part is added up by one rank, who can be
 * checked. All messages of a round are under way at once and share the ports of their ranks, so that the time is
 * 2 alpha + 2 (p - 1)/p n beta + (p - 1)/p n gamma on links that share fairly, with n/p the longest part; a rank that could
 * send to one at a time would pay alpha p - 1 times a round.
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

export const directExchangeSpec = z.strictObject({ kind: z.literal("direct-exchange") });
export type DirectExchangeSpec = z.output<typeof directExchangeSpec>;

export function directExchange(_spec: DirectExchangeSpec): Collective {
  return { schedule, cost };
}

function schedule(problem: CollectiveProblem): CommunicationSchedule {
  const builder = new ScheduleBuilder(problem);
  const everyone = Int32Array.from({ length: problem.ranks }, (_, rank) => rank);
  if (problem.ranks > 1) {
    for (const isReduction of [true, false]) {
      builder.beginRound();
      addExchange(builder, everyone, { elements: problem.elements, isReduction });
    }
  }
  return builder.build();
}

/** The messages of one of the two rounds within a group of ranks, to the current round of `builder`. */
export function addExchange(
  builder: ScheduleBuilder,
  group: Int32Array,
  { elements, isReduction }: { readonly elements: number; readonly isReduction: boolean },
): void {
  for (let keeper = 0; keeper < group.length; keeper++) {
    const begin = partStart(elements, group.length, keeper);
    const end = partStart(elements, group.length, keeper + 1);
    for (let other = 0; other < group.length; other++) {
      if (other === keeper) continue;
      const [from, to] = isReduction ? [group[other], group[keeper]] : [group[keeper], group[other]];
      builder.add({ from, to, begin, end, isReduction });
    }
  }
}

function cost(problem: CollectiveProblem, links: AlphaBeta): CollectiveCost {
  checkProblem(problem);
  return exchangeCost(problem, links);
}

/** Cost of the exchange among `ranks` ranks. */
export function exchangeCost(
  { ranks, elements, bytesPerElement }: CollectiveProblem,
  links: AlphaBeta,
): CollectiveCost {
  if (ranks === 1) return { seconds: 0, rounds: 0, totalBytes: 0 };
  const portBytes = (ranks - 1) * longestPart(elements, ranks) * bytesPerElement;
  return {
    seconds: 2 * (links.alphaSeconds + portBytes * links.betaSecondsPerByte) + portBytes * links.gammaSecondsPerByte,
    rounds: 2,
    totalBytes: 2 * (ranks - 1) * elements * bytesPerElement,
  };
}
