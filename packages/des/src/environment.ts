/** The world that processes live in: virtual time, events, processes and random streams. */
import { createStreams, type RandomStream, type Streams } from "@shardlab/random";
import { Agenda } from "./agenda.ts";
import { Condition, type ValuesOf } from "./condition.ts";
import { Event } from "./event.ts";
import type { EventLoopOptions, RunOptions } from "./event-loop.ts";
import { Process, type ProcessGenerator, type ProcessHost, ProcessTable } from "./process.ts";
import { Timeout } from "./timeout.ts";

export interface EnvironmentOptions extends EventLoopOptions {
  readonly seed: number | bigint;
}

export interface ProcessOptions {
  /** Stands in error messages; the name of the function and a number unless given. */
  readonly name?: string;
}

/** A generator, or a function without parameters that makes one. */
export type ProcessBody<R> = ProcessGenerator<R> | (() => ProcessGenerator<R>);

export class Environment extends Agenda implements ProcessHost {
  /** The process that runs at this moment; undefined between processes. */
  activeProcess: Process | undefined = undefined;
  /** @internal */
  readonly processes = new ProcessTable();
  private readonly streams: Streams;
  private readonly openStreams = new Map<string, Map<number, RandomStream>>();

  /** @throws Error `invalid seed: ...` unless it is a whole number or a bigint; and as `EventLoop` does. */
  constructor(options: EnvironmentOptions) {
    const seed: unknown = options?.seed;
    if (typeof seed !== "bigint" && !Number.isSafeInteger(seed))
      throw new Error(`invalid seed: ${String(seed)} (expected a whole number or a bigint)`);
    super(options);
    this.streams = createStreams(options.seed);
  }

  /** The stream of this name (and entity); the same reader each time, so that draws go on where they stopped. */
  random(name: string, entity = 0): RandomStream {
    let ofName = this.openStreams.get(name);
    if (ofName === undefined) {
      ofName = new Map();
      this.openStreams.set(name, ofName);
    }
    const known = ofName.get(entity);
    if (known !== undefined) return known;
    const stream = this.streams.stream(name, entity);
    ofName.set(entity, stream);
    return stream;
  }

  /** An event that happens when somebody calls its `succeed` or `fail`. */
  event<T = unknown>(): Event<T> {
    return new Event<T>(this);
  }

  /**
   * An event that happens after `delay` seconds.
   * @throws Error `invalid delay: ...` unless it is a finite number of at least 0.
   */
  timeout(delay: number): Timeout;
  timeout<T>(delay: number, value: T): Timeout<T>;
  timeout(delay: number, value?: unknown): Timeout<unknown> {
    // Text such as "3" compares as a number does, but is joined to the time instead of added.
    if (typeof delay !== "number")
      throw new Error(`invalid delay: ${String(delay)} (expected a number of seconds, got ${typeof delay})`);
    return new Timeout(this, delay, value);
  }

  /** Starts a process at this time, after what runs now. It is an event itself: yield it to wait for what it returns. */
  process<R>(body: ProcessBody<R>, options?: ProcessOptions): Process<R> {
    return typeof body === "function"
      ? new Process(this, body(), options?.name ?? body)
      : new Process(this, body, options?.name);
  }

  /** Happens when all of `events` have; at once when there are none. */
  allOf<const Events extends readonly Event[]>(events: Events): Condition<ValuesOf<Events>> {
    return new Condition(this, events, Number.POSITIVE_INFINITY);
  }

  /** Happens when the first of `events` has; at once when there are none. */
  anyOf<const Events extends readonly Event[]>(events: Events): Condition<readonly ValuesOf<Events>[number][]> {
    return new Condition(this, events, 1);
  }

  /**
   * Processes events in order: to exhaustion, up to and including those at the time `until`, or until the event `until`
   * has been processed, whose value is returned.
   * @throws Error with `cause` when an event or process fails and nobody handles it; `event never happened: ...` when
   * nothing is left to do before the event `until` happens, `run stopped before its event: ...` after `stop`.
   */
  override run<T>(options: { readonly until: Event<T> }): T;
  override run(options?: RunOptions): void;
  override run({ until }: { readonly until?: number | Event } = {}): unknown {
    if (until instanceof Event) return this.runUntilProcessed(until);
    super.run({ until });
  }

  /** The processes that wait for something, in the order in which they were started: after a run, those that are stuck. */
  waitingProcesses(): readonly Process[] {
    return this.processes.list().filter(({ target }) => target !== undefined);
  }

  private runUntilProcessed(event: Event): unknown {
    if (!event.processed) {
      const caller = {
        wake: () => {
          // Its failure is handled here, by the caller of `run`.
          event.defuse();
          this.stop();
        },
      };
      event.addWaiter(caller);
      try {
        super.run();
      } finally {
        event.removeWaiter(caller);
      }
    }
    if (event.failed && event.processed) throw event.failureReport();
    if (event.processed) return event.value;
    if (this.pendingCount > 0) throw new Error(`run stopped before its event: ${event}`);
    throw new Error(`event never happened: ${event}${this.describeWaiting()}`);
  }

  private describeWaiting(): string {
    const waiting = this.waitingProcesses();
    if (waiting.length === 0) return "";
    const named = waiting.slice(0, 10).map(({ name, target }) => `${name} for ${target}`);
    const others = waiting.length > named.length ? ` and ${waiting.length - named.length} more` : "";
    return `; waiting: ${named.join(", ")}${others}`;
  }
}
