/**
 * Pareto: P(X > x) = (minimum / x)^shape from the minimum on, with mean = minimum shape / (shape - 1).
 *
 * The heaviest tail here: the power law of the early measurements of uptime (Stutzbach and Rejaie, "Towards a better
 * understanding of churn in peer-to-peer networks", University of Oregon TR-2004-006). Shapes of 1 and less have no mean, and
 * so no steady state; those below 1.1 are refused too, because lengths seen at a random instant, whose shape is less by 1,
 * would leave the range of doubles. At shapes below 2 the variance is infinite, and averages converge slowly.
 */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import type { DurationDistribution } from "./duration-distribution.ts";

export const paretoSpec = z.strictObject({
  kind: z.literal("pareto"),
  mean: quantity("duration", { above: "0 s" }),
  shape: z.number().min(1.1).max(100).default(2).describe("tail exponent: less has the heavier tail"),
});
export type ParetoSpec = z.output<typeof paretoSpec>;

export function pareto({ mean, shape }: ParetoSpec): DurationDistribution {
  const minimum = (mean * (shape - 1)) / shape;
  return {
    meanSeconds: mean,
    draw: (stream) => stream.pareto(minimum, shape),
    drawLengthBiased: (stream) => stream.pareto(minimum, shape - 1),
  };
}
