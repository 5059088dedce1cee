/** Virtual time and the events pending in it, in the total order (time, priority, sequence). */
import { createTraceHash } from "@shardlab/numerics";

/** Called when an event falls due; `payload` is what it was scheduled with. */
export type Handler = (payload: number) => void;

/** Names a pending event, so that it can be cancelled. Handles are never used twice within an event loop. */
export type EventHandle = number;

/** Which events of one instant come first: lower numbers do. */
export const priorities = { urgent: 0, normal: 1 } as const;

/** `auto` chooses by the number of pending events; every queue gives the same order. */
export type QueueKind = "auto" | "heap" | "ladder";

export interface EventLoopOptions {
  readonly queue?: QueueKind;
  /** Seconds at which time starts; 0 unless given. */
  readonly initialTime?: number;
}

export interface RunOptions {
  /** Stop before the first event later than this time, and set the clock to it. To exhaustion unless given. */
  readonly until?: number;
}

interface Entry {
  readonly time: number;
  readonly priority: number;
  readonly sequence: number;
  readonly handler: Handler;
  readonly payload: number;
}

export class EventLoop {
  private time: number;
  private sequence = 0;
  private processed = 0;
  private pending: Entry[] = [];
  private readonly trace = createTraceHash();

  constructor(options: EventLoopOptions = {}) {
    this.time = options.initialTime ?? 0;
  }

  /** The current time in seconds. */
  get now(): number {
    return this.time;
  }

  /** Events processed so far. */
  get eventCount(): number {
    return this.processed;
  }

  /** Events pending. */
  get pendingCount(): number {
    return this.pending.length;
  }

  /** Hash over time bits, priority, sequence and payload of every event processed so far. */
  get traceHash(): string {
    return this.trace.digest();
  }

  /**
   * Calls `handler(payload)` after `delay` seconds.
   * @throws Error `invalid delay: ...` unless it is a finite number of at least 0.
   */
  schedule(delay: number, handler: Handler, payload = 0, priority: number = priorities.normal): EventHandle {
    if (!(delay >= 0 && delay < Number.POSITIVE_INFINITY)) throw new Error(`invalid delay: ${delay}`);
    const sequence = this.sequence++;
    this.pending.push({ time: this.time + delay, priority, sequence, handler, payload });
    this.pending.sort((a, b) => a.time - b.time || a.priority - b.priority || a.sequence - b.sequence);
    return sequence;
  }

  /** Removes a pending event; false when it has been processed or cancelled before. */
  cancel(handle: EventHandle): boolean {
    const index = this.pending.findIndex(({ sequence }) => sequence === handle);
    if (index < 0) return false;
    this.pending.splice(index, 1);
    return true;
  }

  /** Time of the next event; Infinity when none is pending. */
  peek(): number {
    return this.pending[0]?.time ?? Number.POSITIVE_INFINITY;
  }

  /** Processes the next event; false when none is pending. */
  step(): boolean {
    const next = this.pending.shift();
    if (next === undefined) return false;
    this.time = next.time;
    this.processed += 1;
    this.trace.addFloat64(next.time);
    this.trace.addInt32(next.priority);
    this.trace.addFloat64(next.sequence);
    this.trace.addFloat64(next.payload);
    next.handler(next.payload);
    return true;
  }

  /** Processes events in order. */
  run({ until = Number.POSITIVE_INFINITY }: RunOptions = {}): void {
    while (this.peek() <= until && this.step());
    if (until < Number.POSITIVE_INFINITY && until > this.time) this.time = until;
  }
}
