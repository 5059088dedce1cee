/** Two samples of one measure compared: test, interval, size of the effect, and what should make a reader careful. */
import { mean, sampleSkewness, sampleVariance } from "simple-statistics";
import { permutationProbability, signFlipProbability } from "./compare-permutation.ts";
import { type EffectSize, hedgesG, pairedG } from "./effect-size.ts";
import { confidence, detectableDifference, type Limits } from "./interval.ts";
import type { ValuesBySeed } from "./paired.ts";
import { studentTProbability, studentTQuantile } from "./student-t.ts";

/** The level at which a p-value counts as a finding: what the 95 % intervals leave. */
export const significance = 1 - confidence;

/**
 * One measure of two sides; every difference is left minus right.
 *
 * @property method `paired` by shared seeds (Student), or `welch` for independent samples (Welch 1947).
 * @property seeds how many values each side has in the comparison; the number of pairs on both sides where paired.
 * @property relative difference over the size of the right mean; null where that is 0.
 * @property standardError, degreesOfFreedom of the difference; null with fewer than two values on a side or without spread.
 * @property ci95 Student-t interval of the difference; null where there is no standard error.
 * @property effect null where it has no interval, see `hedgesG` and `pairedG`.
 * @property pValue two-sided; null where nothing can be tested. Where values have no spread and the sides differ it is that of
 *   the exact relabelling test, because a t test of no spread would be sure of itself with two seeds.
 * @property relabellingP the sign-flip or permutation test, which assumes no distribution; null where nothing can be tested.
 * @property mdd minimal detectable difference, see `detectableDifference`; null where there is no standard error.
 * @property cautions what a reader should know of these values, a sentence each.
 */
export interface SampleComparison {
  readonly method: "paired" | "welch";
  readonly seeds: { readonly left: number; readonly right: number };
  readonly left: number;
  readonly right: number;
  readonly difference: number;
  readonly relative: number | null;
  readonly standardError: number | null;
  readonly degreesOfFreedom: number | null;
  readonly ci95: Limits | null;
  readonly effect: EffectSize | null;
  readonly pValue: number | null;
  readonly relabellingP: number | null;
  readonly mdd: number | null;
  readonly cautions: readonly string[];
}

/** Spread below this share of the values is rounding. */
const roundingShare = 1e-12;

/**
 * Compares two sides. They are paired over the seeds that both have where those are at least two and at least half of the
 * smaller side; otherwise all values of both are compared as independent samples. Undefined where a side has no value.
 *
 * @param left, right finite values by seed.
 */
export function compareSamples(left: ValuesBySeed, right: ValuesBySeed): SampleComparison | undefined {
  if (left.size === 0 || right.size === 0) return undefined;
  const shared = [...left.keys()].filter((seed) => right.has(seed));
  const isPaired = shared.length >= 2 && 2 * shared.length >= Math.min(left.size, right.size);
  if (!isPaired) return compareIndependent([...left.values()], [...right.values()], shared.length);
  const unpaired = left.size + right.size - 2 * shared.length;
  const valuesOf = (side: ValuesBySeed): number[] => shared.map((seed) => side.get(seed) as number);
  return comparePairs(valuesOf(left), valuesOf(right), unpaired);
}

function comparePairs(left: readonly number[], right: readonly number[], unpaired: number): SampleComparison {
  const differences = left.map((value, index) => value - right[index]);
  const n = differences.length;
  const difference = mean(differences);
  const spread = spreadOf(differences, [...left, ...right]);
  const relabellingP = differences.every((value) => value === 0) ? null : signFlipProbability(differences);
  const cautions = [
    ...(unpaired > 0 ? [`${unpaired} values have no partner of the same seed and are left out`] : []),
    ...shapeCautions(differences, "differences"),
  ];
  return {
    method: "paired",
    seeds: { left: n, right: n },
    ...levelsOf(left, right, difference),
    ...testOf({ difference, standardError: spread / Math.sqrt(n), degreesOfFreedom: n - 1, relabellingP, cautions }),
    effect: spread === 0 ? null : (pairedG(differences) ?? null),
  };
}

function compareIndependent(left: readonly number[], right: readonly number[], shared: number): SampleComparison {
  const difference = mean(left) - mean(right);
  const seeds = { left: left.length, right: right.length };
  const levels = { method: "welch" as const, seeds, ...levelsOf(left, right, difference) };
  const cautions =
    shared > 0 ? [`${shared} seeds are shared, too few to pair by; they are treated as independent`] : [];
  if (left.length < 2 || right.length < 2) return { ...levels, ...untested, cautions: [...cautions, oneSeed] };
  const scale = [...left, ...right];
  const [leftPart, rightPart] = [left, right].map((side) => {
    const spread = spreadOf(side, scale);
    return (spread * spread) / side.length;
  });
  const variance = leftPart + rightPart;
  const degreesOfFreedom =
    (variance * variance) / ((leftPart * leftPart) / (left.length - 1) + (rightPart * rightPart) / (right.length - 1));
  const isEqual = variance === 0 && Math.abs(difference) <= roundingShare * largestOf(scale);
  const relabellingP = isEqual ? null : permutationProbability(left, right);
  return {
    ...levels,
    ...testOf({
      ...{ difference, standardError: Math.sqrt(variance), degreesOfFreedom, relabellingP },
      cautions: [...cautions, ...shapeCautions(left, "left values"), ...shapeCautions(right, "right values")],
    }),
    effect: variance === 0 ? null : (hedgesG(left, right) ?? null),
  };
}

const oneSeed = "one seed says nothing of spread";

const untested = {
  ...{ standardError: null, degreesOfFreedom: null, ci95: null, effect: null },
  ...{ pValue: null, relabellingP: null, mdd: null },
} as const;

function levelsOf(left: readonly number[], right: readonly number[], difference: number) {
  const rightMean = mean(right);
  const relative = rightMean === 0 ? null : difference / Math.abs(rightMean);
  return { left: mean(left), right: rightMean, difference, relative };
}

const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Standard deviation of `values`; 0 where it is rounding beside the `scale` that they come from. */
function spreadOf(values: readonly number[], scale: readonly number[]): number {
  const deviation = Math.sqrt(sampleVariance(values));
  return deviation <= roundingShare * largestOf(scale) ? 0 : deviation;
}

interface Statistic {
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly relabellingP: number | null;
  readonly cautions: readonly string[];
}

function testOf({ difference, standardError, degreesOfFreedom, relabellingP, cautions }: Statistic) {
  if (standardError === 0) {
    const remark =
      relabellingP === null
        ? "the sides are equal in every seed"
        : "every seed gives the same difference: without spread there is no interval, and p is that of relabelling";
    return { ...untested, pValue: relabellingP, relabellingP, cautions: [...cautions, remark] };
  }
  const pValue = Math.min(1, 2 * studentTProbability(-Math.abs(difference / standardError), degreesOfFreedom));
  const isContested =
    relabellingP !== null &&
    degreesOfFreedom >= 5 &&
    pValue <= significance !== relabellingP <= significance &&
    Math.max(pValue, relabellingP) > 1.5 * Math.min(pValue, relabellingP);
  const contest = `the t test and the relabelling test disagree about 5 %: p = ${pValue.toPrecision(2)} and ${relabellingP?.toPrecision(2)}`;
  return {
    standardError,
    degreesOfFreedom,
    ci95: intervalOf({ difference, standardError, degreesOfFreedom }, confidence),
    pValue,
    relabellingP,
    mdd: detectableDifference(standardError, degreesOfFreedom),
    cautions: isContested ? [...cautions, contest] : cautions,
  };
}

/** The interval of a difference at another level than 95 %, such as 1 - 0.05 / m for m intervals that hold together. */
export function intervalOf(
  {
    difference,
    standardError,
    degreesOfFreedom,
  }: Pick<SampleComparison, "difference" | "standardError" | "degreesOfFreedom">,
  level: number,
): Limits | null {
  if (standardError === null || degreesOfFreedom === null) return null;
  const half = studentTQuantile((1 + level) / 2, degreesOfFreedom) * standardError;
  return [difference - half, difference + half];
}

const fewestForShape = 4;
const fewestForSkew = 8;

/** Where a Student-t interval of so few values is rough: ties, many zeros, a long tail on one side. */
function shapeCautions(values: readonly number[], noun: string): string[] {
  const n = values.length;
  const distinct = new Set(values).size;
  if (n < fewestForShape || distinct === 1) return [];
  const zeros = values.filter((value) => value === 0).length;
  if (2 * zeros >= n) return [`${zeros} of ${n} ${noun} are exactly 0: the interval is rough`];
  if (2 * distinct <= n) return [`only ${distinct} distinct values among ${n} ${noun}: the interval is rough`];
  if (n < fewestForSkew) return [];
  const standardError = Math.sqrt((6 * n * (n - 1)) / ((n - 2) * (n + 1) * (n + 3)));
  const skewness = sampleSkewness(values);
  return Math.abs(skewness) > 2.5 * standardError
    ? [`${noun} are skewed (${skewness.toFixed(1)}): the interval is rough`]
    : [];
}

/** `no difference shown` never says that the sides are equal; `no power` that so few seeds could show nothing. */
export type ComparisonVerdict = "higher" | "lower" | "no difference shown" | "no power";

/** The verdict on a comparison whose p-value, adjusted for all that are read together, is `adjustedP`. */
export function verdictOf(comparison: SampleComparison, adjustedP: number | null): ComparisonVerdict {
  const { difference, pValue, ci95, seeds } = comparison;
  const fewest = Math.min(seeds.left, seeds.right);
  if (fewest < 2) return "no power";
  if (pValue === null || adjustedP === null) return "no difference shown";
  if (adjustedP <= significance) return difference > 0 ? "higher" : "lower";
  // Without spread the exact test has a smallest p-value, which few seeds leave above every level.
  return ci95 === null && pValue > significance ? "no power" : "no difference shown";
}
