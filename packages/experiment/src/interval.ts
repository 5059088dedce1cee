/** Means over seeds, with Student-t intervals and the smallest difference that so many seeds can show. */
import { mean, sampleVariance } from "simple-statistics";
import { studentTQuantile } from "./student-t.ts";

/** Coverage of every interval here, and the power at which a difference counts as detectable. */
export const confidence = 0.95;
export const power = 0.8;

/** Lower and upper limit. */
export type Limits = readonly [low: number, high: number];

/**
 * A mean over `n` seeds.
 *
 * @property ci95 Student-t interval at 95 %; null with fewer than two values, because one value says nothing of spread.
 * @property mdd minimal detectable difference, see `detectableDifference`; null with fewer than two values.
 */
export interface Estimate {
  readonly mean: number;
  readonly ci95: Limits | null;
  readonly n: number;
  readonly mdd: number | null;
}

const upperQuantile = (degreesOfFreedom: number): number => studentTQuantile((1 + confidence) / 2, degreesOfFreedom);

/** The Student-t interval of a mean with this standard error, at 95 %. */
export function studentTInterval(centre: number, standardError: number, degreesOfFreedom: number): Limits {
  // Without spread there may be no degrees of freedom to speak of (Welch's formula divides zero by zero).
  const half = standardError === 0 ? 0 : upperQuantile(degreesOfFreedom) * standardError;
  return [centre - half, centre + half];
}

/**
 * The true difference that a two-sided test at 5 % finds with probability 0.8, when the difference of two means has this
 * standard error: (t_0.975 + t_0.8) standard errors. Bloom, "Minimum detectable effects" (Evaluation Review 19, 1995).
 */
export function detectableDifference(standardError: number, degreesOfFreedom: number): number {
  if (standardError === 0) return 0;
  return (upperQuantile(degreesOfFreedom) + studentTQuantile(power, degreesOfFreedom)) * standardError;
}

/**
 * Mean of one arm over its seeds. Its `mdd` is the smallest difference from another arm with the same spread and as many
 * seeds that an *unpaired* test would show; where the arms share their seeds, `pairedDifference` can do better.
 *
 * @param values one finite number per seed, at least one.
 */
export function estimateMean(values: readonly number[]): Estimate {
  const n = values.length;
  if (n === 0) throw new Error("no values to average: 0");
  const centre = mean(values);
  if (n < 2) return { mean: centre, ci95: null, n, mdd: null };
  const varianceOfMean = sampleVariance(values) / n;
  return {
    mean: centre,
    ci95: studentTInterval(centre, Math.sqrt(varianceOfMean), n - 1),
    n,
    mdd: detectableDifference(Math.sqrt(2 * varianceOfMean), 2 * n - 2),
  };
}

/**
 * Mean of `left` minus mean of `right` for arms that do not share their seeds: Welch, "The generalization of Student's
 * problem" (Biometrika 34, 1947). `n` is the smaller number of seeds.
 */
export function unpairedDifference(left: readonly number[], right: readonly number[]): Estimate {
  const n = Math.min(left.length, right.length);
  const difference = mean(left) - mean(right);
  if (n < 2) return { mean: difference, ci95: null, n, mdd: null };
  const leftPart = sampleVariance(left) / left.length;
  const rightPart = sampleVariance(right) / right.length;
  const variance = leftPart + rightPart;
  const degreesOfFreedom =
    (variance * variance) / ((leftPart * leftPart) / (left.length - 1) + (rightPart * rightPart) / (right.length - 1));
  const standardError = Math.sqrt(variance);
  return {
    mean: difference,
    ci95: studentTInterval(difference, standardError, degreesOfFreedom),
    n,
    mdd: detectableDifference(standardError, degreesOfFreedom),
  };
}
