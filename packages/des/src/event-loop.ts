/** Virtual time and the events pending in it, in the total order (time, priority, sequence). */
import type { EventQueue } from "./event-queue.ts";
import { type EventHandle, EventStore, type Handler } from "./event-store.ts";
import { EventTrace } from "./event-trace.ts";
import { HeapQueue } from "./heap-queue.ts";
import { LadderQueue } from "./ladder-queue.ts";

export type { EventHandle, Handler } from "./event-store.ts";

/** Which events of one instant come first: lower numbers do. Any integer from -128 to 127 is a priority. */
export const priorities = { urgent: 0, normal: 1 } as const;

/** `auto` chooses by the number of pending events; every queue gives the same order. */
export type QueueKind = "auto" | "heap" | "ladder";

const queueKinds: readonly string[] = ["auto", "heap", "ladder"] satisfies QueueKind[];

export interface EventLoopOptions {
  readonly queue?: QueueKind;
  /** Seconds at which time starts; 0 unless given. */
  readonly initialTime?: number;
  /** Whether to keep a trace hash; true unless given. */
  readonly trace?: boolean;
}

export interface RunOptions {
  /** Stop before the first event later than this time, and set the clock to it. To exhaustion unless given. */
  readonly until?: number;
}

/** The order of an event within its instant is priority * 2^45 + sequence, an exact integer. */
const sequenceLimit = 2 ** 45;
const priorityLimit = 128;

/** `auto` takes the ladder above this many pending events, and the heap again below a quarter of them. */
const mostInHeap = 32;
const fewestInLadder = mostInHeap / 4;

/** Cancelled events that may stay in a queue, however few others are in it. */
const toleratedCancelledCount = 64;

/** Places in `clock`. */
const timeAt = 0;
const sequenceAt = 1;

/**
 * Only numbers can be payloads, so that all that an event means is in the trace hash. Who needs an object keeps it in a
 * table and schedules its index, or schedules a closure, at the cost of its creation.
 */
export class EventLoop {
  private readonly store = new EventStore();
  private readonly trace: EventTrace | undefined;
  private queue: EventQueue;
  /** The numbers of pending events beyond which the other kind of queue takes over. */
  private mostInQueue = Number.POSITIVE_INFINITY;
  private fewestInQueue = Number.NEGATIVE_INFINITY;
  /** Time and the next sequence: in an array, because a field would box them. */
  private readonly clock = new Float64Array(2);
  private cancelledTotal = 0;
  private isRunning = false;
  private isStopping = false;

  /** @throws Error `unknown queue: ...`, `invalid initial time: ...` */
  constructor({ queue = "auto", initialTime = 0, trace = true }: EventLoopOptions = {}) {
    if (!queueKinds.includes(queue)) throw new Error(`unknown queue: ${queue} (one of ${queueKinds.join(", ")})`);
    if (!Number.isFinite(initialTime)) throw new Error(`invalid initial time: ${initialTime}`);
    this.clock[timeAt] = initialTime;
    this.trace = trace ? new EventTrace() : undefined;
    this.queue = queue === "ladder" ? new LadderQueue(this.store) : new HeapQueue(this.store);
    if (queue === "auto") this.mostInQueue = mostInHeap;
  }

  /** The current time in seconds. */
  get now(): number {
    return this.clock[timeAt];
  }

  /** Events processed so far. */
  get eventCount(): number {
    return this.clock[sequenceAt] - this.cancelledTotal - this.store.liveCount;
  }

  /** Events pending. */
  get pendingCount(): number {
    return this.store.liveCount;
  }

  /** The queue in use at this moment. */
  get queueInUse(): Exclude<QueueKind, "auto"> {
    return this.queue instanceof HeapQueue ? "heap" : "ladder";
  }

  /**
   * 16 hexadecimal digits over time bits, priority, sequence and payload of every event processed so far; the same
   * whatever the queue, the machine and how the run was cut into calls of `run` and `step`.
   * @throws Error `no trace hash: ...` when the loop was made with `trace: false`
   */
  get traceHash(): string {
    if (this.trace === undefined) throw new Error("no trace hash: trace is false");
    return this.trace.digest();
  }

  /**
   * Calls `handler(payload)` after `delay` seconds, among the events of one instant in the order of `priority` and then
   * of scheduling.
   * @throws Error `invalid delay: ...` unless it is a finite number of at least 0 and ends at a finite time;
   * `invalid priority: ...` unless it is an integer from -128 to 127; `invalid handler: ...` unless it is a function.
   */
  schedule(delay: number, handler: Handler, payload = 0, priority: number = priorities.normal): EventHandle {
    const { clock, store } = this;
    const time = clock[timeAt] + delay;
    const sequence = clock[sequenceAt];
    if (!(delay >= 0 && time < Number.POSITIVE_INFINITY && typeof time === "number")) {
      throw new Error(`invalid delay: ${delay}`);
    }
    if (typeof handler !== "function") throw new Error(`invalid handler: ${handler}`);
    if ((priority | 0) !== priority || priority < -priorityLimit || priority >= priorityLimit) {
      throw new Error(`invalid priority: ${priority}`);
    }
    if (sequence >= sequenceLimit) throw new Error(`too many events: ${sequence}`);
    const slot = store.take(time, priority * sequenceLimit + sequence, handler, payload);
    clock[sequenceAt] = sequence + 1;
    this.queue.insert(slot, time);
    if (store.liveCount > this.mostInQueue) this.changeToLadder();
    return store.handleOf(slot);
  }

  /** Removes a pending event; false when it has been processed or cancelled before. Takes constant time on average. */
  cancel(handle: EventHandle): boolean {
    const { store, queue } = this;
    if (!store.cancel(handle)) return false;
    this.cancelledTotal += 1;
    if (store.cancelledCount > toleratedCancelledCount + store.liveCount + queue.sweepLength) this.changeQueue(queue);
    return true;
  }

  /** Time of the next event; Infinity when none is pending. */
  peek(): number {
    const slot = this.queue.first();
    return slot < 0 ? Number.POSITIVE_INFINITY : this.store.floats[slot << 2];
  }

  /**
   * Processes the next event; false when none is pending.
   * @throws Error `run within a run: ...` when called by a handler; and whatever the handler throws, as in `run`.
   */
  step(): boolean {
    this.beginRun();
    try {
      const slot = this.queue.first();
      if (slot < 0) return false;
      this.dispatch(slot);
      return true;
    } finally {
      this.isRunning = false;
    }
  }

  /**
   * Processes events in order, those at the time `until` included. What a handler throws comes through, with its event
   * processed, the clock at its time and everything else pending, so that another `run` goes on with the next event.
   * @throws Error `run within a run: ...` when called by a handler; `invalid time to run until: ...` when it is NaN or past.
   */
  run({ until = Number.POSITIVE_INFINITY }: RunOptions = {}): void {
    if (!(until >= this.now)) throw new Error(`invalid time to run until: ${until} (the time is ${this.now})`);
    this.beginRun();
    try {
      const { store } = this;
      while (!this.isStopping) {
        const slot = this.queue.first();
        if (slot < 0 || store.floats[slot << 2] > until) {
          if (until < Number.POSITIVE_INFINITY) this.clock[timeAt] = until;
          break;
        }
        this.dispatch(slot);
      }
    } finally {
      this.isRunning = false;
    }
  }

  /** Makes `run` return after the handler that is running, with the clock at its time. Without a run it does nothing. */
  stop(): void {
    this.isStopping = true;
  }

  private beginRun(): void {
    if (this.isRunning) throw new Error(`run within a run: at ${this.now} s`);
    this.isRunning = true;
    this.isStopping = false;
  }

  /** Takes out the first event, which is in `slot`, and handles it. */
  private dispatch(slot: number): void {
    const { store } = this;
    const { floats } = store;
    const time = floats[slot << 2];
    const payload = floats[(slot << 2) | 2];
    const handler = store.handlers[slot];
    if (this.trace !== undefined) this.trace.add(time, floats[(slot << 2) | 1], payload);
    this.clock[timeAt] = time;
    this.queue.removeFirst();
    store.release(slot);
    if (store.liveCount < this.fewestInQueue) this.changeToHeap();
    handler(payload);
  }

  private changeToLadder(): void {
    this.mostInQueue = Number.POSITIVE_INFINITY;
    this.fewestInQueue = fewestInLadder;
    this.changeQueue(new LadderQueue(this.store));
  }

  private changeToHeap(): void {
    this.mostInQueue = mostInHeap;
    this.fewestInQueue = Number.NEGATIVE_INFINITY;
    this.changeQueue(new HeapQueue(this.store));
  }

  /** Moves the pending events to `queue`, which may be the one that they are in, and leaves out the cancelled ones. */
  private changeQueue(queue: EventQueue): void {
    const slots = this.queue.takeAll();
    this.queue = queue;
    for (const slot of slots) queue.insert(slot, this.store.floats[slot << 2]);
  }
}
