/**
 * Pareto tail: P(factor > x) = x^-shape from 1 on.
 *
 * Task times in clusters have tails of this kind, with exponents below 2 (Dean and Barroso, "The tail at scale", CACM 56(2),
 * 2013, for why it matters; Aktas, Peng and Soljanin, "Straggler mitigation by delayed relaunch of tasks", 2017, for the
 * model). Without a bound one straggler can stop a run for good: `largest` caps the factor, and the mean with it.
 */
import { log, pow } from "@shardlab/numerics";
import { z } from "zod";
import type { FactorDistribution } from "./factor-distribution.ts";

export const paretoTailSpec = z.strictObject({
  kind: z.literal("pareto-tail"),
  shape: z.number().min(0.1).max(100).default(2).describe("tail exponent: less has the heavier tail"),
  largest: z.number().min(1).max(1e6).default(100).describe("factors above this are cut to it"),
});
export type ParetoTailSpec = z.output<typeof paretoTailSpec>;

export function paretoTail({ shape, largest }: ParetoTailSpec): FactorDistribution {
  // The integral of P(factor > x), which is 1 up to 1 and x^-shape from there to the cap.
  const mean = shape === 1 ? 1 + log(largest) : 1 + (1 - pow(largest, 1 - shape)) / (shape - 1);
  return { mean, draw: (stream) => Math.min(largest, stream.pareto(1, shape)) };
}
