/** The numbers that a collective moves, one vector per rank. */
import type { CommunicationSchedule } from "./communication-schedule.ts";

/**
 * Vectors that follow a schedule: `send` copies what a step sends, `receive` adds it or puts it in place. The order of
 * additions is that of the calls, so that float sums are those of the run.
 */
export class ReplicaVectors {
  readonly vectors: readonly Float64Array[];
  private readonly schedule: CommunicationSchedule;
  private readonly underWay = new Map<number, Float64Array>();

  /** @param vectors one per rank, of the schedule's length; they are changed in place */
  constructor(schedule: CommunicationSchedule, vectors: readonly Float64Array[]) {
    if (vectors.length !== schedule.ranks) throw new Error(`invalid vectors: ${vectors.length} of ${schedule.ranks}`);
    for (const { length } of vectors) if (length !== schedule.elements) throw new Error(`invalid length: ${length}`);
    this.schedule = schedule;
    this.vectors = vectors;
  }

  /** Copies what the step sends, as it is now. */
  send(step: number): void {
    const { from, firstElement, elementCount } = this.schedule;
    const begin = firstElement[step];
    this.underWay.set(step, this.vectors[from[step]].slice(begin, begin + elementCount[step]));
  }

  /** Applies what the step brought. @throws Error `step not sent: ...` */
  receive(step: number): void {
    const part = this.underWay.get(step);
    if (part === undefined) throw new Error(`step not sent: ${step}`);
    this.underWay.delete(step);
    const { to, firstElement, isReduction } = this.schedule;
    const own = this.vectors[to[step]];
    const begin = firstElement[step];
    if (isReduction[step] === 0) own.set(part, begin);
    else for (let i = 0; i < part.length; i++) own[begin + i] += part[i];
  }
}

/** Carries a schedule out on `vectors` (one per rank, changed in place), round by round and without a clock. */
export function applySchedule(schedule: CommunicationSchedule, vectors: readonly Float64Array[]): void {
  const replicas = new ReplicaVectors(schedule, vectors);
  for (let first = 0; first < schedule.steps; ) {
    let end = first;
    while (end < schedule.steps && schedule.round[end] === schedule.round[first]) replicas.send(end++);
    for (; first < end; first++) replicas.receive(first);
  }
}
