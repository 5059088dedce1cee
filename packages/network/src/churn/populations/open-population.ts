/** An open population: strangers arrive by some process, stay for one session each, and never come back. */
import { priorities } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import type { DurationDistribution } from "../durations/duration-distribution.ts";
import type { Ending } from "../endings/ending.ts";
import type { OpenStart, Population, PopulationContext } from "./population.ts";
import { Sessions } from "./sessions.ts";

/** A point process on the time axis, past and future. */
export interface ArrivalProcess {
  /** Arrivals per second at an instant, and a bound on it over all time. */
  rateAt(timeSeconds: number): number;
  readonly largestRate: number;
}

export interface OpenPopulationOptions {
  readonly arrivals: ArrivalProcess;
  readonly session: DurationDistribution;
  readonly ending: Ending;
  readonly start: OpenStart;
}

/**
 * Arrivals by thinning: candidates come at the largest rate, and one at time t is taken with probability
 * rate(t) / largest rate (Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", Naval Research
 * Logistics Quarterly 26, 1979). With Poisson arrivals the number present is that of an M/G/infinity queue.
 */
export class OpenPopulation implements Population {
  private readonly context: PopulationContext;
  private readonly options: OpenPopulationOptions;
  private readonly sessions: Sessions;
  private readonly intervals: RandomStream;
  private readonly thinning: RandomStream;
  private readonly onCandidate: () => void;
  private nodeCount = 0;

  constructor(context: PopulationContext, options: OpenPopulationOptions) {
    this.context = context;
    this.options = options;
    const { ending } = options;
    this.sessions = new Sessions(context, { ending, onEnd: (node) => context.membership.forget(node) });
    this.intervals = context.random("arrival intervals");
    this.thinning = context.random("arrival thinning");
    this.onCandidate = () => this.arriveOrPass();
  }

  start(): void {
    if (this.options.start === "stationary") this.admitPresent();
    this.scheduleCandidate();
  }

  /**
   * Those who are there already, when arrivals have gone on for ever: of candidates in number Poisson with mean largest
   * rate x mean session, each has a length-biased session at a uniform point of it, and is taken by the rate at its arrival.
   */
  private admitPresent(): void {
    const { loop } = this.context;
    const { arrivals, session } = this.options;
    const candidates = this.context.random("initial count").poisson(arrivals.largestRate * session.meanSeconds);
    for (let candidate = 0; candidate < candidates; candidate++) {
      const stream = this.context.random("initial session", candidate);
      const isTaken = stream.uniform();
      const elapsedShare = stream.uniform();
      const lengthSeconds = session.drawLengthBiased(stream);
      const arrivedAt = loop.now - elapsedShare * lengthSeconds;
      if (isTaken * arrivals.largestRate >= arrivals.rateAt(arrivedAt)) continue;
      this.admit((1 - elapsedShare) * lengthSeconds);
    }
  }

  private scheduleCandidate(): void {
    const delay = this.intervals.exponential(this.options.arrivals.largestRate);
    this.context.loop.schedule(delay, this.onCandidate, 0, priorities.urgent);
  }

  private arriveOrPass(): void {
    const { arrivals, session } = this.options;
    const isTaken = this.thinning.uniform() * arrivals.largestRate < arrivals.rateAt(this.context.loop.now);
    if (isTaken) this.admit(session.draw(this.context.random("session", this.nodeCount)));
    this.scheduleCandidate();
  }

  private admit(lengthSeconds: number): void {
    const node = this.nodeCount++;
    this.sessions.begin(node, lengthSeconds, this.context.random("ending", node));
  }
}
