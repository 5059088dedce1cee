/** What a collective sends: who, to whom, which part of the vector, in which round. */

/** A vector of `elements` on each of `ranks` ranks, whose sum every rank shall hold in the end. */
export interface CollectiveProblem {
  readonly ranks: number;
  readonly elements: number;
  readonly bytesPerElement: number;
}

/**
 * Steps as columns, in the order of rounds. In a round a rank sends parts of what it held when the round began; what it
 * receives it adds to its own (`isReduction` 1) or puts in the place of its own (0).
 */
export interface CommunicationSchedule extends CollectiveProblem {
  readonly rounds: number;
  readonly steps: number;
  readonly round: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The part sent: elements from `firstElement` on, at least one. Doubles, because vectors outgrow 2^31. */
  readonly firstElement: Float64Array;
  readonly elementCount: Float64Array;
  readonly isReduction: Uint8Array;
}

/** @throws Error `invalid ranks: ...`, `invalid elements: ...`, `invalid bytes per element: ...` */
export function checkProblem({ ranks, elements, bytesPerElement }: CollectiveProblem): void {
  if (!(Number.isInteger(ranks) && ranks >= 1 && ranks < 2 ** 31)) throw new Error(`invalid ranks: ${ranks}`);
  if (!(Number.isSafeInteger(elements) && elements >= 1)) throw new Error(`invalid elements: ${elements}`);
  if (!(bytesPerElement > 0 && bytesPerElement < Number.POSITIVE_INFINITY)) {
    throw new Error(`invalid bytes per element: ${bytesPerElement}`);
  }
}

/** Bytes that a step moves. */
export function stepBytes({ elementCount, bytesPerElement }: CommunicationSchedule, step: number): number {
  return elementCount[step] * bytesPerElement;
}

/** Bytes that each rank sends and receives in all. */
export function bytesByRank(schedule: CommunicationSchedule): { sent: Float64Array; received: Float64Array } {
  const sent = new Float64Array(schedule.ranks);
  const received = new Float64Array(schedule.ranks);
  for (let step = 0; step < schedule.steps; step++) {
    sent[schedule.from[step]] += stepBytes(schedule, step);
    received[schedule.to[step]] += stepBytes(schedule, step);
  }
  return { sent, received };
}

/** Where part `part` of `parts` begins when `elements` are split as evenly as they go, the longer parts first. */
export function partStart(elements: number, parts: number, part: number): number {
  return part * Math.floor(elements / parts) + Math.min(part, elements % parts);
}

/** Elements in the longest of `parts` parts. */
export function longestPart(elements: number, parts: number): number {
  return Math.ceil(elements / parts);
}

/** A step to be added: elements from `begin` up to and excluding `end`. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly begin: number;
  readonly end: number;
  readonly isReduction: boolean;
}

/** Collects the steps of one round after another. */
export class ScheduleBuilder {
  private readonly problem: CollectiveProblem;
  private roundCount = 0;
  private readonly round: number[] = [];
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  private readonly firstElement: number[] = [];
  private readonly elementCount: number[] = [];
  private readonly isReduction: number[] = [];

  constructor(problem: CollectiveProblem) {
    checkProblem(problem);
    this.problem = problem;
  }

  /** The steps added from now on belong to a new round. */
  beginRound(): void {
    this.roundCount += 1;
  }

  /** Adds a step to the current round; one without elements is left out. */
  add({ from, to, begin, end, isReduction }: Step): void {
    if (end <= begin) return;
    this.round.push(this.roundCount - 1);
    this.from.push(from);
    this.to.push(to);
    this.firstElement.push(begin);
    this.elementCount.push(end - begin);
    this.isReduction.push(isReduction ? 1 : 0);
  }

  build(): CommunicationSchedule {
    return {
      ...this.problem,
      rounds: this.roundCount,
      steps: this.round.length,
      round: Int32Array.from(this.round),
      from: Int32Array.from(this.from),
      to: Int32Array.from(this.to),
      firstElement: Float64Array.from(this.firstElement),
      elementCount: Float64Array.from(this.elementCount),
      isReduction: Uint8Array.from(this.isReduction),
    };
  }
}
