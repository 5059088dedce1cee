/**
 * How many seeds a wanted precision takes: seeds are added until every interval is narrow enough.
 *
 * Stopping when the interval first looks narrow enough favours samples whose spread happens to look small, so that such
 * intervals cover the truth slightly less often than they say (Chow and Robbins, "On the asymptotic theory of fixed-width
 * sequential confidence intervals for the mean", Annals of Mathematical Statistics 36, 1965: exact only as the width goes
 * to 0; Singham and Schruben, "Finite-sample performance of absolute precision stopping rules", INFORMS Journal on
 * Computing 24, 2012: worst with few observations at the first look and many looks). Both are held down here: no look
 * before `leastSeeds`, and rounds that jump to the number of seeds that the last one predicts.
 */
import { confidence, estimateMean } from "./interval.ts";
import { studentTQuantile } from "./student-t.ts";

/** Seeds before the first look; the spread is then known to about a sixth. */
export const leastSeeds = 20;

/** A round at most doubles the seeds, because a prediction from few of them may be far off. */
const largestGrowth = 2;

/** Half-width of the 95 % interval: at most this share of the mean, or at most this much in the measure's unit. */
export type PrecisionTarget =
  | { readonly kind: "relative"; readonly share: number }
  | { readonly kind: "absolute"; readonly halfWidth: number };

/** The values of a measure in one arm, one for each seed where it exists. */
export interface MeasuredArm {
  readonly arm: string;
  readonly measure: string;
  readonly values: readonly number[];
}

/**
 * How far one arm is in one measure.
 *
 * @property halfWidth of the 95 % Student-t interval; infinite with fewer than two values.
 * @property wanted the half-width that the target allows.
 * @property seeds how many the target will probably take; infinite where no number does (a share of a mean of 0).
 */
export interface ArmPrecision {
  readonly arm: string;
  readonly measure: string;
  readonly mean: number;
  readonly halfWidth: number;
  readonly wanted: number;
  readonly isReached: boolean;
  readonly seeds: number;
}

export function armPrecision(
  { arm, measure, values }: MeasuredArm,
  target: PrecisionTarget,
  seeds: number,
): ArmPrecision {
  const { mean, ci95 } = estimateMean(values);
  const halfWidth = ci95 === null ? Number.POSITIVE_INFINITY : (ci95[1] - ci95[0]) / 2;
  const wanted = target.kind === "relative" ? target.share * Math.abs(mean) : target.halfWidth;
  const isReached = halfWidth <= wanted;
  // A measure that exists in some runs only takes more seeds than values.
  const needed = isReached ? values.length : valuesNeeded(halfWidth, values.length, wanted);
  return { arm, measure, mean, halfWidth, wanted, isReached, seeds: Math.ceil((needed * seeds) / values.length) };
}

/** The least number of values whose interval is `wanted` wide on each side if their spread stays as it is. */
function valuesNeeded(halfWidth: number, count: number, wanted: number): number {
  if (!(wanted > 0) || !Number.isFinite(halfWidth)) return Number.POSITIVE_INFINITY;
  const quantile = (values: number): number => studentTQuantile((1 + confidence) / 2, values - 1);
  const deviation = (halfWidth * Math.sqrt(count)) / quantile(count);
  // The quantile falls with the number of values, so that starting from the present one errs on the upper side and settles.
  let needed = count;
  for (let step = 0; step < settlingSteps; step++) {
    const ratio = (quantile(Math.max(2, needed)) * deviation) / wanted;
    needed = Math.max(count + 1, Math.ceil(ratio * ratio));
  }
  return needed;
}

const settlingSteps = 8;

/** One look: what every arm and measure has reached, and whether to go on. */
export interface PrecisionRound {
  readonly seeds: number;
  readonly arms: readonly ArmPrecision[];
  /** Seeds of the next round; null when all is narrow enough or `mostSeeds` is reached. */
  readonly next: number | null;
}

export interface SeedLimits {
  /** Seeds of the first look; at least `leastSeeds` are taken, unless `mostSeeds` is less. */
  readonly first: number;
  readonly mostSeeds: number;
}

/** The seeds of the first look. */
export const firstSeeds = ({ first, mostSeeds }: SeedLimits): number =>
  Math.min(mostSeeds, Math.max(first, leastSeeds));

/** Looks at `seeds` seeds. All arms get the same seeds, so that differences between them stay paired. */
export function precisionRound(
  measured: readonly MeasuredArm[],
  target: PrecisionTarget,
  { seeds, mostSeeds }: { readonly seeds: number; readonly mostSeeds: number },
): PrecisionRound {
  const arms = measured.filter(({ values }) => values.length > 0).map((one) => armPrecision(one, target, seeds));
  const wide = arms.filter(({ isReached }) => !isReached);
  if (wide.length === 0 || seeds >= mostSeeds) return { seeds, arms, next: null };
  const predicted = Math.max(...wide.map((arm) => arm.seeds));
  return { seeds, arms, next: Math.min(mostSeeds, Math.max(seeds + 1, Math.min(predicted, largestGrowth * seeds))) };
}

/**
 * Adds seeds until every arm is as precise in every measure as `target` wants, or there are `mostSeeds`.
 *
 * @param measure makes the runs of that many seeds and returns what they measured.
 * @returns the last round.
 */
export async function reachPrecision(
  target: PrecisionTarget,
  limits: SeedLimits,
  measure: (seeds: number) => Promise<readonly MeasuredArm[]>,
  onRound?: (round: PrecisionRound) => void,
): Promise<PrecisionRound> {
  for (let seeds = firstSeeds(limits); ; ) {
    const round = precisionRound(await measure(seeds), target, { seeds, mostSeeds: limits.mostSeeds });
    onRound?.(round);
    if (round.next === null) return round;
    seeds = round.next;
  }
}
