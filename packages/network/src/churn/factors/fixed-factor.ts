/** Fixed factor: every straggler is slower by the same factor. */
import { z } from "zod";
import type { FactorDistribution } from "./factor-distribution.ts";

export const fixedFactorSpec = z.strictObject({
  kind: z.literal("fixed-factor"),
  factor: z.number().min(1).max(1e6).default(2).describe("what took a second takes this many"),
});
export type FixedFactorSpec = z.output<typeof fixedFactorSpec>;

export function fixedFactor({ factor }: FixedFactorSpec): FactorDistribution {
  return { mean: factor, draw: () => factor };
}
