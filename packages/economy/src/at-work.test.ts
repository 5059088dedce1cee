import { attackSpec, createAttack } from "@shardlab/attacks";
/** What people who cheat, are audited and have several names cost and forgo, against the books and a count of days. */
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConductFamilies } from "./conduct/conduct.ts";
import { gainRecorder } from "./fall/expectations-fall.ts";
import { economyWith, givers, measured, modelWith } from "./fixtures/small-economy.ts";
import { runPath } from "./path.ts";
import { prospectusBeliefs } from "./prospectus.ts";
import { totalsRecorder } from "./recorder.ts";
import { runEconomy } from "./run.ts";
import { buildWorld, noShocks } from "./world.ts";

const conductFamilies: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

const alike = { device: "rtx-4090", wealth: "$1M", riskAversion: 0, opportunity: 0.3, discountRate: "0 %/y" } as const;

test("are bills on the books, and opportunity for the share of the day that is not saved", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      fc.integer({ min: 2, max: 8 }),
      (costSaved, rate, names) => {
        const spec = economyWith({
          ...{ horizon: "30 d", outlay: "$1M", shocks: "expected", data: [] },
          providers: [
            { ...alike, group: "cheats", count: 6, strategy: { kind: "fixed", option: "lazy" } },
            {
              ...alike,
              group: "names",
              attacks: [],
              count: 4,
              strategy: { kind: "sybil", identities: names, identityCost: "$0.01/d" },
            },
          ],
          attacks: [{ kind: "profile", name: "lazy", costSaved, detection: 1 }],
          verification: { kind: "random-audit", rate, falsePositive: 0.05 },
          participation: { temperature: 0, revision: "1 d" },
          models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
          market: { spending: "$1M/y" },
        });
        const world = buildWorld(spec, 3, conductFamilies);
        const [totals, gains] = [totalsRecorder(world), gainRecorder(world)];
        let [forgone, found] = [0, 0];
        const split = createMechanism(mechanismSpec.parse({ kind: "equal-epoch-split", dataShare: 0, term: "30 d" }));
        const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 1 } as const;
        const { books } = runPath(world, split, prospectusBeliefs(world, rule), noShocks(1), {
          journalCapacity: 0,
          observe: (state) => {
            totals.observe(state);
            gains.observe(state);
            for (const [i, model] of state.participation.choice.entries()) {
              const used = i < 6 ? 1 - costSaved : 1;
              if (model >= 0) forgone += used * world.population.opportunity[i];
            }
            found += state.conduct?.verdicts.count ?? 0;
          },
        });
        expect(found).toBeGreaterThan(0);
        const billed = books.ledger.balance(books.utility, books.cash) / 1e6;
        // Bills are rounded down to a micro-dollar each.
        expect(Math.abs(totals.totals.resourceCost - billed - forgone)).toBeLessThan(2e-6 * 30 * 10);
        let gained = -forgone;
        for (let i = 0; i < 10; i++)
          gained += (books.ledger.balance(i, books.cash) - world.population.wealthMicros[i]) / 1e6;
        expect(gains.gainDollars()).toBeCloseTo(gained, 6);
      },
    ),
    { numRuns: 15, seed: 5 },
  );
});

test("are gone from the market for compute: the price is (1 - R / M)^(-1 / e), R without what cheating leaves free", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.3, max: 3, noNaN: true }),
      fc.double({ min: 1.1, max: 5, noNaN: true }),
      (costSaved, elasticity, marketSize) => {
        const volunteers = createMechanism(mechanismSpec.parse({ kind: "volunteer" }));
        const spec = economyWith({
          ...{ horizon: "20 d", shocks: "expected", data: [] },
          providers: [
            { ...givers, group: "lazy", count: 7, strategy: { kind: "fixed", option: "lazy" } },
            { ...givers, count: 13, strategy: { kind: "honest" } },
          ],
          attacks: [{ kind: "profile", name: "lazy", costSaved, detection: 1 }],
          verification: { kind: "random-audit", rate: 0.3, falsePositive: 0.1 },
          participation: { temperature: 0, revision: "1 d" },
          models: [modelWith({ targetTokens: "100T", deadline: "10 y" })],
          market: { spending: "$1M/y" },
          markets: { compute: { kind: "compute-spot" }, outsideDemand: { elasticity, marketSize } },
        });
        const outcome = runEconomy(spec, volunteers, { seed: 2, detail: "measures", families: conductFamilies });
        const taken = (7 * (1 - costSaved) + 13) / (20 * marketSize);
        const price = Math.min(10, (1 - taken) ** (-1 / elasticity));
        // Bids stand 0.23 % apart.
        expect(Math.abs(measured(outcome, "compute-price/peak") / price - 1)).toBeLessThan(0.003);
      },
    ),
    { numRuns: 25, seed: 6 },
  );
});
