/** What owners who may cheat expect comes true: either they train as they were expected to, or nobody comes. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { economyWith, measured } from "../fixtures/small-economy.ts";
import { runPath } from "../path.ts";
import { type ForecastPath, levelsOf, rationalBeliefs } from "../rational.ts";
import { forecastRecorder } from "../recorder.ts";
import { runEconomy } from "../run.ts";
import { buildWorld, noShocks } from "../world.ts";
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
const specOf = ({ count, costSaved, damage, revenueMultiple }: Owners) =>
  economyWith({
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

const outcomeOf = (owners: Owners) => runEconomy(specOf(owners), rule, { seed: 1, detail: "measures", families });

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
  // A few worlds jump from nobody to too many, so that there is nothing to find.
  expect(unmet).toBeLessThanOrEqual(0.05 * runs);
});

const manySmall: Owners = { count: 28, costSaved: 0.27, damage: 1.45, revenueMultiple: 3.33 };

test("is that nobody comes, where many small owners would all cheat", () => {
  const outcome = outcomeOf(manySmall);
  expect(measured(outcome, "belief-residual")).toBeLessThan(1e-9);
  expect(measured(outcome, "compute")).toBe(0);
});

test("could be nothing else there: whatever a unit is believed to pay, it pays less", () => {
  const world = buildWorld(specOf(manySmall), 1, families);
  const days = (value: (day: number) => number) =>
    Float64Array.from({ length: world.horizonEpochs }, (_, day) => value(day));
  const forecastOf = (daily: number): ForecastPath => ({
    dividend: [days((day) => (day >= 120 ? daily : 0)), days(() => 0)],
    revenue: [days(() => 0)],
  });
  let someCame = 0;
  for (let power = -12; power <= -4; power += 0.25) {
    const forecast = forecastOf(10 ** power);
    const recorder = forecastRecorder(world);
    const options = { journalCapacity: 0, observe: recorder.observe };
    runPath(world, rule, rationalBeliefs(forecast, world.rates), noShocks(1), options);
    if (recorder.path.hasTakers?.[0]) someCame++;
    const [believed, paid] = [forecast, recorder.path].map((path) => levelsOf(path, world.rates)[0]);
    expect(paid, `10^${power}`).toBeLessThan(0.9 * believed);
  }
  expect(someCame).toBeGreaterThan(5);
});

test("is that they train, where two own it all and save little by cheating", () => {
  const outcome = outcomeOf({ count: 2, costSaved: 0.15, damage: 1.45, revenueMultiple: 4 });
  expect(measured(outcome, "belief-residual")).toBeLessThan(0.02);
  expect(measured(outcome, "cheating-share")).toBeLessThan(0.1);
  expect(measured(outcome, "compute")).toBeGreaterThan(1000);
});
