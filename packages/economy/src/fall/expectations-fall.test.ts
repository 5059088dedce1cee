import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runPath } from "../path.ts";
import { prospectusBeliefs } from "../prospectus.ts";
import { runEconomy } from "../run.ts";
import { buildWorld, noShocks } from "../world.ts";
import { gainRecorder } from "./expectations-fall.ts";
import { fallOf } from "./fall-of.ts";

const owners = protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false }));

const bubble = (beliefs: EconomyInput["beliefs"], fields: Partial<EconomyInput> = {}) =>
  economyWith({
    shocks: "expected",
    horizon: "400 d",
    models: [modelWith({ targetTokens: "500B", deadline: "200 d" })],
    participation: { temperature: 0.02 },
    beliefs,
    ...fields,
  });
const run = (beliefs: EconomyInput["beliefs"], fields: Partial<EconomyInput> = {}) =>
  runEconomy(bubble(beliefs, fields), owners, { seed: 5, detail: "measures" });

describe("a fall of expectations", () => {
  test("is none without a date, and optimism ends at the prospectus unless told otherwise", () => {
    expect(fallOf({ kind: "optimistic", factor: 4 })).toBeUndefined();
    expect(fallOf({ kind: "rational" })).toBeUndefined();
    const day = 86_400;
    expect(fallOf({ kind: "optimistic", factor: 4, until: 60 * day })).toEqual({ epoch: 60, factor: 0.25 });
    expect(fallOf({ kind: "optimistic", factor: 4, until: 60 * day, afterwards: 2 })?.factor).toBe(0.5);
    expect(fallOf({ kind: "adaptive", shock: { day: 7 * day, factor: 0.3 } })).toEqual({ epoch: 7, factor: 0.3 });
  });

  test.each([
    ["optimistic", 0.25],
    ["optimistic", 0.6],
    ["optimistic", 2],
    ["adaptive", 0.3],
  ] as const)("of %s beliefs scales what a unit is worth on the day and not before: to %d", (kind, afterwards) => {
    const world = buildWorld(bubble({ kind: "adaptive" }), 5);
    const gain = kind === "adaptive" ? 0.05 : 0;
    const rule = { kind, factor: 3, gain, revisionEpochs: 7 };
    const [steady, falling] = [undefined, { epoch: 40, factor: afterwards / 3 }].map((fall) =>
      prospectusBeliefs(world, { ...rule, fall }),
    );
    for (const epoch of [0, 39, 40, 41, 90]) {
      const input = {
        ...{ epoch, cumulativeWork: Float64Array.of(0), recentWork: Float64Array.of(0) },
        ...{ distinctTokens: Float64Array.of(5e11), releasedAt: Int32Array.of(-1), revenue: Float64Array.of(0) },
        ...{ claimShare: Float64Array.of(0.5), dataClaimShare: Float64Array.of(0.1), units: Float64Array.of(0) },
        ...{ dataUnits: Float64Array.of(0), unitsToCome: () => Float64Array.of(1e9) },
      };
      steady.revise(input);
      falling.revise(input);
      expect(falling.unitValue[0] / steady.unitValue[0]).toBeCloseTo(epoch < 40 ? 1 : afterwards / 3, 12);
      // The institution never shared the hope, so it loses none.
      expect(falling.expectedValue[0] / steady.expectedValue[0]).toBeCloseTo(1, 12);
    }
  });

  test("empties what high expectations filled, and whoever came is paid less than it cost", () => {
    const market = { revenueMultiple: 0.3, serviceLife: "90 d" };
    const outcome = run({ kind: "optimistic", factor: 60, until: "60 d", afterwards: 0.05 }, { market });
    expect(measured(outcome, "participation/before-fall")).toBeGreaterThan(0.5);
    expect(measured(outcome, "participation/after-fall")).toBeLessThan(0.02);
    // Two months of sixty devices, and nothing to show for it.
    expect(measured(outcome, "provider-gain")).toBeLessThan(-10_000);
    // Whoever has just decided stays for a week.
    expect(measured(outcome, "compute/before-fall") / measured(outcome, "compute")).toBeGreaterThan(0.9);
    expect(outcome.measures.map(({ name }) => name)).toEqual(
      measureNames(bubble({ kind: "optimistic", factor: 6, until: "60 d" })),
    );
  });

  test("that never comes within the horizon changes nothing but what is measured", () => {
    const [without, late] = [
      run({ kind: "optimistic", factor: 3 }),
      run({ kind: "optimistic", factor: 3, until: "500 d" }),
    ];
    expect(late.traceHash).toBe(without.traceHash);
    expect(measured(late, "compute/before-fall")).toBe(measured(late, "compute"));
    expect(measured(late, "participation/after-fall")).toBe(0);
    expect(measured(late, "participation/before-fall")).toBeCloseTo(measured(late, "participation"), 12);
  });

  test.each(["adaptive", "rational"] as const)("shocks %s beliefs, too", (kind) => {
    const rich = { market: { revenueMultiple: 30, serviceLife: "90 d" } };
    const before = run({ kind, shock: { day: "30 d", factor: 1 } }, rich);
    const after = run({ kind, shock: { day: "30 d", factor: 0.001 } }, rich);
    expect(measured(after, "participation/before-fall")).toBe(measured(before, "participation/before-fall"));
    expect(measured(before, "participation/after-fall")).toBeGreaterThan(0.1);
    expect(measured(after, "participation/after-fall")).toBeLessThan(
      0.5 * measured(before, "participation/after-fall"),
    );
  });
});

test("the gain of all providers is their cash at the end, less that at the start and what they forwent", () => {
  const patient = { group: "homes", count: 40, device: "rtx-4090", discountRate: "0 %/y", opportunitySpread: 0.4 };
  const world = buildWorld(bubble({ kind: "adaptive" }, { providers: [patient] }), 7);
  const gains = gainRecorder(world);
  let forgone = 0;
  const rule = { kind: "optimistic", factor: 4, gain: 0, revisionEpochs: 7 } as const;
  const state = runPath(world, owners, prospectusBeliefs(world, rule), noShocks(1), {
    journalCapacity: 0,
    observe: (now) => {
      gains.observe(now);
      for (const [i, choice] of now.participation.choice.entries())
        if (choice >= 0 && now.workDone.count > 0) forgone += world.population.opportunity[i];
    },
  });
  const { ledger, cash } = state.books;
  let gained = 0;
  for (let i = 0; i < 40; i++) gained += (ledger.balance(i, cash) - world.population.wealthMicros[i]) / 1e6;
  expect(forgone).toBeGreaterThan(1000);
  expect(gains.gainDollars() / (gained - forgone)).toBeCloseTo(1, 9);
});
