/** How busy a resource is, on average over time. */
import { type Clock, TimeAverage } from "./time-average.ts";

/** What a monitor reads of a resource. */
interface Watched {
  readonly env: Clock;
  readonly capacity: number;
  readonly count: number;
  readonly queueLength: number;
}

export class ResourceMonitor {
  /** Requests that hold the resource. */
  readonly holding: TimeAverage;
  /** Requests that wait. */
  readonly waiting: TimeAverage;
  private readonly resource: Watched;

  constructor(resource: Watched) {
    this.resource = resource;
    this.holding = new TimeAverage(resource.env, resource.count);
    this.waiting = new TimeAverage(resource.env, resource.queueLength);
  }

  /** Mean share of the capacity that was held. */
  get utilisation(): number {
    return this.holding.mean / this.resource.capacity;
  }

  /** Mean number of requests that waited. */
  get meanQueueLength(): number {
    return this.waiting.mean;
  }

  /** Mean number of requests that waited or held the resource. */
  get meanPopulation(): number {
    return this.waiting.mean + this.holding.mean;
  }

  /** Starts the averages anew at this time, for instance after a warm-up. */
  restart(): void {
    this.holding.restart();
    this.waiting.restart();
  }

  /** @internal The resource has changed. */
  note(): void {
    const { count, queueLength } = this.resource;
    if (count !== this.holding.value) this.holding.set(count);
    if (queueLength !== this.waiting.value) this.waiting.set(queueLength);
  }
}
