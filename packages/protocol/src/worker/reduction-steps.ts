/** One rank's part in a collective's schedule. */
import { type CollectiveSpec, type CommunicationSchedule, createCollective } from "@shardlab/network";

/** Steps of one rank as columns, by round; within a round what it sends comes before what it receives. */
export interface ReductionSteps {
  readonly count: number;
  /** Number of the step in the whole schedule, which is what messages carry. */
  readonly step: Int32Array;
  readonly isSend: Uint8Array;
  /** Rank that it is sent to, or comes from. */
  readonly peer: Int32Array;
  readonly firstElement: Float64Array;
  readonly elementCount: Float64Array;
  readonly isReduction: Uint8Array;
}

export interface ReductionProblem {
  readonly collective: CollectiveSpec;
  readonly ranks: number;
  readonly rank: number;
  readonly elements: number;
}

/** Steps found so far: all workers of one process that have shards alike share them, and find them again in each span. */
const known = new Map<string, ReductionSteps>();
const mostKnown = 4096;

/** Steps of `rank` in the sum over `ranks`; a collective that cannot serve so many ranks gives way to direct exchange. */
export function reductionSteps(problem: ReductionProblem): ReductionSteps {
  const { collective, ranks, rank, elements } = problem;
  const key = `${JSON.stringify(collective)} ${ranks} ${rank} ${elements}`;
  let steps = known.get(key);
  if (steps === undefined) {
    if (known.size >= mostKnown) known.clear();
    steps = findSteps(problem);
    known.set(key, steps);
  }
  return steps;
}

function findSteps({ collective, ranks, rank, elements }: ReductionProblem): ReductionSteps {
  const schedule = scheduleFor(collective, ranks, elements);
  const own: number[] = [];
  for (let step = 0; step < schedule.steps; step++) {
    if (schedule.from[step] === rank || schedule.to[step] === rank) own.push(step);
  }
  const isSend = (step: number): boolean => schedule.from[step] === rank;
  own.sort((a, b) => schedule.round[a] - schedule.round[b] || Number(isSend(b)) - Number(isSend(a)) || a - b);
  return {
    count: own.length,
    step: Int32Array.from(own),
    isSend: Uint8Array.from(own, (step) => (isSend(step) ? 1 : 0)),
    peer: Int32Array.from(own, (step) => (isSend(step) ? schedule.to[step] : schedule.from[step])),
    firstElement: Float64Array.from(own, (step) => schedule.firstElement[step]),
    elementCount: Float64Array.from(own, (step) => schedule.elementCount[step]),
    isReduction: Uint8Array.from(own, (step) => schedule.isReduction[step]),
  };
}

function scheduleFor(collective: CollectiveSpec, ranks: number, elements: number): CommunicationSchedule {
  const problem = { ranks, elements, bytesPerElement: 4 };
  try {
    return createCollective(collective).schedule(problem);
  } catch {
    return createCollective({ kind: "direct-exchange" }).schedule(problem);
  }
}
