/** A collective carried out on virtual time, over any network. */
import type { EventLoop } from "@shardlab/des";
import type { Transport } from "../transfer.ts";
import { type CommunicationSchedule, stepBytes } from "./communication-schedule.ts";

export interface CollectiveRunOptions {
  readonly loop: EventLoop;
  readonly transport: Pick<Transport, "transfer">;
  readonly schedule: CommunicationSchedule;
  /** Node of each rank; rank r is node r unless given. */
  readonly nodes?: ArrayLike<number>;
  /** Time to add a byte to another; 0 unless given. A rank adds one message after the other. */
  readonly gammaSecondsPerByte?: number;
  /** A step begins: what it sends is what its sender holds now. */
  readonly onSend?: (step: number) => void;
  /** A step has arrived and, where it is to be added, has been. */
  readonly onReceive?: (step: number) => void;
  /** A rank has done all its steps. */
  readonly onRankDone?: (rank: number) => void;
  /** All ranks have. Not called after a failure. */
  readonly onDone?: () => void;
  /** The transfer of a step failed; the collective cannot end any more. */
  readonly onFailed?: (step: number) => void;
}

/**
 * Every rank goes through the rounds on its own: it enters the next one in which it has steps as soon as all its steps of
 * the round before are done. A step begins when both ends have entered its round (rendezvous, as for long messages in MPI),
 * so that the messages of two rounds never share a port. There is no barrier.
 */
export class CollectiveRun {
  /** When each rank finished; NaN before. */
  readonly doneAtSeconds: Float64Array;
  private readonly options: CollectiveRunOptions;
  /** The steps of rank r, by round: `stepsOf[offsets[r]]` up to `stepsOf[offsets[r + 1]]`. */
  private readonly offsets: Int32Array;
  private readonly stepsOf: Int32Array;
  private readonly cursor: Int32Array;
  /** Steps of its current round that a rank has not done. */
  private readonly open: Int32Array;
  /** Ends of each step that have entered its round. */
  private readonly ends: Uint8Array;
  private readonly busyUntilSeconds: Float64Array;
  private ranksDone = 0;
  private readonly deliver = (step: number): void => this.finishSend(step);
  private readonly reduced = (step: number): void => this.finishReceive(step);
  private readonly fail = (step: number): void => this.options.onFailed?.(step);

  constructor(options: CollectiveRunOptions) {
    const { schedule } = options;
    this.options = options;
    this.doneAtSeconds = new Float64Array(schedule.ranks).fill(Number.NaN);
    [this.offsets, this.stepsOf] = stepsByRank(schedule);
    this.cursor = this.offsets.slice(0, -1);
    this.open = new Int32Array(schedule.ranks);
    this.ends = new Uint8Array(schedule.steps);
    this.busyUntilSeconds = new Float64Array(schedule.ranks).fill(Number.NEGATIVE_INFINITY);
  }

  /** All ranks enter their first rounds now. To be called once. */
  start(): void {
    for (let rank = 0; rank < this.options.schedule.ranks; rank++) this.enterRound(rank);
  }

  private enterRound(rank: number): void {
    const { schedule, loop, onRankDone, onDone } = this.options;
    const first = this.cursor[rank];
    const last = this.offsets[rank + 1];
    if (first === last) {
      this.doneAtSeconds[rank] = loop.now;
      onRankDone?.(rank);
      if (++this.ranksDone === schedule.ranks) onDone?.();
      return;
    }
    const round = schedule.round[this.stepsOf[first]];
    let next = first;
    while (next < last && schedule.round[this.stepsOf[next]] === round) next += 1;
    this.cursor[rank] = next;
    this.open[rank] = next - first;
    for (let i = first; i < next; i++) {
      const step = this.stepsOf[i];
      if (++this.ends[step] === 2) this.begin(step);
    }
  }

  private begin(step: number): void {
    const { schedule, transport, nodes, onSend } = this.options;
    const [from, to] = [schedule.from[step], schedule.to[step]];
    onSend?.(step);
    transport.transfer({
      from: nodes === undefined ? from : nodes[from],
      to: nodes === undefined ? to : nodes[to],
      bytes: stepBytes(schedule, step),
      onDelivered: this.deliver,
      onFailed: this.fail,
      payload: step,
    });
  }

  /** The sender is free once all has arrived, the receiver once it has added it. */
  private finishSend(step: number): void {
    const { schedule, loop, gammaSecondsPerByte = 0 } = this.options;
    const to = schedule.to[step];
    if (schedule.isReduction[step] === 1 && gammaSecondsPerByte > 0) {
      const begin = Math.max(loop.now, this.busyUntilSeconds[to]);
      this.busyUntilSeconds[to] = begin + stepBytes(schedule, step) * gammaSecondsPerByte;
      loop.schedule(this.busyUntilSeconds[to] - loop.now, this.reduced, step);
    } else {
      this.finishReceive(step);
    }
    this.close(schedule.from[step]);
  }

  private finishReceive(step: number): void {
    this.options.onReceive?.(step);
    this.close(this.options.schedule.to[step]);
  }

  private close(rank: number): void {
    if (--this.open[rank] === 0) this.enterRound(rank);
  }
}

/** Offsets by rank and the steps that each rank sends or receives, in the order of rounds. */
function stepsByRank({ ranks, steps, from, to }: CommunicationSchedule): [Int32Array, Int32Array] {
  const offsets = new Int32Array(ranks + 1);
  for (let step = 0; step < steps; step++) {
    offsets[from[step] + 1] += 1;
    offsets[to[step] + 1] += 1;
  }
  for (let rank = 0; rank < ranks; rank++) offsets[rank + 1] += offsets[rank];
  const next = offsets.slice(0, -1);
  const stepsOf = new Int32Array(2 * steps);
  for (let step = 0; step < steps; step++) {
    stepsOf[next[from[step]]++] = step;
    stepsOf[next[to[step]]++] = step;
  }
  return [offsets, stepsOf];
}
