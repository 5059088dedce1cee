import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";
import { economyContradictions } from "../spec.ts";
import { buildWorld } from "../world.ts";
import { keptRevenue } from "./kept-revenue.ts";
import { expectedShare, meanExpectedShare, toldOfLeak } from "./leaks.ts";

const owners = protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false }));
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const small = (fields: Partial<EconomyInput> = {}) =>
  economyWith({
    shocks: "expected",
    horizon: "400 d",
    models: [modelWith({ hazard: "0 %/y", targetTokens: "60B", plannedTraining: "30 d" })],
    market: { revenueMultiple: 6, serviceLife: "250 d" },
    ...fields,
  });
const run = (fields: Partial<EconomyInput>, seed = 1) =>
  runEconomy(small(fields), owners, { seed, detail: "measures" });

describe("what a model keeps", () => {
  test("beside a full copy at 1 + 2 / alpha times the cost is 1 / (2 + alpha) of a market that is its own", () => {
    fc.assert(
      fc.property(number(0.5, 8), (priceElasticity) => {
        // A better model takes all: the competitor and doing without are beyond e^-20.
        const market = {
          spending: "$1M/y",
          qualitySensitivity: 60,
          competitorLoss: 3.5,
          outsideAppeal: -20,
          priceElasticity,
        };
        const world = buildWorld(small({ market }), 1);
        const kept = keptRevenue(world, { qualityShare: 1, markup: 1 + 2 / priceElasticity });
        const [share] = kept(0, Float64Array.of(2.1), Uint8Array.of(1));
        // Alone it sells to almost all, for S s / (1 + alpha (1 - s)); beside the copy to half, for S / 2 / (1 + alpha / 2).
        expect(share).toBeCloseTo(1 / (2 + priceElasticity), 2);
        expect([...kept(0, Float64Array.of(2.1), Uint8Array.of(0))]).toEqual([1]);
        expect([...kept(0, Float64Array.of(Number.POSITIVE_INFINITY), Uint8Array.of(1))]).toEqual([1]);
      }),
      { numRuns: 20 },
    );
  });

  test("is less the better and the cheaper the copy is", () => {
    const world = buildWorld(small({ market: { spending: "$1M/y" } }), 1);
    const share = (qualityShare: number, markup: number) =>
      keptRevenue(world, { qualityShare, markup })(0, Float64Array.of(2.0), Uint8Array.of(1))[0];
    const shares = [share(1, 1), share(1, 2), share(0.99, 2), share(0.9, 2)];
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeLessThan(0.8);
  });

  test("on average is the mean of S + (1 - S) k over its life, by quadrature", () => {
    fc.assert(
      fc.property(number(0, 0.02), number(1, 900), number(0, 1), (hazard, epochs, kept) => {
        const pieces = 20_000;
        let sum = 0;
        for (let i = 0; i < pieces; i++) sum += expectedShare(hazard, ((i + 0.5) * epochs) / pieces, kept) / pieces;
        expect(meanExpectedShare(hazard, epochs, kept)).toBeCloseTo(sum, 6);
      }),
    );
  });
});

test("what is told of a leak is right on average: over those who leaked and those who did not", () => {
  fc.assert(
    fc.property(number(0, 0.02), number(1, 600), number(1, 600), number(0, 1), (hazard, age, left, kept) => {
      const survival = Math.exp(-hazard * age);
      const [leaked, safe] = [true, false].map((isLeaked) => toldOfLeak(hazard, { age, left, kept }, isLeaked));
      expect(survival * safe + (1 - survival) * leaked).toBeCloseTo(1, 9);
      // Whoever has leaked earns the share that is kept: by quadrature of what was forecast.
      const pieces = 5000;
      let forecast = 0;
      for (let i = 0; i < pieces; i++)
        forecast += expectedShare(hazard, age + ((i + 0.5) * left) / pieces, kept) / pieces;
      if (forecast > 1e-6) expect(leaked * forecast).toBeCloseTo(kept, 5);
    }),
    { numRuns: 50 },
  );
});

describe("a risk of leaks", () => {
  test("strikes by the exponential law of its hazard", () => {
    const count = 200;
    let leaked = 0;
    for (let seed = 0; seed < count; seed++)
      leaked += measured(run({ leakRisk: { hazard: "60 %/y", kept: 0.5 } }, seed), "leaked");
    // A model is looked at once a day through its 250 days of service.
    const chance = 1 - Math.exp((-0.6 * 249) / 365.25);
    expect(Math.abs(leaked - count * chance) / Math.sqrt(count * chance * (1 - chance))).toBeLessThan(4);
  });

  test("takes the difference of two runs where nobody foresaw it", () => {
    let differs = 0;
    for (let seed = 0; seed < 12; seed++) {
      const [safe, risky] = [undefined, { hazard: "100 %/y", kept: 0.3 }].map((leakRisk) => run({ leakRisk }, seed));
      expect(measured(risky, "compute")).toBe(measured(safe, "compute"));
      const lost = measured(safe, "revenue") - measured(risky, "revenue");
      expect(measured(risky, "revenue-lost")).toBeCloseTo(lost, 2);
      if (measured(risky, "leaked") === 1) differs++;
      expect(lost > 1).toBe(measured(risky, "leaked") === 1);
    }
    expect(differs).toBeGreaterThan(2);
  });

  test("without a hazard is none", () => {
    const [safe, without] = [run({}), run({ leakRisk: { hazard: "0 %/y" } })];
    expect(without.traceHash).toBe(safe.traceHash);
    expect(measured(without, "leaked")).toBe(0);
    expect(measured(without, "revenue-lost")).toBe(0);
    expect(without.measures.map(({ name }) => name)).toEqual(measureNames(small({ leakRisk: {} })));
  });

  test("that rational beliefs know makes fewer work, before anything has happened", () => {
    const rational = { beliefs: { kind: "rational", iterations: 30 } } as const;
    const many = { group: "homes", count: 60, device: "rtx-4090", opportunitySpread: 0.6 } as const;
    const computes = [0, 100, 800].map((percent) => {
      const models = [modelWith({ hazard: "0 %/y", deadline: "90 d" })];
      const outcome = run({ ...rational, models, providers: [many], leakRisk: { hazard: `${percent} %/y`, kept: 0 } });
      expect(measured(outcome, "belief-residual")).toBeLessThan(0.05);
      return measured(outcome, "compute");
    });
    expect(computes[1]).toBeLessThan(computes[0]);
    expect(computes[2]).toBeLessThan(0.9 * computes[1]);
    const [naive, risky] = [0, 800].map((percent) =>
      measured(run({ providers: [many], leakRisk: { hazard: `${percent} %/y`, kept: 0 } }), "compute"),
    );
    expect(risky).toBe(naive);
  });

  test("names what it cannot do", () => {
    const market = { valueLaw: { coefficient: "$1M", elasticity: 0.5 } };
    const faults = (fields: Partial<EconomyInput>) =>
      economyContradictions(small(fields)).map(({ message }) => message);
    expect(faults({ market, leakRisk: {} })[0]).toContain("missing beside valueLaw");
    expect(faults({ market, leakRisk: { kept: 0.2 } })).toEqual([]);
    expect(faults({ market: { spending: "$1M/y", leak: { kind: "leak", day: "9 d" } }, leakRisk: {} })[0]).toContain(
      "beside market.leak",
    );
  });
});

test("a leak on a given day is told of, too: it took the difference of two runs", () => {
  const market = { spending: "$2M/y", serviceLife: "250 d" } as const;
  const [safe, leaky, never] = [undefined, "150 d", "900 d"].map((day) =>
    run({ market: { ...market, ...(day ? { leak: { kind: "leak", day } } : {}) } }),
  );
  expect(measured(leaky, "leaked")).toBe(1);
  const lost = measured(safe, "revenue") - measured(leaky, "revenue");
  expect(lost).toBeGreaterThan(100);
  // A solution of demand stands for a week.
  expect(measured(leaky, "revenue-lost") / lost).toBeCloseTo(1, 2);
  expect(measured(never, "leaked")).toBe(0);
  expect(measured(never, "revenue-lost")).toBe(0);
});
