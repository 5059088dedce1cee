/** Differences in units of their own spread, which can be compared across measures. */
import { exp } from "@shardlab/numerics";
import { gammaln, mean, sampleVariance } from "simple-statistics";
import { confidence, type Limits } from "./interval.ts";
import { noncentralityAt } from "./noncentral-t.ts";

/**
 * A standardised difference.
 *
 * @property kind `g` in standard deviations of a seed (pooled over both sides); `gz` in standard deviations of the
 *   difference of a pair, which is larger where the pairs share much of their noise.
 * @property ci95 exact where values are normal (and, for `g`, equally spread), see `hedgesG`.
 */
export interface EffectSize {
  readonly kind: "g" | "gz";
  readonly value: number;
  readonly ci95: Limits;
}

/**
 * The factor that takes the bias out of a standardised difference: Gamma(n / 2) / (sqrt(n / 2) Gamma((n - 1) / 2)).
 * Hedges, "Distribution theory for Glass's estimator of effect size" (Journal of Educational Statistics 6, 1981).
 *
 * @param degreesOfFreedom n >= 2; with one the factor is 0, because the estimate has no mean.
 */
export function hedgesCorrection(degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 1) return 0;
  const half = degreesOfFreedom / 2;
  return exp(gammaln(half) - gammaln(half - 0.5)) / Math.sqrt(half);
}

/** Corrects d = t / sqrt(size), with the interval from the noncentral t distribution of t. */
function standardised(kind: EffectSize["kind"], t: number, size: number, degreesOfFreedom: number): EffectSize {
  const factor = hedgesCorrection(degreesOfFreedom) / Math.sqrt(size);
  const limit = (probability: number): number => factor * noncentralityAt(t, degreesOfFreedom, probability);
  return { kind, value: factor * t, ci95: [limit((1 + confidence) / 2), limit((1 - confidence) / 2)] };
}

/**
 * Hedges' g of two samples that share no seeds: the difference of their means (left minus right) over their pooled standard
 * deviation, without its bias (Hedges 1981). The interval inverts the noncentral t distribution (Steiger and Fouladi,
 * "Noncentrality interval estimation", 1997). Undefined where there is no spread or fewer than three degrees of freedom.
 */
export function hedgesG(left: readonly number[], right: readonly number[]): EffectSize | undefined {
  const degreesOfFreedom = left.length + right.length - 2;
  if (left.length < 2 || right.length < 2 || degreesOfFreedom < 3) return undefined;
  const squares = (left.length - 1) * sampleVariance(left) + (right.length - 1) * sampleVariance(right);
  if (squares === 0) return undefined;
  const size = (left.length * right.length) / (left.length + right.length);
  const t = ((mean(left) - mean(right)) / Math.sqrt(squares / degreesOfFreedom)) * Math.sqrt(size);
  return standardised("g", t, size, degreesOfFreedom);
}

/**
 * Hedges' g_z of paired differences: their mean over their standard deviation, without its bias; the interval as in
 * `hedgesG`. Undefined where there is no spread or fewer than four pairs.
 */
export function pairedG(differences: readonly number[]): EffectSize | undefined {
  const degreesOfFreedom = differences.length - 1;
  if (degreesOfFreedom < 3) return undefined;
  const variance = sampleVariance(differences);
  if (variance === 0) return undefined;
  const t = (mean(differences) / Math.sqrt(variance)) * Math.sqrt(differences.length);
  return standardised("gz", t, differences.length, degreesOfFreedom);
}
