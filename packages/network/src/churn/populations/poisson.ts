/**
 * Poisson arrivals: strangers come at a constant rate, independently of one another, and stay for one session.
 *
 * The number present is Poisson: with mean rate x mean session in the stationary state, whatever the distribution of
 * sessions, and with mean rate x (integral of P(session > u) for u from 0 to t) when it started empty t ago (M/G/infinity;
 * Takacs, "Introduction to the Theory of Queues", 1962).
 */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import { createDuration, durationSpec } from "../durations/registry.ts";
import { createEnding, endingSpec } from "../endings/registry.ts";
import { OpenPopulation } from "./open-population.ts";
import type { Population, PopulationContext } from "./population.ts";

export const poissonSpec = z.strictObject({
  kind: z.literal("poisson"),
  meanInterval: quantity("duration", { above: "0 s" }).describe("between arrivals; the rate is its inverse"),
  session: durationSpec,
  ending: endingSpec.prefault({ kind: "departure" }),
  start: z.enum(["empty", "stationary"]).default("stationary"),
});
export type PoissonSpec = z.output<typeof poissonSpec>;

export function poisson(spec: PoissonSpec, context: PopulationContext): Population {
  const rate = 1 / spec.meanInterval;
  return new OpenPopulation(context, {
    arrivals: { rateAt: () => rate, largestRate: rate },
    session: createDuration(spec.session),
    ending: createEnding(spec.ending),
    start: spec.start,
  });
}
