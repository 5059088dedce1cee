/** Sessions: begun by a population, ended by the clock, reported to the membership. */
import { priorities } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import type { Ending } from "../endings/ending.ts";
import type { PopulationContext } from "./population.ts";

export interface SessionOptions {
  readonly ending: Ending;
  /** Called after the end of each session has been reported. */
  onEnd(node: number): void;
}

export class Sessions {
  private readonly context: PopulationContext;
  private readonly options: SessionOptions;
  private readonly depart: (node: number) => void;
  private readonly crash: (node: number) => void;
  private readonly announce: (node: number) => void;

  constructor(context: PopulationContext, options: SessionOptions) {
    this.context = context;
    this.options = options;
    const { membership } = context;
    this.announce = (node) => membership.announce(node);
    this.depart = (node) => {
      membership.depart(node);
      options.onEnd(node);
    };
    this.crash = (node) => {
      membership.crash(node);
      options.onEnd(node);
    };
  }

  /** Reports the arrival of `node` now, and schedules the end of its session `lengthSeconds` later. */
  begin(node: number, lengthSeconds: number, endings: RandomStream): void {
    const { loop, membership } = this.context;
    const end = this.options.ending.decide(endings);
    membership.arrive(node);
    if (end.noticeSeconds > 0) {
      loop.schedule(Math.max(0, lengthSeconds - end.noticeSeconds), this.announce, node, priorities.urgent);
    }
    loop.schedule(lengthSeconds, end.isCrash ? this.crash : this.depart, node, priorities.urgent);
  }
}
