import { type Source, surenessLevels } from "@shardlab/contracts";
import { deviceKinds } from "@shardlab/devices";
import { describe, expect, test } from "vitest";
import { bitcoinHistory, bitcoinRules, hashRateAtDifficulty, miningCosts } from "./bitcoin.ts";
import { joulesPerKilowattHour } from "./figure.ts";
import { frontierFigures } from "./frontier-compute.ts";
import { linkKinds, links } from "./links.ts";
import { regionKinds, regions } from "./regions.ts";
import { besiroglu2024, diloco2025, hoffmann2022, hoffmann2022Unrounded, muennighoff2023 } from "./scaling-laws.ts";
import { trainingRunKinds, trainingRuns } from "./training-runs.ts";

const rows: readonly { readonly sources: Readonly<Record<string, Source>> }[] = [
  ...links,
  ...regions,
  ...trainingRuns,
  ...bitcoinHistory,
  ...miningCosts,
  ...frontierFigures,
];

function numbersIn(value: unknown, path = ""): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${path}.${key}`));
}

test("every row says where its figures come from, and how sure they are", () => {
  for (const row of rows) {
    const sources = Object.values(row.sources);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(source.citation.length).toBeGreaterThan(10);
      expect(surenessLevels).toContain(source.sureness);
    }
  }
});

test("every number is finite and positive", () => {
  for (const row of rows) {
    for (const [path, value] of numbersIn(row)) expect(value, path).toBeGreaterThan(0);
  }
});

test.each([
  ["links", linkKinds, 6],
  ["regions", regionKinds, 10],
  ["training runs", trainingRunKinds, 12],
] as const)("the kinds of %s are unique, sorted and kebab-case", (_, kinds, least) => {
  expect(kinds.length).toBeGreaterThanOrEqual(least);
  expect([...kinds].sort()).toEqual([...kinds]);
  expect(new Set(kinds).size).toBe(kinds.length);
  for (const kind of kinds) expect(kind).toMatch(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/);
});

describe("links and regions", () => {
  test("a link is up at most always, and never faster up than down", () => {
    for (const row of links) {
      expect(row.availability, row.kind).toBeLessThanOrEqual(1);
      expect(row.availability, row.kind).toBeGreaterThan(0.9);
      expect(row.upBytesPerSecond, row.kind).toBeLessThanOrEqual(row.downBytesPerSecond);
      expect(row.latencySeconds, row.kind).toBeLessThan(0.2);
    }
  });

  test("the owners of all regions are all owners", () => {
    expect(regions.reduce((sum, row) => sum + row.deviceOwnerShare, 0)).toBeCloseTo(1, 12);
  });

  test("household electricity costs 0.05 to 0.5 $/kWh", () => {
    for (const row of regions) {
      expect(row.electricityDollarsPerJoule * joulesPerKilowattHour, row.kind).toBeGreaterThan(0.05);
      expect(row.electricityDollarsPerJoule * joulesPerKilowattHour, row.kind).toBeLessThan(0.5);
    }
  });
});

describe("training runs", () => {
  test("run on devices of the table, with no more active parameters than there are", () => {
    for (const row of trainingRuns) {
      expect(deviceKinds).toContain(row.device);
      expect(row.activeParameters, row.kind).toBeLessThanOrEqual(row.totalParameters);
    }
  });

  test("at least nine publish their device-hours", () => {
    expect(
      trainingRuns.filter((row) => row.deviceHours !== undefined && !row.leftOutBecause).length,
    ).toBeGreaterThanOrEqual(9);
  });

  test("the pieces of a published cost agree: DeepSeek-V3 is 2.788M hours at $2", () => {
    for (const { publishedCost: cost, kind } of trainingRuns) {
      if (!cost?.deviceHours || !cost.dollarsPerDeviceHour) continue;
      expect(cost.deviceHours * cost.dollarsPerDeviceHour, kind).toBeCloseTo(cost.dollars, 0);
    }
    expect(trainingRuns.find((row) => row.kind === "deepseek-v3")?.publishedCost?.dollars).toBe(5.576e6);
  });
});

describe("bitcoin", () => {
  test("dates go forward, bounds enclose their centre, hardware only gets better", () => {
    let before = { year: 0, difficulty: 0, efficiency: Number.POSITIVE_INFINITY };
    for (const row of bitcoinHistory) {
      expect(row.year, row.date).toBeGreaterThan(before.year);
      expect(row.difficulty, row.date).toBeGreaterThan(before.difficulty);
      expect(row.joulesPerTerahash.central, row.date).toBeLessThan(before.efficiency);
      before = { year: row.year, difficulty: row.difficulty, efficiency: row.joulesPerTerahash.central };
    }
    const estimates = [...bitcoinHistory, ...miningCosts].flatMap((row) => Object.values(row));
    for (const estimate of estimates) {
      if (typeof estimate !== "object" || !("low" in estimate)) continue;
      expect(estimate.low).toBeLessThan(estimate.central);
      expect(estimate.central).toBeLessThan(estimate.high);
    }
  });

  test("the subsidy is that of the era, to the nearest halving", () => {
    // Halvings: 28 November 2012, 9 July 2016, 11 May 2020, 20 April 2024.
    const halvings = [2012.91, 2016.52, 2020.36, 2024.3];
    for (const row of bitcoinHistory) {
      const passed = halvings.filter((year) => year < row.year).length;
      expect(row.subsidyBitcoin, row.date).toBe(50 / 2 ** passed);
    }
  });

  test("at difficulty 1 a block takes 2^32 hashes", () => {
    expect(hashRateAtDifficulty(1)).toBe(2 ** 32 / 600);
    expect(bitcoinRules.blocksPerRetarget * bitcoinRules.blockSeconds).toBe(14 * 86_400);
  });
});

describe("scaling laws", () => {
  test("at Chinchilla's size and tokens the fits agree to 0.05 nats", () => {
    const losses = [hoffmann2022, besiroglu2024].map(
      (law) =>
        law.irreducible +
        law.parameterCoefficient / 70e9 ** law.parameterExponent +
        law.tokenCoefficient / 1.4e12 ** law.tokenExponent,
    );
    expect(Math.abs((losses[0] as number) - (losses[1] as number))).toBeLessThan(0.05);
  });

  test("the rounded constants round the unrounded ones", () => {
    expect(hoffmann2022Unrounded.parameterExponent.toFixed(2)).toBe(hoffmann2022.parameterExponent.toFixed(2));
    expect(hoffmann2022Unrounded.tokenExponent).toBeCloseTo(hoffmann2022.tokenExponent, 2);
  });

  test("Muennighoff's fit has the coefficients 521, 1488 and 1.87 that the authors print", () => {
    expect(Math.exp(muennighoff2023.law.logParameterCoefficient)).toBeCloseTo(521, 0);
    expect(Math.exp(muennighoff2023.law.logTokenCoefficient)).toBeCloseTo(1488, 0);
    expect(Math.exp(muennighoff2023.law.logIrreducible)).toBeCloseTo(1.87, 2);
    expect(muennighoff2023.tokenRepetitionDecay).toBeCloseTo(15.39, 2);
  });

  test("one DiLoCo replica is no worse than 2 % of data parallelism over the sizes fitted", () => {
    for (const parameters of [35e6, 2.4e9]) {
      const joint = diloco2025.coefficient * parameters ** diloco2025.parameterExponent;
      const parallel = diloco2025.dataParallel.coefficient * parameters ** diloco2025.dataParallel.parameterExponent;
      expect(Math.abs(joint / parallel - 1)).toBeLessThan(0.02);
    }
  });
});
