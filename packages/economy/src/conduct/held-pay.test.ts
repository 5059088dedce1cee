/** What pay that is held for a time deters, in the economy, against the closed form of a steady cheat. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { expect, it } from "vitest";
import { economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { runEconomy } from "../run.ts";
import { buildWorld } from "../world.ts";
import type { ConductFamilies } from "./conduct.ts";

const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

interface Audited {
  readonly costSaved: number;
  readonly auditRate: number;
  readonly falsePositive: number;
}

const world = ({ costSaved, auditRate, falsePositive }: Audited) =>
  economyWith({
    ...{ horizon: "40 d", outlay: "$1B", shocks: "expected", data: [], sponsorDiscount: "0 %/y" },
    attacks: [{ kind: "profile", name: "lazy", costSaved, detection: 1 }],
    verification: { kind: "random-audit", rate: auditRate, falsePositive },
    providers: [
      {
        ...{ group: "homes", count: 8, device: "rtx-4090", riskAversion: 0, wealth: "$1M", opportunity: 0.3 },
        strategy: { kind: "best-response" },
      },
    ],
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
    market: { spending: "$1M/y" },
    beliefs: { kind: "adaptive" },
  });

it("deters a cheat that saves less than w ((1 - p f)^(T + 1) - (1 - p d)^(T + 1)), within one per cent on both sides", () => {
  const audited = { costSaved: 0.5, auditRate: 0.1, falsePositive: 0 };
  const { population, marketPricePerWork } = buildWorld(world(audited), 1, families);
  const pay = population.workPerEpoch[0] * marketPricePerWork;
  const cost = population.runningCost[0] + population.opportunity[0];
  let tried = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0.002, max: 0.3, noNaN: true }),
      fc.double({ min: 0, max: 0.2, noNaN: true }),
      (days, auditRate, falsePositive) => {
        const left = (chance: number): number => pay * (1 - chance) ** (days + 1);
        const costSaved = (left(auditRate * falsePositive) - left(auditRate)) / cost;
        // Honest work has to be worth it.
        fc.pre(costSaved < 0.98 && left(auditRate * falsePositive) > 1.02 * cost);
        tried++;
        const rule = { kind: "escrow", challenge: `${days} d`, of: { kind: "spot-rental" } };
        const cheats = (factor: number): number => {
          const spec = world({ costSaved: factor * costSaved, auditRate, falsePositive });
          const outcome = runEconomy(spec, createMechanism(mechanismSpec.parse(rule)), {
            ...{ seed: 1, detail: "measures", families },
          });
          return measured(outcome, "cheating-share");
        };
        expect([cheats(1.01), cheats(0.99)]).toEqual([1, 0]);
      },
    ),
    { numRuns: 20, seed: 2 },
  );
  expect(tried).toBe(20);
});
