/** Measured values of coalitions: held-out losses of models made with every set of contributors, over several seeds. */
import type { Estimate, Source } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";

/**
 * @property contributors names; contributor i is bit i of a coalition.
 * @property losses of each seed, nats per byte, by coalition; the first is nobody's: the base model, or the untrained one.
 * @property machine what computed: the same bits come out on the same backend.
 * @property date of the measurement, YYYY-MM-DD.
 */
export interface ContributionTable {
  readonly kind: string;
  readonly contributors: readonly string[];
  readonly seeds: readonly number[];
  readonly losses: readonly (readonly number[])[];
  readonly machine: string;
  readonly date: string;
  readonly source: Source;
}

/**
 * How a lower loss becomes value. `loss`: v(S) = L(nobody) - L(S), in nats per byte. `perplexity`: v(S) = exp L(nobody) - exp L(S), the
 * fall of the number of bytes among which the model wavers. Both grow with quality, yet shares differ: neither is what customers pay.
 */
export const qualities = ["loss", "perplexity"] as const;
export type Quality = (typeof qualities)[number];

/** v(S) of one seed. */
function valuesOfSeed(losses: readonly number[], quality: Quality): Float64Array {
  const worth = quality === "loss" ? (loss: number) => -loss : (loss: number) => -exp(loss);
  return Float64Array.from(losses, (loss) => worth(loss) - worth(losses[0]));
}

/** v(S), the mean over seeds. */
export function coalitionValues({ losses }: ContributionTable, quality: Quality = "loss"): Float64Array {
  const seeds = losses.map((row) => valuesOfSeed(row, quality));
  return seeds[0].map((_, coalition) => seeds.reduce((sum, values) => sum + values[coalition], 0) / seeds.length);
}

/**
 * What `measure` makes of the values of each seed (v(S) themselves, or contributions): means over seeds, with Student-t intervals at 95 %.
 * @throws Error `unsuitable number of seeds: ...` below 2 or above 10
 */
export function overSeeds(
  { losses }: ContributionTable,
  measure: (values: Float64Array) => Float64Array,
  quality: Quality = "loss",
): Estimate[] {
  const quantile = studentQuantiles[losses.length - 2];
  if (quantile === undefined) throw new Error(`unsuitable number of seeds: ${losses.length} (expected 2 to 10)`);
  const measured = losses.map((row) => measure(valuesOfSeed(row, quality)));
  return Array.from(measured[0], (_, index) => {
    const { mean, deviation } = momentsOf(measured.map((each) => each[index]));
    const half = (quantile * deviation) / Math.sqrt(losses.length);
    return { value: mean, low: mean - half, high: mean + half };
  });
}

/** Student's t at 97.5 % for 1 to 9 degrees of freedom (Fisher and Yates, Statistical Tables, table III). */
const studentQuantiles = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622] as const;

function momentsOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/**
 * Distance between the best and the worst coalition in standard deviations between seeds (their root mean square over coalitions): below
 * 10 a table has no power to tell contributors apart.
 */
export function spreadInDeviations({ losses }: ContributionTable): number {
  const seeds = losses.map((row) => valuesOfSeed(row, "loss"));
  // Nobody's value is 0 in every seed.
  const moments = Array.from({ length: losses[0].length - 1 }, (_, i) => momentsOf(seeds.map((each) => each[i + 1])));
  const means = [0, ...moments.map(({ mean }) => mean)];
  const variance = moments.reduce((sum, { deviation }) => sum + deviation * deviation, 0) / moments.length;
  return (Math.max(...means) - Math.min(...means)) / Math.sqrt(variance);
}
