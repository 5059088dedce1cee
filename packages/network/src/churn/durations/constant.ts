/** Constant: every length is the same. */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import type { DurationDistribution } from "./duration-distribution.ts";

export const constantSpec = z.strictObject({
  kind: z.literal("constant"),
  mean: quantity("duration", { above: "0 s" }).describe("the length"),
});
export type ConstantSpec = z.output<typeof constantSpec>;

export function constant(spec: ConstantSpec): DurationDistribution {
  return { meanSeconds: spec.mean, draw: () => spec.mean, drawLengthBiased: () => spec.mean };
}
