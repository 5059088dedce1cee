/** A resource that important requests take from less important ones. */
import type { Process } from "./process.ts";
import { type Request, type RequestOptions, Resource } from "./resource.ts";

/** Cause of the interrupt of a process that lost a resource. */
export class Preempted {
  readonly resource: Resource;
  /** The request that was lost. */
  readonly request: Request;
  /** The process whose request took the resource; undefined when it came from outside of processes. */
  readonly by: Process | undefined;
  /** Seconds at which the lost usage had begun. */
  readonly usageSince: number;

  constructor(lost: Request, by: Process | undefined, usageSince: number) {
    this.resource = lost.resource;
    this.request = lost;
    this.by = by;
    this.usageSince = usageSince;
  }

  toString(): string {
    return `preempted on ${this.resource} by ${this.by ?? "nobody"}`;
  }
}

export interface PreemptiveRequestOptions extends RequestOptions {
  /** Whether this request takes the resource from a less important one when all is held; true unless given. */
  readonly preempt?: boolean;
}

/**
 * When all is held, a request takes the place of the least important holder, the latest among equals, if that one's
 * priority number is higher than its own. The process that lost it is interrupted with a `Preempted` cause. A request
 * does not get past one that waits with the same or a lower priority number.
 */
export class PreemptiveResource extends Resource {
  private readonly holders: Request[] = [];
  private readonly since: number[] = [];

  override request({ priority = 0, preempt = true }: PreemptiveRequestOptions = {}): Request {
    if (preempt && this.count === this.capacity) return this.contend(this.open(priority));
    return super.request({ priority });
  }

  private contend(request: Request): Request {
    const victim = this.weakest();
    const first = this.line.first;
    const isNext = first === undefined || request.priority < first.priority;
    if (isNext && this.holders[victim].priority > request.priority) {
      this.evict(victim, request);
      this.admit(request);
    } else this.wait(request);
    return request;
  }

  /** Index of the holder that has to go first. */
  private weakest(): number {
    let weakest = 0;
    for (let i = 1; i < this.holders.length; i++)
      if (this.holders[i].priority >= this.holders[weakest].priority) weakest = i;
    return weakest;
  }

  private evict(index: number, winner: Request): void {
    const lost = this.holders[index];
    // A process may end without giving back what it holds.
    if (lost.process?.isAlive) lost.process.interrupt(new Preempted(lost, winner.process, this.since[index]));
    lost.state = "over";
    this.leave(lost);
  }

  protected override admit(request: Request): void {
    this.holders.push(request);
    this.since.push(this.env.now);
    super.admit(request);
  }

  protected override leave(request: Request): void {
    const index = this.holders.indexOf(request);
    this.holders.splice(index, 1);
    this.since.splice(index, 1);
    super.leave(request);
  }
}
