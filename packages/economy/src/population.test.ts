import { createStreams } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import { buildDataPopulation } from "./data-population.ts";
import { type EconomyInput, economyWith } from "./fixtures/small-economy.ts";
import { linkUtilization } from "./link-utilization.ts";
import { buildPopulation, type Population } from "./population.ts";

type Group = EconomyInput["providers"][number];
const home: Group = { group: "homes", count: 500, device: "rtx-4090" };

const populationOf = (providers: Group[], seed = 1): Population =>
  buildPopulation(economyWith({ providers }), createStreams(seed), 7);

/** Standard errors by which the logarithms miss their mean and their variance, if they are normal. */
function deviations(values: ArrayLike<number>, median: number, spread: number): number[] {
  const logs = Array.from(values, (value) => Math.log(value / median));
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const variance = logs.reduce((sum, value) => sum + value * value, 0) / logs.length;
  const below = logs.filter((value) => value < -spread).length / logs.length;
  // P(Z < -1) of the standard normal.
  const expected = 0.15865525393145707;
  return [
    (mean / spread) * Math.sqrt(logs.length),
    (variance / spread ** 2 - 1) * Math.sqrt(logs.length / 2),
    (below - expected) / Math.sqrt((expected * (1 - expected)) / logs.length),
  ];
}

describe("the draws of a group", () => {
  const spreads = {
    devicesSpread: 0.7,
    opportunitySpread: 0.3,
    warmGlowSpread: 0.5,
    discountRateSpread: 0.4,
    wealthSpread: 1.1,
    optimism: 0.25,
  };
  const population = populationOf([{ ...home, ...spreads, count: 20_000, warmGlow: "$0.02/h", availability: 1 }]);

  test.each([
    ["devices", () => population.rentalValue, 24 * 0.4, 0.7],
    ["optimism", () => population.optimism, 1, 0.25],
    [
      "warm glow for each device",
      () => population.warmGlow.map((glow, i) => glow / population.rentalValue[i]),
      0.05,
      0.5,
    ],
    [
      "wealth for each device",
      () => population.wealthMicros.map((m, i) => m / population.rentalValue[i]),
      2e10 / 9.6,
      1.1,
    ],
    [
      "opportunity",
      () => population.opportunity.map((d, i) => (d + population.electricity[i]) / population.rentalValue[i]),
      0.5,
      0.3,
    ],
  ] as const)("%s are log-normal around their median", (_, column, median, spread) => {
    for (const z of deviations(column(), median, spread)) expect(Math.abs(z)).toBeLessThan(4);
  });

  test("discount rates fall into logarithmic classes that keep their distribution", () => {
    const rates = Array.from(population.discountClass, (k) => population.discountRates[k]);
    const median = 0.15 / 365.25;
    const [meanZ] = deviations(rates, median, 0.4);
    expect(Math.abs(meanZ)).toBeLessThan(4);
    expect(new Set(population.discountClass).size).toBeGreaterThan(10);
  });

  test("without spread everybody is at the median", () => {
    const { rentalValue, workPerEpoch, optimism } = populationOf([{ ...home, availability: 0.5 }]);
    expect(new Set(rentalValue)).toEqual(new Set([rentalValue[0]]));
    expect(rentalValue[0]).toBeCloseTo(12 * 0.4, 9);
    expect(new Set(workPerEpoch).size).toBe(1);
    expect(new Set(optimism)).toEqual(new Set([1]));
  });
});

describe("common random numbers", () => {
  const spread: Group = { ...home, devicesSpread: 0.5, opportunitySpread: 0.4, wealthSpread: 0.8, optimism: 0.2 };
  const other: Group = { group: "miners", count: 300, device: "rtx-3090", opportunitySpread: 0.4, devicesSpread: 0.3 };
  const before = populationOf([spread]);
  const columns = ["workPerEpoch", "opportunity", "wealthMicros", "optimism", "runningCost"] as const;

  test.each([
    ["a group behind", [spread, other], 0],
    ["a group in front", [other, spread], 300],
    ["more members", [{ ...spread, count: 900 }], 0],
    ["another group's other device", [spread, { ...other, device: "h100-sxm" as const }], 0],
  ])("%s changes no other member's draws", (_, providers, first) => {
    const after = populationOf(providers);
    for (const column of columns) expect(after[column].slice(first, first + 500)).toEqual(before[column]);
  });

  test("another seed changes them, and so does another group", () => {
    expect(populationOf([spread], 2).opportunity).not.toEqual(before.opportunity);
    expect(populationOf([{ ...spread, group: "flats" }]).opportunity).not.toEqual(before.opportunity);
  });

  test("data providers keep theirs as well", () => {
    const publishers = { group: "publishers", count: 40, tokens: "1B", tokensSpread: 0.6, reservationSpread: 0.5 };
    const more = [
      { group: "archives", count: 9, tokens: "5B" },
      { ...publishers, count: 60 },
    ];
    const alone = buildDataPopulation(economyWith({ data: [publishers] }), createStreams(1));
    const among = buildDataPopulation(economyWith({ data: more }), createStreams(1));
    for (const column of ["tokens", "reservation", "reluctance"] as const)
      expect(among[column].slice(9, 49)).toEqual(alone[column]);
  });
});

describe("work and cost", () => {
  test("the share of time computing is 1 / (1 + transfer over compute)", () => {
    // A step of 1 TFLOP takes 1/50 s to compute and 0.1 MB over 2.5 MB/s takes 1/25 s to send.
    expect(linkUtilization(50e12, 0.1e6 / 1e12, 2.5e6)).toBeCloseTo(1 / 3, 12);
    expect(linkUtilization(50e12, 0, 2.5e6)).toBe(1);
    expect(linkUtilization(1e30, 1e-6, 1)).toBeCloseTo(0, 12);
  });

  test("a provider's day, worked out by hand", () => {
    // RTX 4090: 165.2 TFLOP/s, 450 W, $0.40/h; cable: 20 Mbit/s up; United States: $0.165/kWh.
    const { workPerEpoch, electricity, runningCost, opportunity } = populationOf([{ ...home, upkeep: "$0.02/h" }]);
    const flopPerSecond = 0.4 * 165.2e12;
    const transferPerCompute = (flopPerSecond * 0.11e6) / 1e12 / 2.5e6;
    const seconds = 0.9 * 86_400;
    expect(workPerEpoch[0]).toBeCloseTo((flopPerSecond * seconds) / (1 + transferPerCompute) / 1e15, 6);
    expect(electricity[0]).toBeCloseTo((0.45 * 0.165 * seconds) / 3600, 9);
    expect(runningCost[0]).toBeCloseTo(electricity[0] + (0.02 * seconds) / 3600, 9);
    expect(opportunity[0]).toBeCloseTo((0.5 * 0.4 * seconds) / 3600 - electricity[0], 9);
  });

  test("a device that cannot earn its power stands idle", () => {
    expect(populationOf([{ ...home, opportunity: 0.1 }]).opportunity[0]).toBe(0);
  });

  test("everybody decides once in a revision period, in blocks of neighbours", () => {
    const { blocksByPhase, count } = populationOf([home, { ...home, group: "flats", count: 33 }]);
    const turns = new Int32Array(count);
    for (const { first, count: members } of blocksByPhase.flat()) {
      expect(members).toBeLessThanOrEqual(16);
      for (let i = first; i < first + members; i++) turns[i]++;
    }
    expect(blocksByPhase).toHaveLength(7);
    expect(new Set(turns)).toEqual(new Set([1]));
    const sizes = blocksByPhase.map((blocks) => blocks.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
  });

  test.each([14_335, 14_336, 100_001, 300_000])(
    "a group of %i decides in like parts, each provider once",
    (members) => {
      const { blocksByPhase, count } = populationOf([{ ...home, count: members }]);
      const turns = new Int32Array(count);
      for (const block of blocksByPhase.flat()) {
        expect(block.count).toBeLessThanOrEqual(members < 14_336 ? 16 : 256);
        for (let i = block.first; i < block.first + block.count; i++) turns[i]++;
      }
      expect(turns.every((turn) => turn === 1)).toBe(true);
      for (const blocks of blocksByPhase) {
        const deciding = blocks.reduce((sum, block) => sum + block.count, 0);
        expect(Math.abs(deciding / (members / 7) - 1)).toBeLessThan(1 / 64);
      }
    },
  );
});
