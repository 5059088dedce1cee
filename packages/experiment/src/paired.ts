/** Differences between two arms that ran on the same seeds, and therefore share their noise. */
import { mean, sampleVariance } from "simple-statistics";
import { detectableDifference, type Estimate, studentTInterval } from "./interval.ts";

/** One value per seed. */
export type ValuesBySeed = ReadonlyMap<number, number>;

export type DifferenceVerdict = "higher" | "lower" | "no difference" | "no power";

/**
 * The mean of `left - right` over shared seeds.
 *
 * @property verdict `higher` or `lower` when the interval leaves out zero, `no difference` when it holds zero, and
 *   `no power` when fewer than two seeds are shared.
 */
export interface PairedDifference extends Estimate {
  readonly verdict: DifferenceVerdict;
}

function verdictOf({ ci95 }: Estimate): DifferenceVerdict {
  if (ci95 === null) return "no power";
  if (ci95[0] > 0) return "higher";
  return ci95[1] < 0 ? "lower" : "no difference";
}

/**
 * `left` minus `right` on the seeds that both have, with a Student-t interval over the differences; undefined when they
 * share no seed. `mdd` is the smallest difference that this pairing would show (power 0.8, two-sided 5 %).
 */
export function pairedDifference(left: ValuesBySeed, right: ValuesBySeed): PairedDifference | undefined {
  const differences: number[] = [];
  for (const [seed, value] of left) {
    const other = right.get(seed);
    if (other !== undefined) differences.push(value - other);
  }
  const n = differences.length;
  if (n === 0) return undefined;
  const centre = mean(differences);
  if (n < 2) return { mean: centre, ci95: null, n, mdd: null, verdict: "no power" };
  const standardError = Math.sqrt(sampleVariance(differences) / n);
  const estimate: Estimate = {
    mean: centre,
    ci95: studentTInterval(centre, standardError, n - 1),
    n,
    mdd: detectableDifference(standardError, n - 1),
  };
  return { ...estimate, verdict: verdictOf(estimate) };
}
