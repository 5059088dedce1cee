/** Flows of bytes on virtual time, each at its max-min fair rate. */
import { type EventHandle, type EventLoop, priorities } from "@shardlab/des";
import { FairSharing } from "./fair-sharing.ts";
import { lengthened } from "./fair-sharing-graph.ts";
import { IndexedHeap } from "./indexed-heap.ts";

/** Rates are worked out after everything else of an instant, once for all that began or ended in it. */
const afterAll = priorities.normal + 1;

/** Two moments this far apart, relative to the time, are one: it is what adding a delay to a time may round away. */
const timeTolerance = 2 ** -50;

const noEvent = -1;

/** The part of the event kernel that flows need. */
export type FlowClock = Pick<EventLoop, "now" | "schedule" | "cancel">;

/** What one flow needs; `path` is read and not kept. */
export interface FlowSpec {
  readonly bytes: number;
  readonly path: ArrayLike<number>;
  readonly pathLength: number;
  readonly weight: number;
  readonly cap: number;
}

/**
 * A fluid model: a flow's rate changes only when a flow begins or ends, a cap or a capacity changes, and at once then.
 * Only the earliest completion has an event of its own. Each step of time completes a flow at least, so that steps of
 * no length cannot go on for ever; completions of one instant are one step and one solve.
 */
export class FluidFlows {
  private readonly loop: FlowClock;
  private readonly sharing: FairSharing;
  private readonly onDrained: (flow: number) => void;
  /** Flows by the time at which they will be done at their present rates. */
  private readonly completions = new IndexedHeap(0);
  private readonly bytesOnLink: Float64Array;

  private left: Float64Array = new Float64Array(0);
  private rate: Float64Array = new Float64Array(0);
  /** When `left` was last brought up to date. */
  private settledAt: Float64Array = new Float64Array(0);
  private isFlowing: Uint8Array = new Uint8Array(0);

  private timer: EventHandle = noEvent;
  private timerTime = Number.POSITIVE_INFINITY;
  private solveEvent: EventHandle = noEvent;
  private readonly handleTimer = (): void => this.completeDue();
  private readonly handleSolve = (): void => {
    this.solveEvent = noEvent;
    this.refresh();
  };

  /**
   * @param capacities of each link in bytes per second.
   * @param onDrained called with a flow when its last byte has left; the flow is no longer there by then.
   */
  constructor(loop: FlowClock, capacities: ArrayLike<number>, onDrained: (flow: number) => void) {
    this.loop = loop;
    this.sharing = new FairSharing(capacities);
    this.onDrained = onDrained;
    this.bytesOnLink = new Float64Array(capacities.length);
  }

  has(flow: number): boolean {
    return this.isFlowing[flow] === 1;
  }

  /** Begins a flow of more than 0 bytes under a number that is not in use. */
  start(flow: number, { bytes, path, pathLength, weight, cap }: FlowSpec): void {
    this.reserve(flow + 1);
    this.sharing.insert(flow, path, pathLength, weight, cap);
    this.left[flow] = bytes;
    this.rate[flow] = 0;
    this.settledAt[flow] = this.loop.now;
    this.isFlowing[flow] = 1;
    this.scheduleSolve();
  }

  /** Ends a flow before its time; returns the bytes that it leaves unsent. */
  stop(flow: number): number {
    this.settle(flow);
    this.end(flow);
    this.scheduleSolve();
    return this.left[flow];
  }

  setCap(flow: number, cap: number): void {
    this.sharing.setCap(flow, cap);
    this.scheduleSolve();
  }

  setCapacity(link: number, capacity: number): void {
    if (capacity === this.sharing.capacityOf(link)) return;
    this.sharing.setCapacity(link, capacity);
    this.scheduleSolve();
  }

  capacityOf(link: number): number {
    return this.sharing.capacityOf(link);
  }

  /** Bytes per second as last worked out; what has changed in this instant counts once the instant is over. */
  rateOf(flow: number): number {
    return this.has(flow) ? this.rate[flow] : 0;
  }

  /** Bytes not yet sent. */
  bytesLeft(flow: number): number {
    return this.has(flow) ? this.left[flow] - this.unsettled(flow) : 0;
  }

  /** Bytes that have crossed a link so far in flows that have ended, and in others up to their last change of rate. */
  settledBytesOn(link: number): number {
    return this.bytesOnLink[link];
  }

  /** Bytes that a flow has sent and `settledBytesOn` does not count yet. */
  unsettled(flow: number): number {
    return Math.min(this.left[flow], this.rate[flow] * (this.loop.now - this.settledAt[flow]));
  }

  private reserve(flows: number): void {
    if (flows <= this.left.length) return;
    const capacity = Math.max(64, flows, 2 * this.left.length);
    this.completions.reserve(capacity);
    this.left = lengthened(this.left, capacity);
    this.rate = lengthened(this.rate, capacity);
    this.settledAt = lengthened(this.settledAt, capacity);
    this.isFlowing = lengthened(this.isFlowing, capacity);
  }

  private scheduleSolve(): void {
    if (this.solveEvent === noEvent) this.solveEvent = this.loop.schedule(0, this.handleSolve, 0, afterAll);
  }

  /** Brings a flow's bytes up to now. */
  private settle(flow: number): void {
    const sent = this.unsettled(flow);
    this.left[flow] -= sent;
    this.settledAt[flow] = this.loop.now;
    this.sharing.addAlongPath(flow, sent, this.bytesOnLink);
  }

  private end(flow: number): void {
    this.sharing.remove(flow);
    this.completions.remove(flow);
    this.isFlowing[flow] = 0;
    this.rate[flow] = 0;
  }

  /** Gives every flow whose share has changed its new rate and time of completion. */
  private refresh(): void {
    const { sharing, loop } = this;
    sharing.solve();
    for (let i = 0; i < sharing.touchedCount; i++) {
      const flow = sharing.touched[i];
      const rate = sharing.rates[flow];
      if (rate === this.rate[flow]) continue;
      this.settle(flow);
      this.rate[flow] = rate;
      const completion = this.left[flow] > 0 ? loop.now + this.left[flow] / rate : loop.now;
      if (completion < Number.POSITIVE_INFINITY) this.completions.set(flow, completion);
      else this.completions.remove(flow);
    }
    this.setTimer();
  }

  /**
   * A timer that has become too early is left alone: it finds nothing due and is set again. When nothing will complete
   * it goes, lest the clock run on for its sake.
   */
  private setTimer(): void {
    const time = this.completions.topKey;
    if (time >= this.timerTime && this.completions.size > 0) return;
    if (this.timer !== noEvent) this.loop.cancel(this.timer);
    this.timer = noEvent;
    this.timerTime = time;
    if (this.completions.size === 0) return;
    this.timer = this.loop.schedule(Math.max(0, time - this.loop.now), this.handleTimer);
  }

  private completeDue(): void {
    this.timer = noEvent;
    this.timerTime = Number.POSITIVE_INFINITY;
    const { completions, loop } = this;
    const due = loop.now + timeTolerance * Math.abs(loop.now);
    while (completions.topKey <= due) {
      const flow = completions.top;
      // Rounding may leave a trace of a byte: all that is left goes over with the last step.
      this.sharing.addAlongPath(flow, this.left[flow], this.bytesOnLink);
      this.left[flow] = 0;
      this.end(flow);
      this.onDrained(flow);
    }
    if (this.sharing.isStale) this.refresh();
    else this.setTimer();
  }
}
