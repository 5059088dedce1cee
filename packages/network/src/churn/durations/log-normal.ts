/**
 * Log-normal: ln X is normal with standard deviation sigma, and mean = exp(mu + sigma^2 / 2).
 *
 * The other family that Stutzbach and Rejaie ("Understanding churn in peer-to-peer networks", IMC 2006) find to fit
 * measured sessions. Its hazard first rises and then falls. Lengths seen at a random instant are log-normal too, with
 * mu + sigma^2 in the place of mu.
 */
import { quantity } from "@shardlab/contracts";
import { log } from "@shardlab/numerics";
import { z } from "zod";
import type { DurationDistribution } from "./duration-distribution.ts";

export const logNormalSpec = z.strictObject({
  kind: z.literal("log-normal"),
  mean: quantity("duration", { above: "0 s" }),
  sigma: z.number().positive().max(5).default(1.5).describe("standard deviation of the logarithm"),
});
export type LogNormalSpec = z.output<typeof logNormalSpec>;

export function logNormal({ mean, sigma }: LogNormalSpec): DurationDistribution {
  const variance = sigma * sigma;
  const mu = log(mean) - variance / 2;
  return {
    meanSeconds: mean,
    draw: (stream) => stream.logNormal(mu, sigma),
    drawLengthBiased: (stream) => stream.logNormal(mu + variance, sigma),
  };
}
