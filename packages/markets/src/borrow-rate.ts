/** How the rate of a loan follows utilisation. */
import { quantity, share } from "@shardlab/contracts";
import { exp, expm1, log } from "@shardlab/numerics";
import { z } from "zod";

const adaptiveCurveSpec = z.strictObject({
  kind: z.literal("adaptive-curve"),
  target: share({ min: 0.01, max: 0.99 }).prefault(0.9).describe("utilisation at which the rate stays"),
  steepness: z.number().min(1).max(100).default(4).describe("rate at full utilisation, in rates at the target"),
  speed: z.number().min(0).max(1000).default(50).describe("a year: how fast the rate at the target moves"),
  rateAtTarget: quantity("annualRate", { min: "0.1 %/y", max: "200 %/y" }).prefault("4 %/y").describe("at the start"),
});
const kinkedSpec = z.strictObject({
  kind: z.literal("kinked"),
  kink: share({ min: 0.01, max: 0.99 }).prefault(0.8),
  base: quantity("annualRate", { min: "0 %/y" }).prefault("0 %/y").describe("where nothing is lent"),
  slope: quantity("annualRate", { min: "0 %/y" }).prefault("4 %/y").describe("added up to the kink"),
  steepSlope: quantity("annualRate", { min: "0 %/y" }).prefault("75 %/y").describe("added from the kink to full use"),
});
const fixedSpec = z.strictObject({
  kind: z.literal("fixed"),
  rate: quantity("annualRate", { min: "0 %/y" }).prefault("10 %/y"),
});

export const rateRuleSpec = z.discriminatedUnion("kind", [adaptiveCurveSpec, kinkedSpec, fixedSpec]);
export type RateRule = z.output<typeof rateRuleSpec>;

const secondsPerYear = 365.25 * 86_400;
const lowestAtTarget = 0.001 / secondsPerYear;
const highestAtTarget = 2 / secondsPerYear;

/** Rate at the start of an interval, its mean over it, and the rate at the target at its end; per second. */
export interface RateOverTime {
  readonly now: number;
  readonly average: number;
  readonly rateAtTarget: number;
}

/** What a rule goes by: the share of what is supplied that is lent out, and the rate at its target, per second. */
export interface Utilization {
  readonly used: number;
  readonly rateAtTarget: number;
}

/** The rate over an interval in which utilisation stays as it is. */
export function averageRate(rule: RateRule, { used, rateAtTarget }: Utilization, seconds: number): RateOverTime {
  if (rule.kind === "fixed") return { now: rule.rate, average: rule.rate, rateAtTarget };
  if (rule.kind === "kinked") {
    const { kink, base, slope, steepSlope } = rule;
    const now = used <= kink ? base + (slope * used) / kink : base + slope + (steepSlope * (used - kink)) / (1 - kink);
    return { now, average: now, rateAtTarget };
  }
  const { target, steepness } = rule;
  const distance = (used - target) / (used > target ? 1 - target : target);
  const curve = 1 + distance * (distance < 0 ? 1 - 1 / steepness : steepness - 1);
  const drift = (rule.speed / secondsPerYear) * distance;
  const moved = meanOfMoving(rateAtTarget, drift, seconds);
  return { now: curve * rateAtTarget, average: curve * moved.mean, rateAtTarget: moved.end };
}

/** Mean and end of r exp(drift t) over an interval, r kept between its bounds. */
function meanOfMoving(rate: number, drift: number, seconds: number): { mean: number; end: number } {
  if (drift === 0 || seconds === 0) return { mean: rate, end: rate };
  const bound = drift > 0 ? highestAtTarget : lowestAtTarget;
  const untilBound = Math.max(0, log(bound / rate) / drift);
  const moving = Math.min(seconds, untilBound);
  const grown = (rate * expm1(drift * moving)) / drift;
  const end = moving < seconds ? bound : rate * exp(drift * moving);
  return { mean: (grown + bound * (seconds - moving)) / seconds, end };
}
