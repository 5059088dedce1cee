/** What several names of one provider bring and cost, to the dollar. */
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
import { buildWorld } from "../world.ts";
import type { ConductFamilies } from "./conduct.ts";

const unused = (): never => {
  throw new Error("not asked for: neither attacks nor audits here");
};
const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  ...{ attack: unused, verification: unused },
};

const days = 40;
const outlay = 100_000;

/** One provider of up to `names` names beside others of one name each. */
function world(others: number, names: number, dollarsPerDay: number) {
  const alike = { device: "rtx-4090", wealth: "$1M", riskAversion: 0, opportunity: 0.3 } as const;
  const sybil = { kind: "sybil", identities: names, identityCost: `$${dollarsPerDay}/d` };
  const providers: EconomyInput["providers"] = [
    { ...alike, group: "one", count: 1, strategy: sybil },
    { ...alike, group: "others", count: others, strategy: { kind: "honest" } },
  ];
  return economyWith({
    ...{
      providers,
      horizon: `${days} d`,
      outlay: `$${outlay}`,
      shocks: "expected",
      data: [],
      sponsorDiscount: "0 %/y",
    },
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
    beliefs: { kind: "adaptive" },
    market: { spending: "$1M/y" },
  });
}

it("bring k / (k + n) of an equal split against n others, and are billed for beyond the first", () => {
  const rule = createMechanism(mechanismSpec.parse({ kind: "equal-epoch-split", dataShare: 0, term: `${days} d` }));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 2, max: 30 }),
      fc.double({ min: 0, max: 0.95, noNaN: true }),
      (others, names, costShare) => {
        // A further name is worth it while it costs less than what each name got the day before.
        const perName = outlay / days / (names + others);
        const cost = costShare * perName;
        const spec = world(others, names, cost);
        const { runningCost, opportunity } = buildWorld(spec, 1, families).population;
        const outcome = runEconomy(spec, rule, { seed: 1, detail: "measures", families });
        const daily = names * perName - runningCost[0] - opportunity[0] - (names - 1) * cost;
        // Pay and bills are rounded down to micro-dollars.
        expect(Math.abs(measured(outcome, "payoff/one") - days * daily)).toBeLessThan(2e-6 * days * names);
        expect(measured(outcome, "identities")).toBeCloseTo((names + others) / (1 + others), 12);
        const ofOthers = perName - runningCost[0] - opportunity[0];
        expect(Math.abs(measured(outcome, "payoff/others") - days * ofOthers)).toBeLessThan(2e-6 * days);
      },
    ),
    { numRuns: 25, seed: 4 },
  );
});
