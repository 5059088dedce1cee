/** What conduct does to a world and what is told of it: tables, audits' cost, spoilt quality, exits, ranges, and what strategies see. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import type { DecisionTable, RunOutcome, Sight, Strategy } from "@shardlab/contracts";
import { sights } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
import { buildWorld } from "../world.ts";
import type { ConductFamilies } from "./conduct.ts";

const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

const lazyWith = (rates: object) => [{ kind: "profile", name: "lazy", costSaved: 0.9, detection: 1, ...rates }];

/** Twenty providers who always do the same, paid by the task, without chance but that of audits. */
function always(option: string, fields: Partial<EconomyInput> = {}, group: object = {}) {
  return economyWith({
    ...{ horizon: "60 d", outlay: "$1B", shocks: "expected", data: [], sponsorDiscount: "0 %/y" },
    providers: [
      {
        ...{ group: "homes", count: 20, device: "rtx-4090", wealth: "$1M" },
        ...{ strategy: { kind: "fixed", option } },
        ...group,
      },
    ],
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y", plannedTraining: "63 d" })],
    market: { spending: "$1M/y" },
    ...fields,
  });
}

function run(
  spec: ReturnType<typeof economyWith>,
  rule: unknown = { kind: "spot-rental" },
  made = families,
): RunOutcome {
  const mechanism = createMechanism(mechanismSpec.parse(rule));
  return runEconomy(spec, mechanism, { seed: 1, detail: "full", families: made });
}

const columnOf = (outcome: RunOutcome, table: string, name: string) => {
  const found = outcome.tables.find((one) => one.name === table);
  return { version: found?.version, values: found?.columns.find((column) => column.name === name)?.data.values };
};

describe("the tables", () => {
  it("say over time and by group who cheats and what that gains, where anybody may", () => {
    const outcome = run(always("lazy", { attacks: lazyWith({}) }));
    const share = columnOf(outcome, "timeline", "cheating-share");
    expect(share.version).toBe(2);
    expect([...new Set(Array.from<unknown>(share.values ?? []))]).toEqual([1]);
    expect(columnOf(outcome, "groups", "cheaters")).toEqual({ version: 2, values: Float64Array.of(20) });
    expect(columnOf(outcome, "groups", "payoff").values).toEqual(Float64Array.of(measured(outcome, "payoff/homes")));
  });

  it("are as they were where nothing is said of conduct", () => {
    const outcome = run(economyWith({}));
    for (const [table, column] of [
      ["timeline", "cheating-share"],
      ["groups", "payoff"],
    ] as const)
      expect(columnOf(outcome, table, column)).toEqual({ version: 1, values: undefined });
  });
});

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe("audits", () => {
  it("take their share of the work that trains", () => {
    const trained = (verification: { kind: string }) => measured(run(always("honest", { verification })), "compute");
    const unchecked = trained({ kind: "no-verification" });
    fc.assert(
      fc.property(unit, unit, (rate, auditCost) => {
        const audit = { kind: "random-audit", rate, auditCost };
        const ratio = trained(audit) / unchecked;
        expect(ratio).toBeCloseTo(1 - rate * auditCost, 9);
      }),
      { numRuns: 15, seed: 1 },
    );
  });
});

describe("what cheating leaves", () => {
  it("trains less by the damage, and nothing where that is more than all", () => {
    const honest = measured(run(always("honest")), "compute");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), (damage) => {
        const left = measured(run(always("lazy", { attacks: lazyWith({ damage }) })), "compute");
        expect(left / honest).toBeCloseTo(Math.max(0, 1 - damage), 9);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  it("sells for less by the loss of quality", () => {
    const revenue = (qualityLoss: number) => {
      const models = [modelWith({ targetTokens: "20B" })];
      const attacks = lazyWith({ damage: 0, qualityLoss });
      return measured(run(always("lazy", { horizon: "300 d", models, attacks })), "revenue");
    };
    const unspoilt = revenue(0);
    expect(unspoilt).toBeGreaterThan(0);
    fc.assert(
      fc.property(unit, (qualityLoss) => {
        expect(revenue(qualityLoss) / unspoilt).toBeCloseTo(1 - qualityLoss, 6);
      }),
      { numRuns: 8, seed: 3 },
    );
  });
});

describe("honest providers who lose a stake by mistake", () => {
  const verification = { kind: "random-audit", rate: 0.5, falsePositive: 0.1 };
  const staked = { kind: "slashing", payMultiple: 9, of: { kind: "spot-rental" } };
  const day = buildWorld(always("honest"), 1, families);
  const stake = 9 * day.population.workPerEpoch[0] * day.marketPricePerWork;

  it("leave where they cannot lock another, and stay where they can", () => {
    const exits = (wealthInStakes: number) =>
      measured(
        run(always("honest", { verification }, { wealth: `$${wealthInStakes * stake}` }), staked),
        "honest-exits",
      );
    expect(exits(1e4)).toBe(0);
    // A day is found bad with chance 0.05: in 60 days all but (1 - 0.05) ** 60 = 4.6 % of 20 lose a stake.
    const several = exits(1.5);
    expect(several).toBeGreaterThan(0);
    expect(several).toBeLessThanOrEqual(20);
  });
});

describe("rates that are drawn", () => {
  it("are uniform within their ranges, one for each seed; the likely ones are the same for all", () => {
    const attacks = lazyWith({ detection: 0.4, relativeError: 0.5 });
    const verification = { kind: "random-audit", rate: 1 };
    const found = (uncertainty: "likely" | "drawn", seed: number) =>
      buildWorld(always("lazy", { attacks, verification, uncertainty }), seed, families).conduct?.attacks[0].found ?? 0;
    const seeds = Array.from({ length: 300 }, (_, seed) => seed);
    const drawn = seeds.map((seed) => found("drawn", seed));
    expect(new Set(seeds.slice(0, 5).map((seed) => found("likely", seed)))).toEqual(new Set([0.4]));
    for (const one of drawn) expect(one >= 0.2 && one <= 0.6).toBe(true);
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    const deviation = 0.4 / Math.sqrt(12);
    expect(Math.abs(mean - 0.4)).toBeLessThan((4 * deviation) / Math.sqrt(drawn.length));
    const variance = drawn.reduce((sum, one) => sum + (one - mean) ** 2, 0) / drawn.length;
    expect(variance / deviation ** 2).toBeGreaterThan(0.7);
  });
});

describe("what a strategy sees", () => {
  const columns = { offer: "utilities", "own-pay": "earned", "others-pay": "metEarned" } as const;
  const subsets = fc.subarray([...sights]);

  it("is what it says and nothing else", () => {
    fc.assert(
      fc.property(subsets, (sees: Sight[]) => {
        const shown: DecisionTable[] = [];
        const spy: Strategy = {
          ...{ kind: "spy", sees, interest: "own", identities: { most: 1, costDollarsPerEpoch: 0 } },
          begin: () => (table, choice) => {
            choice.fill(1, 0, table.rows);
            shown.push({
              ...table,
              utilities: table.utilities.slice(),
              earned: table.earned.slice(),
              metEarned: table.metEarned.slice(),
            });
          },
        };
        run(always("honest", { horizon: "10 d", attacks: lazyWith({}) }), undefined, {
          ...families,
          strategy: () => spy,
        });
        expect(shown.length).toBeGreaterThan(0);
        for (const [sight, column] of Object.entries(columns) as [keyof typeof columns, "utilities"][]) {
          const isShown = shown.every((table) => {
            const count = column === "utilities" ? table.rows * table.options : table.rows;
            return table[column].subarray(0, count).every((value) => !Number.isNaN(value));
          });
          expect(isShown, `${sight} of ${sees}`).toBe(sees.includes(sight));
        }
      }),
      { numRuns: 16, seed: 4 },
    );
  });
});
