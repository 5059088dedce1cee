/** Servers that processes hold for a while: at most `capacity` at once, the others wait in line. */
import type { Environment } from "./environment.ts";
import { Event } from "./event.ts";
import type { Process, ProcessGenerator } from "./process.ts";
import { ResourceMonitor } from "./resource-monitor.ts";
import { checkPriority, type Linked, PriorityLine } from "./waiting-line.ts";

export interface ResourceOptions {
  /** How many requests hold the resource at once; 1 unless given. */
  readonly capacity?: number;
  /** Stands in error messages; "resource" unless given. */
  readonly name?: string;
}

export interface RequestOptions {
  /** Lower numbers are served first, equal ones in the order in which they came; 0 unless given. */
  readonly priority?: number;
}

/** Where a request stands. */
export type RequestState = "waiting" | "holding" | "over";

/**
 * Happens, with itself as its value, when the resource is held. It happens once: yielding it again after it was released
 * or lost to a preemption goes on at once and holds nothing, as in SimPy. Who wants the resource back makes a new one.
 */
export class Request extends Event<Request> implements Linked<Request> {
  // Declared only, as in `Event`.
  declare readonly resource: Resource;
  declare readonly priority: number;
  /** The process that asked; undefined when it was asked from outside of processes. */
  declare readonly process: Process | undefined;
  /** @internal */
  declare state: RequestState;
  /** @internal */
  declare previous: Request | undefined;
  /** @internal */
  declare next: Request | undefined;

  /** @internal */
  constructor(resource: Resource, priority: number) {
    super(resource.env);
    this.resource = resource;
    this.priority = priority;
    this.process = resource.env.activeProcess;
    this.state = "waiting";
    this.previous = undefined;
    this.next = undefined;
  }

  /** Leaves the line if it still waits; false when it does not, and then what it holds has to be released. */
  cancel(): boolean {
    return this.resource.withdraw(this);
  }

  /** @internal */
  grant(): void {
    this.state = "holding";
    this.settle(this);
    this.env.enter(this, 0);
  }

  override toString(): string {
    return `request of ${this.resource}`;
  }
}

export class Resource {
  readonly env: Environment;
  readonly capacity: number;
  readonly name: string;
  protected readonly line = new PriorityLine<Request>();
  protected held = 0;
  private watcher: ResourceMonitor | undefined = undefined;
  /** What `release` returns: it has happened, so that a process that yields it goes on at once. */
  private readonly released: Event;

  /** @throws Error `invalid capacity: ...` unless it is an integer of at least 1, or Infinity. */
  constructor(env: Environment, { capacity = 1, name = "resource" }: ResourceOptions = {}) {
    if (!(capacity >= 1 && (Number.isInteger(capacity) || capacity === Number.POSITIVE_INFINITY)))
      throw new Error(`invalid capacity: ${capacity}`);
    this.env = env;
    this.capacity = capacity;
    this.name = name;
    this.released = Event.processed(env);
  }

  /** How many requests hold the resource. */
  get count(): number {
    return this.held;
  }

  /** How many requests wait. */
  get queueLength(): number {
    return this.line.length;
  }

  /** Asks for the resource. @throws Error `invalid priority: ...` */
  request({ priority = 0 }: RequestOptions = {}): Request {
    const request = this.open(priority);
    if (this.held < this.capacity) this.admit(request);
    else this.wait(request);
    return request;
  }

  /**
   * Gives back what a request holds, and grants the next one. A request that still waits is withdrawn, and one that
   * holds nothing any more is left alone, so that this is right in a `finally`, however the process got there.
   * The event returned has happened already: `yield resource.release(request)` goes on at once.
   * @throws Error `request of another resource: ...`
   */
  release(request: Request): Event {
    if (request.resource !== this) throw new Error(`request of another resource: ${request.resource}, not ${this}`);
    if (request.state === "waiting") this.withdraw(request);
    else if (request.state === "holding") {
      request.state = "over";
      this.leave(request);
      const next = this.line.first;
      if (next !== undefined) {
        this.line.remove(next);
        this.admit(next);
      } else this.note();
    }
    return this.released;
  }

  /**
   * Runs `body` while holding the resource: `const result = yield* resource.use(function* () { ... })`. The resource is
   * released however it ends, by return, error or interrupt, and the request withdrawn if that comes first.
   */
  *use<R>(body: (request: Request) => ProcessGenerator<R>, options?: RequestOptions): ProcessGenerator<R> {
    const request = this.request(options);
    try {
      yield request;
      return yield* body(request);
    } finally {
      this.release(request);
    }
  }

  /** Time averages of how many hold and how many wait, kept from the first call on. */
  monitor(): ResourceMonitor {
    this.watcher ??= new ResourceMonitor(this);
    return this.watcher;
  }

  toString(): string {
    return this.name;
  }

  /** @internal Takes a request that still waits out of the line. */
  withdraw(request: Request): boolean {
    if (request.state !== "waiting") return false;
    request.state = "over";
    this.line.remove(request);
    this.note();
    return true;
  }

  protected open(priority: number): Request {
    return new Request(this, checkPriority(priority));
  }

  protected admit(request: Request): void {
    this.held += 1;
    request.grant();
    this.note();
  }

  protected wait(request: Request): void {
    this.line.push(request);
    this.note();
  }

  /** A request no longer holds the resource. */
  protected leave(_request: Request): void {
    this.held -= 1;
  }

  private note(): void {
    if (this.watcher !== undefined) this.watcher.note();
  }
}
