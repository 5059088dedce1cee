/**
 * Weibull: P(X > x) = exp(-(x / scale)^shape), with scale = mean / Gamma(1 + 1/shape).
 *
 * Below a shape of 1 the longer somebody has stayed, the longer they are still expected to stay: few peers are stable and
 * the others come and go. Stutzbach and Rejaie ("Understanding churn in peer-to-peer networks", IMC 2006) fit Weibull and
 * log-normal distributions to the sessions of Gnutella, Kad and BitTorrent; their Weibull shapes lie between about 0.3 and
 * 0.6 (quoted from memory, not checked against the paper), of which the default is the middle.
 */
import { quantity } from "@shardlab/contracts";
import { pow } from "@shardlab/numerics";
import { z } from "zod";
import type { DurationDistribution } from "./duration-distribution.ts";
import { gammaFunction } from "./gamma-function.ts";

export const weibullSpec = z.strictObject({
  kind: z.literal("weibull"),
  mean: quantity("duration", { above: "0 s" }),
  shape: z.number().min(0.1).max(100).default(0.45).describe("1 is exponential, less has the heavier tail"),
});
export type WeibullSpec = z.output<typeof weibullSpec>;

export function weibull({ mean, shape }: WeibullSpec): DurationDistribution {
  const scale = mean / gammaFunction(1 + 1 / shape);
  const lengthOf = (exponentialVariate: number): number =>
    Math.max(Number.MIN_VALUE, scale * pow(exponentialVariate, 1 / shape));
  return {
    meanSeconds: mean,
    draw: (stream) => lengthOf(stream.exponential(1)),
    // With Y = (x / scale)^shape, the density x f(x) becomes y^(1/shape) exp(-y): a gamma density.
    drawLengthBiased: (stream) => lengthOf(stream.gamma(1 + 1 / shape)),
  };
}
