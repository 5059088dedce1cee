/** Something that happens at most once, and that processes wait for. */
import type { Agenda, Happening } from "./agenda.ts";
import { WaiterList } from "./waiter-list.ts";

/** Who is told when an event has happened. */
export interface Waiter {
  wake(event: Event): void;
}

/** What was thrown, as an error. */
export function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`thrown value: ${String(reason)}`, { cause: reason });
}

const triggeredFlag = 1;
const processedFlag = 2;
const failedFlag = 4;
const handledFlag = 8;

/** The lowest priority number: before everything else of the instant. */
const foremost = -128;

/**
 * An event is pending, then *triggered* (its outcome is known and it is on the agenda), then *processed* (whoever waited
 * has been told). A failure is never lost: it is thrown into the processes that wait, and stops the run when nobody does.
 *
 * `yield event` waits for it; `yield* event` does the same and has the type of its value.
 */
export class Event<T = unknown> implements Happening {
  // Declared only, so that the constructor is the one to write them: events are made by the million.
  declare readonly env: Agenda;
  declare private flags: number;
  declare protected outcome: unknown;
  /** Most events have one waiter at most, so a list is made for the second. */
  declare private firstWaiter: Waiter | undefined;
  /** Those after `firstWaiter`, who may have left before them. */
  declare private otherWaiters: WaiterList<Waiter> | undefined;

  constructor(env: Agenda) {
    this.env = env;
    this.flags = 0;
    this.outcome = undefined;
    this.firstWaiter = undefined;
    this.otherWaiters = undefined;
  }

  /** @internal An event that has happened already. */
  static processed(env: Agenda): Event {
    const event = new Event(env);
    event.flags = triggeredFlag | processedFlag;
    return event;
  }

  /** Whether the outcome is known. */
  get triggered(): boolean {
    return (this.flags & triggeredFlag) !== 0;
  }

  /** Whether those who waited have been told. */
  get processed(): boolean {
    return (this.flags & processedFlag) !== 0;
  }

  /** Whether it was triggered and did not fail. */
  get ok(): boolean {
    return (this.flags & (triggeredFlag | failedFlag)) === triggeredFlag;
  }

  /** Whether it failed. */
  get failed(): boolean {
    return (this.flags & failedFlag) !== 0;
  }

  /** What it succeeded with. @throws Error `value of a pending event: ...`, or the error that it failed with. */
  get value(): T {
    if (!this.triggered) throw new Error(`value of a pending event: ${this}`);
    if (this.failed) throw this.outcome;
    return this.outcome as T;
  }

  /** What it failed with; undefined unless it failed. */
  get error(): Error | undefined {
    return this.failed ? (this.outcome as Error) : undefined;
  }

  /** Whether somebody waits for it. */
  get awaited(): boolean {
    return this.firstWaiter !== undefined || (this.otherWaiters !== undefined && this.otherWaiters.length > 0);
  }

  /** Triggers the event with a value. @throws Error `event already triggered: ...` */
  succeed(...[value]: undefined extends T ? [value?: T] : [value: T]): this {
    this.settle(value);
    this.env.enter(this, 0);
    return this;
  }

  /** Triggers the event with an error. @throws Error `event already triggered: ...`, `not an error: ...` */
  fail(error: Error): this {
    if (!(error instanceof Error)) throw new Error(`not an error: ${String(error)}`);
    this.settle(error);
    this.flags |= failedFlag;
    this.env.enter(this, 0);
    return this;
  }

  /** Says that a failure of this event is taken care of, so that it does not stop the run. */
  defuse(): void {
    this.flags |= handledFlag;
  }

  /**
   * Calls `callback` when the event is processed, at once if it has been. What it throws comes through `run`; those who
   * wait after it are told when the run is taken up again.
   */
  addCallback(callback: (event: this) => void): void {
    if (this.processed) callback(this);
    else this.addWaiter({ wake: () => callback(this) });
  }

  /** Waits for the event: `const value = yield* event`. */
  *[Symbol.iterator](): Generator<Event<T>, T, unknown> {
    return (yield this) as T;
  }

  toString(): string {
    return "event";
  }

  /** @internal Adds who is told, after those who were added before; only before the event is processed. */
  addWaiter(waiter: Waiter): void {
    if (this.otherWaiters !== undefined) this.otherWaiters.push(waiter);
    else if (this.firstWaiter === undefined) this.firstWaiter = waiter;
    else {
      this.otherWaiters = new WaiterList();
      this.otherWaiters.push(waiter);
    }
  }

  /** @internal Removes one who no longer waits; the others keep their order. */
  removeWaiter(waiter: Waiter): void {
    if (this.firstWaiter === waiter) this.firstWaiter = undefined;
    else if (this.otherWaiters !== undefined) this.otherWaiters.remove(waiter);
  }

  /** @internal Called by the agenda, and once more after each callback that throws. */
  happen(): void {
    this.flags |= processedFlag;
    const first = this.firstWaiter;
    const others = this.otherWaiters;
    try {
      if (first !== undefined) {
        this.firstWaiter = undefined;
        first.wake(this);
      }
      if (others !== undefined) {
        for (let waiter = others.shift(); waiter !== undefined; waiter = others.shift()) waiter.wake(this);
        this.otherWaiters = undefined;
      }
    } catch (error) {
      // Whoever has not been told yet, and a failure that nobody has handled, must not be lost with it.
      if (this.awaited || this.isUnhandledFailure) this.env.enter(this, 0, foremost);
      throw error;
    }
    if (this.isUnhandledFailure) throw this.failureReport();
  }

  /** @internal What a process is resumed with. */
  get resumption(): unknown {
    return this.outcome;
  }

  /** @internal The error that stops the run when nobody handles this event's failure. */
  failureReport(): Error {
    const { message } = this.outcome as Error;
    return new Error(`event failed: ${this} at ${this.env.now} s: ${message}`, { cause: this.outcome });
  }

  private get isUnhandledFailure(): boolean {
    return (this.flags & (failedFlag | handledFlag)) === failedFlag;
  }

  /** Sets the outcome without putting the event on the agenda. */
  protected settle(outcome: unknown): void {
    if ((this.flags & triggeredFlag) !== 0) throw new Error(`event already triggered: ${this}`);
    this.outcome = outcome;
    this.flags |= triggeredFlag;
  }

  /** Sets the outcome, and leaves out the agenda when nobody would be told. */
  protected settleQuietly(outcome: unknown): void {
    this.settle(outcome);
    if (this.awaited) this.env.enter(this, 0);
    else this.flags |= processedFlag;
  }
}
