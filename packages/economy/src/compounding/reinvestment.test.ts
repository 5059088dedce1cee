import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gini } from "../concentration.ts";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runPath } from "../path.ts";
import { buildPopulation } from "../population.ts";
import { prospectusBeliefs } from "../prospectus.ts";
import { runEconomy } from "../run.ts";
import { buildWorld, noShocks } from "../world.ts";
import { addDevices, devicesOf, groupCapacities, withOwnCapacity } from "./capacity.ts";
import { topShare } from "./reinvestment.ts";

/** Released early and trained on: owners are paid while they can still earn more. */
const growing = (reinvest: number | undefined, fields: Partial<EconomyInput> = {}) =>
  economyWith({
    horizon: "500 d",
    shocks: "expected",
    data: [],
    providers: [
      { group: "homes", count: 60, device: "rtx-4090", devicesSpread: 0.5, opportunitySpread: 0.3, riskAversion: 0 },
    ],
    models: [modelWith({ targetTokens: "60B", maximumTokens: "2T", plannedTraining: "30 d", hazard: "0 %/y" })],
    market: { revenueMultiple: 20, serviceLife: "400 d" },
    participation: { temperature: 0.05, ...(reinvest === undefined ? {} : { reinvest }) },
    ...fields,
  });
const owners = (fields: object = {}) =>
  protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false, dataShare: 0, ...fields }));
const run = (reinvest: number | undefined, fields: object = {}, detail: "full" | "measures" = "measures") =>
  runEconomy(growing(reinvest), owners(fields), { seed: 3, detail });

describe("capacity", () => {
  test("that grows from d to k d is that of somebody who came with k d", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 50, noNaN: true }), fc.double({ min: 1, max: 9, noNaN: true }), (d, k) => {
        const of = (devices: number) =>
          economyWith({ providers: [{ group: "homes", count: 1, device: "rtx-3090", devices, warmGlow: "$0.1/h" }] });
        const world = withOwnCapacity(buildWorld(of(d), 1));
        const groups = groupCapacities(world);
        addDevices(world.population, groups, 0, d * (k - 1));
        const wanted = buildWorld(of(d * k), 1).population;
        for (const name of [
          ...(["workPerEpoch", "electricity", "runningCost", "opportunity", "rentalValue", "warmGlow"] as const),
        ])
          expect(world.population[name][0] / wanted[name][0], name).toBeCloseTo(1, 9);
        expect(devicesOf(world.population, groups, 0) / (d * k)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("of one path is not that of another", () => {
    const world = buildWorld(growing(0.5), 1);
    const own = withOwnCapacity(world);
    const before = buildPopulation(growing(0.5), world.streams, world.rule.revisionEpochs);
    addDevices(own.population, groupCapacities(own), 0, 100);
    expect(world.population.workPerEpoch).toEqual(before.workPerEpoch);
    expect(own.population.workPerEpoch[0]).toBeGreaterThan(before.workPerEpoch[0]);
  });
});

describe("reinvestment", () => {
  test("spends a share of income at the price of the devices that it buys", () => {
    const world = buildWorld(growing(0.4), 3);
    const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
    const state = runPath(world, owners(), prospectusBeliefs(world, rule), noShocks(1), {
      journalCapacity: 0,
      observe: ({ books }) => books.ledger.checkConservation(),
    });
    const groups = groupCapacities(world);
    let bought = 0;
    for (let i = 0; i < 60; i++)
      bought += devicesOf(state.world.population, groups, i) - devicesOf(world.population, groups, i);
    const { ledger, suppliers, cash } = state.books;
    expect(bought).toBeGreaterThan(1);
    expect((bought * groups[0].priceDollars * 1e6) / ledger.balance(suppliers, cash)).toBeCloseTo(1, 9);
  });

  test("of nothing leaves everything as it is, and of something makes capacity grow", () => {
    const [without, none, half] = [undefined, 0, 0.5].map((reinvest) => run(reinvest));
    expect(none.traceHash).toBe(without.traceHash);
    expect(measured(none, "capacity-growth")).toBe(1);
    expect(measured(half, "capacity-growth")).toBeGreaterThan(1.02);
    expect(half.traceHash).toBe(run(0.5).traceHash);
    expect(half.measures.map(({ name }) => name)).toEqual(measureNames(growing(0.5)));
  });

  test("is part of rational beliefs, too", () => {
    const spec = growing(0.5, { beliefs: { kind: "rational", iterations: 12 } });
    const outcome = runEconomy(spec, owners(), { seed: 3, detail: "measures" });
    expect(measured(outcome, "capacity-growth")).toBeGreaterThan(1);
    for (const { name, value } of outcome.measures) expect(value, name).not.toBeNaN();
  });
});

describe("concentration over time", () => {
  test.each([1, 2, 3])("is that of work where early work weighs no more and nobody reinvests (seed %d)", (seed) => {
    const world = buildWorld(growing(0), seed);
    const done = new Float64Array(61);
    const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
    const by = owners({ earlyWeight: 0, revenueShare: 1 });
    const state = runPath(world, by, prospectusBeliefs(world, rule), noShocks(1), {
      journalCapacity: 0,
      observe: ({ workDone: { count, account, quantity } }) => {
        for (let row = 0; row < count; row++) done[account[row]] += quantity[row];
      },
    });
    const [stage] = state.stages;
    const value = stage.measures?.(state).find(({ name }) => name === "gini/end")?.value;
    expect(gini(done)).toBeGreaterThan(0.03);
    // Units of ownership are whole: a thousandth of a PFLOP is lost to rounding each day.
    expect(value).toBeCloseTo(gini(done), 6);
  });

  test("is in a table that ends where the measures do", () => {
    const outcome = run(0.3, {}, "full");
    const columns = outcome.tables.find(({ name }) => name === "concentration")?.columns ?? [];
    const [days, ginis] = columns.map(({ data }) => data.values as Float64Array);
    expect(days[0]).toBe(0);
    expect(days.at(-1)).toBe(499);
    expect(ginis.at(-1)).toBe(measured(outcome, "gini/end"));
    expect(measured(outcome, "gini/end")).toBe(measured(outcome, "gini"));
  });

  test("the largest hundredth hold a hundredth of what all hold alike, and all that one holds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (count) => {
        const holders = Math.ceil(0.01 * count);
        expect(topShare(new Float64Array(count).fill(3), 0.01)).toBeCloseTo(holders / count, 12);
        const one = new Float64Array(count);
        one[count >> 1] = 2;
        expect(topShare(one, 0.01)).toBe(1);
      }),
    );
  });
});
