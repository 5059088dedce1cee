/** What conduct takes from a world, against closed forms, and what tables tell of it. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import type { RunOutcome } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
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

function run(spec: ReturnType<typeof economyWith>, rule: unknown = { kind: "spot-rental" }): RunOutcome {
  const mechanism = createMechanism(mechanismSpec.parse(rule));
  return runEconomy(spec, mechanism, { seed: 1, detail: "full", families });
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
