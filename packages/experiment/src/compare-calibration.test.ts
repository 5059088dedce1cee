/** `compare` keeps its promise: arms that are the same are found to differ as often as its level says, and no more. */
import { runEconomy } from "@shardlab/economy";
import { createMechanism } from "@shardlab/mechanisms";
import { createStreams, type RandomStream } from "@shardlab/random";
import { economyOf } from "@shardlab/scenario";
import { quantileSorted } from "simple-statistics";
import { beforeAll, describe, expect, it } from "vitest";
import { compareSamples, verdictOf } from "./compare.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import type { Limits } from "./interval.ts";

const comparisons = 200;
const seedsEach = 5;
const level = 0.95;

/** The least and most of `comparisons` intervals that may hold the truth: four standard errors of a binomial count. */
const slack = 4 * Math.sqrt(comparisons * level * (1 - level));
const fewest = Math.ceil(comparisons * level - slack);

/** Largest distance between the distribution of p-values and the uniform one that chance allows (Kolmogorov, z = 4). */
const largestDistance = 2.28 / Math.sqrt(comparisons);

function distanceFromUniform(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((most, value, index) => {
    return Math.max(most, value - index / sorted.length, (index + 1) / sorted.length - value);
  }, 0);
}

const blockOf = (values: readonly number[], first: number): Map<number, number> =>
  new Map(Array.from({ length: seedsEach }, (_, index) => [first + index, values[first + index]]));

const holdsZero = (limits: Limits): boolean => limits[0] <= 0 && limits[1] >= 0;

/** The 2.5th to 97.5th percentile of resampled means, which this project does not use at few seeds. */
function percentileBootstrap(differences: readonly number[], stream: RandomStream): Limits {
  const means = Array.from({ length: 999 }, () => {
    let sum = 0;
    for (let index = 0; index < differences.length; index++) sum += differences[stream.integer(differences.length)];
    return sum / differences.length;
  }).sort((a, b) => a - b);
  return [quantileSorted(means, 0.025), quantileSorted(means, 0.975)];
}

/** Thirty unlike providers over two months, so that a run is quick and no two are alike. */
const overrides = [
  ...["horizon=61 d", "providers.0.count=30", "providers.0.devices=3", "providers.0.devicesSpread=0.5"],
  ...["providers.0.opportunitySpread=0.6", "providers.0.discountRateSpread=0.5"],
];

describe("an arm against itself on other seeds, through the economy", () => {
  const measured = new Map<string, number[]>();
  beforeAll(() => {
    const resolved = economyOf(smallScenario({ sweep: false, overrides }).resolved);
    for (let seed = 0; seed < 2 * comparisons * seedsEach; seed++) {
      const { measures } = runEconomy(resolved, createMechanism(resolved.mechanism), { seed, detail: "measures" });
      for (const { name, value } of measures) measured.set(name, [...(measured.get(name) ?? []), value]);
    }
  });

  it.each(["compute", "revenue", "gini"])("differs in %s as often as its level says", (measure) => {
    const values = measured.get(measure) ?? [];
    expect(new Set(values).size).toBeGreaterThan(comparisons);
    const compared = Array.from({ length: comparisons }, (_, index) => {
      const first = 2 * seedsEach * index;
      const result = compareSamples(blockOf(values, first), blockOf(values, first + seedsEach));
      if (!result) throw new Error(`nothing compared: ${index}`);
      return result;
    });
    expect(compared.every(({ method }) => method === "welch")).toBe(true);
    const holding = compared.filter(({ ci95 }) => ci95 !== null && holdsZero(ci95)).length;
    expect(holding).toBeGreaterThanOrEqual(fewest);
    expect(distanceFromUniform(compared.map(({ pValue }) => pValue ?? 0))).toBeLessThan(largestDistance);
    expect(compared.filter((result) => verdictOf(result, result.pValue) !== "no difference shown")).toHaveLength(
      comparisons - holding,
    );
  });
});

describe("pairs that share their noise", () => {
  const streams = createStreams(20);
  const noises = {
    normal: (stream: RandomStream) => stream.normal(),
    uniform: (stream: RandomStream) => stream.uniform(-1, 1),
    // The difference of two exponentials is Laplace: heavy tails on both sides.
    laplace: (stream: RandomStream) => stream.exponential(1) - stream.exponential(1),
  };
  const drawn = (kind: keyof typeof noises) =>
    Array.from({ length: comparisons }, (_, entity) => {
      const stream = streams.stream(kind, entity);
      const shared = Array.from({ length: seedsEach }, () => 10 * stream.normal());
      const left = new Map(shared.map((noise, seed) => [seed, noise + noises[kind](stream)]));
      return { left, right: new Map(shared.map((noise, seed) => [seed, noise])) };
    });

  it.each(Object.keys(noises) as (keyof typeof noises)[])("differ as often as its level says: %s noise", (kind) => {
    const compared = drawn(kind).map(({ left, right }) => compareSamples(left, right));
    const holding = compared.filter((result) => result?.ci95 && holdsZero(result.ci95)).length;
    expect(holding).toBeGreaterThanOrEqual(fewest);
    expect(distanceFromUniform(compared.map((result) => result?.pValue ?? 0))).toBeLessThan(largestDistance);
  });

  it("would fail this check with percentile bootstrap intervals", () => {
    const stream = streams.stream("bootstrap");
    const holding = drawn("normal").filter(({ left, right }) => {
      const differences = [...left].map(([seed, value]) => value - (right.get(seed) ?? 0));
      return holdsZero(percentileBootstrap(differences, stream));
    }).length;
    expect(holding).toBeLessThan(fewest);
  });

  it("find a difference of four standard deviations nearly always", () => {
    const found = drawn("normal").filter(({ left, right }) => {
      const shifted = new Map([...left].map(([seed, value]) => [seed, value + 4]));
      const result = compareSamples(shifted, right);
      return result && verdictOf(result, result.pValue) === "higher";
    }).length;
    // Power of the t test at effect 4 and 5 pairs is above 0.999.
    expect(found).toBeGreaterThanOrEqual(comparisons - 4);
  });
});
