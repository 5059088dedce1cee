import type { Mechanism } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "./fixtures/small-economy.ts";
import { entitlements } from "./ownership.ts";
import { runPath } from "./path.ts";
import type { PathState } from "./path-state.ts";
import { prospectusBeliefs } from "./prospectus.ts";
import { totalsRecorder } from "./recorder.ts";
import { runEconomy } from "./run.ts";
import type { EconomySpec } from "./spec.ts";
import { buildWorld, drawShocks, noShocks } from "./world.ts";

const kinds = ["closed-lab", "grant", "proof-of-work", "protocol-models", "volunteer"] as const;
const mechanism = (kind: (typeof kinds)[number], fields: object = {}): Mechanism =>
  createMechanism(
    mechanismSpec.parse({ kind, ...(kind === "grant" ? { approval: 1, delay: "30 d" } : {}), ...fields }),
  );

/** One path under the prospectus, with the journal kept. */
function follow(spec: EconomySpec, by: Mechanism, observe: (state: PathState) => void = () => {}) {
  const world = buildWorld(spec, 2);
  const totals = totalsRecorder(world);
  const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;
  const shocks = spec.shocks === "drawn" ? drawShocks(world) : noShocks(world.terms.length);
  const state = runPath(world, by, prospectusBeliefs(world, rule), shocks, {
    journalCapacity: 0,
    observe: (now) => {
      totals.observe(now);
      observe(now);
    },
  });
  return { world, state, totals: totals.totals };
}

const two = economyWith({ models: [modelWith({}), modelWith({ name: "other", parameters: "7B" })] });

describe("money", () => {
  test.each(kinds)("sums to zero on every day of %s", (kind) => {
    const { state } = follow(two, mechanism(kind), ({ books }) => books.ledger.checkConservation());
    expect(state.epoch).toBe(299);
  });

  test.each(kinds)("that customers of %s paid is what the models earned", (kind) => {
    let revenueMicros = 0;
    const { state, world } = follow(two, mechanism(kind), ({ revenue }) => {
      for (const dollars of revenue) revenueMicros += Math.round(dollars * 1e6);
    });
    const { ledger, customers, cash } = state.books;
    const wealth = [...world.population.wealthMicros, ...world.data.wealthMicros].reduce(
      (sum, value) => sum + value,
      0,
    );
    expect(Number(-ledger.exactBalance(customers, cash)) - wealth).toBe(revenueMicros);
    if (kind !== "proof-of-work") expect(revenueMicros).toBeGreaterThan(0);
  });

  test.each(kinds)("of %s leaves nobody but the contra accounts in debt", (kind) => {
    const { state } = follow(two, mechanism(kind));
    const { ledger, customers, sponsor, issuer } = state.books;
    for (let account = 0; account < ledger.accountCount; account++) {
      if ([customers, sponsor, issuer].includes(account)) continue;
      for (let asset = 0; asset < ledger.assets.length; asset++)
        expect(ledger.balance(account, asset), ledger.accountName(account)).toBeGreaterThanOrEqual(0);
    }
  });

  test.each(kinds)("of %s: everybody's part of the coming revenue sums to 1", (kind) => {
    const shares = entitlements(follow(two, mechanism(kind)).state);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
  });
});

describe("outlay", () => {
  const outlay = 40_000;

  test("of a closed lab is its capital", () => {
    expect(follow(two, mechanism("closed-lab")).totals.presentOutlay).toBeCloseTo(outlay, 2);
  });

  test("of a certain grant is the budget, discounted from the day on which it is paid", () => {
    const { totals, state } = follow(two, mechanism("grant", { approval: 1, delay: "100 d" }));
    expect(totals.presentOutlay).toBeCloseTo(outlay, 2);
    const paid = -state.books.ledger.balance(state.books.sponsor, state.books.cash) / 1e6;
    expect(paid).toBeCloseTo(outlay * Math.exp((0.05 * 100) / 365.25), 2);
  });

  test("of protocol models is the present value of the revenue that is given up", () => {
    let given = 0;
    const by = mechanism("protocol-models", { matchOutlay: false, revenueShare: 0.7, settlement: "1 d" });
    const { totals, state } = follow(economyWith({ shocks: "expected" }), by, ({ epoch, revenue }) => {
      given += 0.7 * revenue[0] * Math.exp((-0.05 * epoch) / 365.25);
    });
    expect(given).toBeGreaterThan(1000);
    expect(totals.presentOutlay / given).toBeCloseTo(1, 9);
    // What owners got is their share of all revenue, to the micro-dollar of each day.
    const { ledger, models, customers, cash } = state.books;
    const revenue =
      -ledger.balance(customers, cash) -
      [...state.world.population.wealthMicros, ...state.world.data.wealthMicros].reduce((sum, value) => sum + value, 0);
    const toDesigner = ledger.balance(models[0].designer, cash);
    const toData = state.world.data.count > 0 ? 0.07 : 0;
    expect(1 - toDesigner / revenue).toBeLessThanOrEqual(0.7 + 1e-6);
    expect(1 - toDesigner / revenue).toBeGreaterThanOrEqual(0.7 - toData - 1e-6);
  });

  test("matched in expectation, when the plan is kept, is the sum that was to be spent", () => {
    // Without a hazard, and with no later day to fear, the plan is worth its 3 outlays to the institution.
    const sure = modelWith({ hazard: "0 %/y", deadline: "63 d" });
    const spec = economyWith({ shocks: "expected", models: [sure] });
    let share = 0;
    follow(spec, mechanism("protocol-models"), ({ offer }) => {
      share = offer.claimShare[0] + offer.dataClaimShare[0];
    });
    expect(share).toBeCloseTo(1 / 3, 6);
  });
});

describe("a run is determined", () => {
  const spread = { opportunitySpread: 0.4, devicesSpread: 0.5 };
  const spec = economyWith({
    providers: [{ group: "homes", count: 200, device: "rtx-4090", ...spread }],
    participation: { temperature: 0.1 },
  });
  const hash = (seed: number, detail: "full" | "measures", on: EconomySpec = spec) =>
    runEconomy(on, mechanism("protocol-models"), { seed, detail }).traceHash;

  test("by its seed, whatever is recorded", () => {
    expect(hash(1, "full")).toBe(hash(1, "full"));
    expect(hash(1, "measures")).toBe(hash(1, "full"));
    expect(hash(2, "full")).not.toBe(hash(1, "full"));
  });

  test("by its beliefs as well, where these are searched for", () => {
    const rational = {
      ...spec,
      beliefs: { kind: "rational", start: "prospectus", tolerance: 0.02, iterations: 10 },
    } as const;
    expect(hash(1, "measures", rational)).toBe(hash(1, "full", rational));
    expect(hash(1, "full", rational)).not.toBe(hash(1, "full"));
  });

  test("and one changed number changes the trace", () => {
    expect(hash(1, "full", { ...spec, outlay: spec.outlay * (1 + 1e-6) })).not.toBe(hash(1, "full"));
  });

  test("its measures do not depend on the detail, and its tables are as long as they say", () => {
    const by = mechanism("protocol-models");
    const [full, brief] = (["full", "measures"] as const).map((detail) => runEconomy(spec, by, { seed: 1, detail }));
    expect(brief.measures).toEqual(full.measures);
    expect(brief.tables).toEqual([]);
    expect(full.tables.map(({ name }) => name)).toEqual(["timeline", "ownership", "groups", "trace"]);
    for (const { columns } of full.tables)
      for (const { data } of columns) expect(data.values.length).toBe(columns[0].data.values.length);
    expect(full.assumptions.length).toBeGreaterThan(5);
  });
});

describe("the edges of what can be simulated", () => {
  const home: EconomyInput["providers"][number] = { group: "homes", count: 20, device: "rtx-4090" };
  const many = Array.from({ length: 50 }, (_, index) => modelWith({ name: `model-${index}` }));
  const edges: [string, Partial<EconomyInput>][] = [
    ["one provider and no data", { providers: [{ ...home, count: 1 }], data: [] }],
    ["a horizon of a day", { horizon: "1 d", market: { spending: "$1M/y" } }],
    ["fifty models", { models: many, horizon: "60 d", market: { spending: "$1M/y" } }],
    ["no wealth", { providers: [{ ...home, wealth: "$0" }], data: [] }],
    ["no outlay", { outlay: "$0" }],
    ["no outlay and spending", { outlay: "$0", market: { spending: "$1M/y" } }],
    ["targets out of reach", { models: [modelWith({ targetTokens: "1T", deadline: "10 y" })] }],
    ["perfect rationality", { participation: { temperature: 0 } }],
    ["nobody who ever decides", { participation: { inertia: 1 } }],
    [
      "no uncertainty at all",
      { market: { revenueMultiple: 3, revenueUncertainty: 0 }, models: [modelWith({ hazard: "0 %/y" })] },
    ],
    ["certain failure", { models: [modelWith({ hazard: "1000000 %/y" })] }],
    ["patience without end", { providers: [{ ...home, discountRate: "0 %/y" }], sponsorDiscount: "0 %/y" }],
    ["quality that does not count", { market: { spending: "$1M/y", qualitySensitivity: 0 }, models: many.slice(0, 2) }],
    ["companies of a million devices", { providers: [{ ...home, count: 2, devices: 1e6 }] }],
    [
      "a target of a day",
      { providers: [{ ...home, count: 2000 }], models: [modelWith({ parameters: "1B", targetTokens: "100B" })] },
    ],
  ];
  const cases = edges.flatMap(([name, fields]) => kinds.map((kind) => [name, kind, fields] as const));

  test.each(cases)("%s, with %s", (_, kind, fields) => {
    const outcome = runEconomy(economyWith(fields), mechanism(kind), { seed: 3, detail: "full" });
    for (const { name, value } of outcome.measures) expect(value, name).not.toBeNaN();
    for (const { name, value } of outcome.measures)
      expect(Math.abs(value), name).toBeLessThan(Number.POSITIVE_INFINITY);
    for (const name of ["participation", "participation/peak", "target-reached"]) {
      expect(measured(outcome, name), name).toBeGreaterThanOrEqual(0);
      expect(measured(outcome, name), name).toBeLessThanOrEqual(1);
    }
    for (const { columns } of outcome.tables)
      for (const { name, data } of columns)
        if (data.type === "float64") expect(data.values, name).not.toContain(Number.NaN);
  });

  test("rational beliefs reach an end in each of them", () => {
    for (const [name, fields] of edges) {
      const spec = economyWith({ ...fields, beliefs: { kind: "rational", iterations: 4 } });
      const outcome = runEconomy(spec, mechanism("protocol-models"), { seed: 3, detail: "measures" });
      for (const measure of outcome.measures) expect(measure.value, `${name}: ${measure.name}`).not.toBeNaN();
    }
  });

  test("a plan without revenue within the horizon cannot be scaled to a multiple of the outlay", () => {
    const spec = economyWith({ horizon: "30 d" });
    expect(() => runEconomy(spec, mechanism("grant"), { seed: 1, detail: "full" })).toThrow(
      "model without planned revenue: toy",
    );
  });
});
