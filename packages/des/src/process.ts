/** A generator that lives in virtual time: it yields events, and goes on when they have happened. */
import type { Agenda, Happening } from "./agenda.ts";
import { Event, errorOf, type Waiter } from "./event.ts";
import { priorities } from "./event-loop.ts";
import { Interrupt } from "./interrupt.ts";

/** The body of a process: yields events, is resumed with their values, and returns the value of the process. */
export type ProcessGenerator<R = void> = Generator<Event, R, unknown>;

/**
 * The engine's own methods of generators. They are not looked up on each generator, because every generator function
 * gives its generators a class of their own, which makes the look-up slow.
 */
const generatorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(noEvents())) as ProcessGenerator<unknown>;
const { next: resume, throw: resumeWithError } = generatorPrototype;

function* noEvents(): Generator<never> {
  yield* [];
}

const isGenerator = (value: unknown): boolean =>
  Object.prototype.isPrototypeOf.call(generatorPrototype, value as object) ||
  // One of another realm, such as a notebook's.
  Object.prototype.toString.call(value) === "[object Generator]";

/** What a process needs of its environment. */
export interface ProcessHost extends Agenda {
  /** The process that runs at this moment; undefined between processes. */
  activeProcess: Process | undefined;
  readonly processes: ProcessTable;
}

/** Finished processes that may stay in the table, whatever else is in it. */
const toleratedFinishedCount = 64;

/** The processes that have not finished, and where failures came from. */
export class ProcessTable {
  /** In the order in which they were started. Finished ones are swept out together, which is cheaper than one by one. */
  private readonly known: (Process | undefined)[] = [];
  private knownCount = 0;
  private started = 0;
  private finished = 0;
  private readonly origins = new WeakMap<Error, Origin>();

  /** Processes that have not finished, in the order in which they were started. */
  list(): readonly Process[] {
    return this.known.filter((process) => process !== undefined).filter(({ isAlive }) => isAlive);
  }

  /** Takes up a new process, and returns its number. */
  add(process: Process): number {
    if (this.knownCount === this.known.length) this.known.push(process);
    else this.known[this.knownCount] = process;
    this.knownCount += 1;
    this.started += 1;
    return this.started;
  }

  /** One of the processes has finished. */
  noteEnd(): void {
    this.finished += 1;
    if (this.knownCount > toleratedFinishedCount + 2 * (this.started - this.finished)) this.sweep();
  }

  /** Where `error` arose: in the first process that failed with it. */
  originOf(error: Error, failed: Process): Origin {
    const known = this.origins.get(error);
    if (known !== undefined) return known;
    const origin = { process: failed, time: failed.env.now };
    this.origins.set(error, origin);
    return origin;
  }

  private sweep(): void {
    const { known } = this;
    let kept = 0;
    for (let i = 0; i < this.knownCount; i++) {
      const process = known[i];
      // The array keeps its length, because an engine that shrinks it would have to make it grow again.
      known[i] = undefined;
      if (process?.isAlive) known[kept++] = process;
    }
    this.knownCount = kept;
  }
}

interface Origin {
  readonly process: Process;
  readonly time: number;
}

/**
 * Starts, and is interrupted, by urgent events: a new process runs before anything else of its instant that is still to
 * come, so nothing can interrupt it before its first line; an interrupt comes before the event that the process waits
 * for, even where both are due at the same time.
 *
 * A process is an event: it succeeds with what its generator returns, and fails with what it throws.
 */
export class Process<R = unknown> extends Event<R> implements Waiter {
  // Declared only, as in `Event`.
  declare readonly env: ProcessHost;
  /** Counts the processes of an environment from 1. */
  declare readonly number: number;
  declare private readonly generator: ProcessGenerator<R>;
  /** Its name, or the function whose name it has with its number. */
  declare private readonly label: string | (() => unknown) | undefined;
  declare private awaitedEvent: Event | undefined;
  declare private hasStarted: boolean;

  /** @throws Error `not a generator: ...` */
  constructor(env: ProcessHost, generator: ProcessGenerator<R>, label: string | (() => unknown) | undefined) {
    super(env);
    if (!isGenerator(generator)) throw new Error(`not a generator: ${String(generator)}`);
    this.generator = generator;
    this.label = label;
    this.awaitedEvent = undefined;
    this.hasStarted = false;
    this.number = env.processes.add(this);
    env.enter(this, 0, priorities.urgent);
  }

  /** The name that it was given, or else that of its function with its number. */
  get name(): string {
    const { label } = this;
    return typeof label === "string" ? label : `${label?.name || "process"} ${this.number}`;
  }

  /** Whether its generator has neither returned nor thrown. */
  get isAlive(): boolean {
    return !this.triggered;
  }

  /** The event that it waits for; undefined while it runs, before it starts and when it has finished. */
  get target(): Event | undefined {
    return this.awaitedEvent;
  }

  /**
   * Throws an `Interrupt` with this cause into the process, at this time. What the process waited for goes on: it can be
   * yielded again, and a request stays in its queue until it is cancelled or released. (But a request that a preemption
   * took away has happened already: yielding it again goes on at once, without the resource.)
   * @throws Error `interrupt of a finished process: ...`, `interrupt of a process by itself: ...`
   */
  interrupt(cause?: unknown): void {
    if (!this.isAlive) throw new Error(`interrupt of a finished process: ${this.name}`);
    if (this.env.activeProcess === this) throw new Error(`interrupt of a process by itself: ${this.name}`);
    this.env.enter(new Interruption(this, cause), 0, priorities.urgent);
  }

  override toString(): string {
    return this.name;
  }

  /** @internal */
  override happen(): void {
    if (this.hasStarted) {
      super.happen();
      return;
    }
    this.hasStarted = true;
    this.advance(undefined, undefined);
  }

  /** @internal */
  wake(event: Event): void {
    this.advance(event, undefined);
  }

  /** @internal */
  receive(interrupt: Interrupt): void {
    // It may have ended since, for instance by an earlier interrupt of the same instant.
    if (!this.isAlive) return;
    this.awaitedEvent?.removeWaiter(this);
    this.advance(undefined, interrupt);
  }

  /** Resumes the generator with the outcome of `event` or by throwing `error`, and again until it has to wait. */
  private advance(event: Event | undefined, error: Error | undefined): void {
    const { env, generator } = this;
    env.activeProcess = this;
    this.awaitedEvent = undefined;
    let happened = event;
    let thrown = error;
    try {
      for (;;) {
        if (happened?.failed) {
          happened.defuse();
          thrown = happened.error;
        }
        const step =
          thrown === undefined ? resume.call(generator, happened?.resumption) : resumeWithError.call(generator, thrown);
        if (step.done) {
          this.finish(step.value as R);
          break;
        }
        const yielded: unknown = step.value;
        if (!(yielded instanceof Event && yielded.env === env)) {
          thrown = this.faultOf(yielded);
          happened = undefined;
          continue;
        }
        thrown = undefined;
        happened = yielded;
        if (!happened.processed) {
          happened.addWaiter(this);
          this.awaitedEvent = happened;
          break;
        }
      }
    } catch (reason) {
      this.finishFailed(reason);
    }
    env.activeProcess = undefined;
  }

  /** Says what is wrong with a yielded value. */
  private faultOf(yielded: unknown): Error {
    const fault = yielded instanceof Event ? "event of another environment" : "not an event";
    return new Error(`${fault}: ${String(yielded)}, yielded by ${this.name}`);
  }

  private finish(value: R): void {
    this.settleQuietly(value);
    this.env.processes.noteEnd();
  }

  private finishFailed(reason: unknown): void {
    const error = errorOf(reason);
    this.env.processes.originOf(error, this);
    this.fail(error);
    this.env.processes.noteEnd();
  }

  /** @internal */
  override failureReport(): Error {
    const error = this.outcome as Error;
    const { process, time } = this.env.processes.originOf(error, this);
    const passage = process === this ? "" : `, not caught by ${this.name}`;
    return new Error(`process failed: ${process.name} at ${time} s: ${error.message}${passage}`, { cause: error });
  }
}

/** The agenda's entry for one interrupt. */
class Interruption implements Happening {
  private readonly process: Process;
  private readonly cause: unknown;

  constructor(process: Process, cause: unknown) {
    this.process = process;
    this.cause = cause;
  }

  happen(): void {
    this.process.receive(new Interrupt(this.cause));
  }
}
