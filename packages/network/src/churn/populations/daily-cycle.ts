/**
 * Daily cycle: Poisson arrivals whose rate rises and falls once a period,
 * rate(t) = (1 + amplitude cos(2 pi (t - peak) / period)) / mean interval.
 *
 * The number present follows the rate with a lag: Poisson with mean E[integral of the rate over the last session's length]
 * (M_t/G/infinity; Eick, Massey and Whitt, "M_t/G/infinity queues with sinusoidal arrival rates", Management Science 39,
 * 1993). Stationary here means the periodic state that has gone on for ever.
 */
import { quantity, share } from "@shardlab/contracts";
import { cos } from "@shardlab/numerics";
import { z } from "zod";
import { createDuration, durationSpec } from "../durations/registry.ts";
import { createEnding, endingSpec } from "../endings/registry.ts";
import { OpenPopulation } from "./open-population.ts";
import type { Population, PopulationContext } from "./population.ts";

export const dailyCycleSpec = z.strictObject({
  kind: z.literal("daily-cycle"),
  meanInterval: quantity("duration", { above: "0 s" }).describe("between arrivals, over a whole period"),
  amplitude: share().prefault(0.5).describe("how far the rate rises above its mean, and falls below"),
  peak: quantity("duration", { min: "0 s" }).prefault("20 h").describe("time of day with most arrivals"),
  period: quantity("duration", { above: "0 s" }).prefault("1 d"),
  session: durationSpec,
  ending: endingSpec.prefault({ kind: "departure" }),
  start: z.enum(["empty", "stationary"]).default("stationary"),
});
export type DailyCycleSpec = z.output<typeof dailyCycleSpec>;

export function dailyCycle(spec: DailyCycleSpec, context: PopulationContext): Population {
  const meanRate = 1 / spec.meanInterval;
  return new OpenPopulation(context, {
    arrivals: {
      rateAt: (time) => {
        // Whole periods are dropped first, because far from 0 the cosine would lose digits.
        const phase = (time - spec.peak) / spec.period;
        return meanRate * (1 + spec.amplitude * cos(2 * Math.PI * (phase - Math.floor(phase))));
      },
      largestRate: meanRate * (1 + spec.amplitude),
    },
    session: createDuration(spec.session),
    ending: createEnding(spec.ending),
    start: spec.start,
  });
}
