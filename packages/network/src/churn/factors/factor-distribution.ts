/** How much slower a straggler is: the interface that every distribution of slow-downs meets. */
import type { RandomStream } from "@shardlab/random";

/** Slow-down factors: what took a second takes `draw` seconds. Independent, at least 1, one draw each or none. */
export interface FactorDistribution {
  readonly mean: number;
  draw(stream: RandomStream): number;
}
