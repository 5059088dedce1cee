/**
 * Exponential: P(X > x) = exp(-x / mean), without memory, so that what is left of an interval is distributed as a whole one.
 *
 * The usual assumption of analyses, and what measurements of peer-to-peer sessions contradict: "session lengths are not
 * exponential" (Stutzbach and Rejaie, "Understanding churn in peer-to-peer networks", IMC 2006, abstract).
 */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import type { DurationDistribution } from "./duration-distribution.ts";

export const exponentialSpec = z.strictObject({
  kind: z.literal("exponential"),
  mean: quantity("duration", { above: "0 s" }),
});
export type ExponentialSpec = z.output<typeof exponentialSpec>;

export function exponential({ mean }: ExponentialSpec): DurationDistribution {
  return {
    meanSeconds: mean,
    // A uniform of exactly 0 would give a length of 0.
    draw: (stream) => Math.max(Number.MIN_VALUE, stream.exponential(1 / mean)),
    drawLengthBiased: (stream) => stream.gamma(2, mean),
  };
}
