/** What owners who may cheat expect comes true: either they train as they were expected to, or nobody comes. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { economyWith, measured } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
import type { ConductFamilies } from "./conduct.ts";

const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: () => {
    throw new Error("not asked for: nobody audits here");
  },
};

interface Owners {
  readonly count: number;
  readonly costSaved: number;
  readonly damage: number;
  readonly revenueMultiple: number;
}

/** Owners of data centres who are alike but for their opportunity, under one rule, with 18 trials (the default) for beliefs. */
function outcomeOf({ count, costSaved, damage, revenueMultiple }: Owners) {
  const spec = economyWith({
    ...{ horizon: "600 d", outlay: "$3M", shocks: "expected", data: [] },
    providers: [
      {
        ...{ group: "owners", count, device: "h100-sxm", devices: 200, link: "datacentre-100g", opportunity: 0.3 },
        ...{ opportunitySpread: 0.3, discountRate: "15 %/y", upkeep: "$0.10/h", wealth: "$60k" },
        strategy: { kind: "best-response" },
      },
    ],
    models: [
      {
        ...{ name: "frontier", parameters: "70B", targetTokens: "3T", publicTokens: "3T" },
        ...{ plannedTraining: "120 d", deadline: "240 d", hazard: "10 %/y" },
      },
    ],
    market: { revenueMultiple, serviceLife: "350 d" },
    participation: { temperature: 0 },
    attacks: [{ kind: "zero-gradient", costSaved, damage }],
    beliefs: { kind: "rational" },
  });
  const rule = createMechanism(mechanismSpec.parse({ kind: "protocol-models", matchOutlay: false, dataShare: 0 }));
  return runEconomy(spec, rule, { seed: 1, detail: "measures", families });
}

test("is met for nearly any owners and any attack", () => {
  let [runs, unmet] = [0, 0];
  fc.assert(
    fc.property(
      fc.record({
        count: fc.integer({ min: 2, max: 60 }),
        costSaved: fc.double({ min: 0.1, max: 1, noNaN: true }),
        damage: fc.double({ min: 0.5, max: 3, noNaN: true }),
        revenueMultiple: fc.double({ min: 1.5, max: 15, noNaN: true }),
      }),
      (owners) => {
        runs++;
        if (measured(outcomeOf(owners), "belief-residual") > Math.log(1.1)) unmet++;
      },
    ),
    { seed: 5, numRuns: 40 },
  );
  // Before people who come and earn nothing were told from nobody, every second search ended far from any equilibrium.
  expect(unmet).toBeLessThanOrEqual(0.05 * runs);
});

test("is that nobody comes, where many small owners would all cheat", () => {
  const outcome = outcomeOf({ count: 28, costSaved: 0.27, damage: 1.45, revenueMultiple: 3.33 });
  expect(measured(outcome, "belief-residual")).toBeLessThan(1e-9);
  expect(measured(outcome, "compute")).toBe(0);
});

test("is that they train, where two own it all and save little by cheating", () => {
  const outcome = outcomeOf({ count: 2, costSaved: 0.15, damage: 1.45, revenueMultiple: 4 });
  expect(measured(outcome, "belief-residual")).toBeLessThan(0.02);
  expect(measured(outcome, "cheating-share")).toBeLessThan(0.1);
  expect(measured(outcome, "compute")).toBeGreaterThan(1000);
});
