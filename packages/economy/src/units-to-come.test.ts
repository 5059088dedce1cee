import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured } from "./fixtures/small-economy.ts";
import { openPath, runPath } from "./path.ts";
import { prospectusBeliefs } from "./prospectus.ts";
import { runEconomy } from "./run.ts";
import { unitsToCome } from "./units-to-come.ts";
import { buildWorld, noShocks } from "./world.ts";

const mechanism = (fields: object) => createMechanism(mechanismSpec.parse(fields));
const owners = { kind: "protocol-models", matchOutlay: false, dataShare: 0, settlement: "1 d" };
const split = { kind: "equal-epoch-split", pays: "ownership" };
/** Work is in people's interest whatever the rule, so that it comes at a steady rate. */
const generous: Partial<EconomyInput> = {
  providers: [{ group: "homes", count: 20, device: "rtx-4090", opportunity: 0, upkeep: "$0/h", wealth: "$1M" }],
  market: { revenueMultiple: 100, serviceLife: "90 d" },
  participation: { temperature: 0, revision: "1 d" },
  shocks: "expected",
  data: [],
};

describe("units to come", () => {
  test("of an exponential weight are the integral u C (1 - e^-l) / (l e), with b for each name on top", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(0.01, 3), number(0, 500), (earlyWeight, uptimeWorkPerHour) => {
        const world = buildWorld(economyWith(), 1);
        const state = openPath(world, mechanism({ ...owners, earlyWeight, uptimeWorkPerHour }), 0);
        const { count, workPerEpoch } = world.population;
        const [{ targetWork }] = world.terms;
        // A name is credited with b PFLOP an hour, and there is one for each day's work of a provider of mean size.
        const credited = 1 + (24 * uptimeWorkPerHour * count) / workPerEpoch.reduce((sum, work) => sum + work, 0);
        const exact = (1000 * targetWork * (1 - Math.exp(-earlyWeight))) / earlyWeight / world.usefulShare;
        expect(unitsToCome(state)[0] / (credited * exact)).toBeCloseTo(1, 3);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("of a rule that issues as much every day are that for each day until the target", () => {
    const world = buildWorld(economyWith(generous), 1);
    const rule = { kind: "optimistic", factor: 100, gain: 0, revisionEpochs: 1 } as const;
    const beliefs = prospectusBeliefs(world, rule);
    const state = runPath(world, mechanism(split), beliefs, noShocks(1), {
      ...{ journalCapacity: 0, observe: () => {}, epochs: 5 },
    });
    expect(state.workers[0]).toBe(20);
    const days = (world.terms[0].targetWork - state.cumulativeWork[0]) / state.trainedWork[0];
    // The next quote knows how many finished the last day.
    state.offer = state.mechanism.quote(state.mechanismState, state.situation);
    expect(days).toBeGreaterThan(10);
    expect(unitsToCome(state)[0] / (1e9 * days)).toBeCloseTo(1, 6);
  });
});

describe("pay in ownership for each name", () => {
  const alike = [{ group: "homes", count: 60, device: "rtx-4090" }] as const;
  const run = (fields: object, kind: "adaptive" | "rational") => {
    const spec = economyWith({
      ...{ providers: [...alike], data: [], shocks: "expected", beliefs: { kind } },
      market: { revenueMultiple: 6, serviceLife: "90 d" },
    });
    return runEconomy(spec, mechanism(fields), { seed: 2, detail: "measures" });
  };

  test.each(["adaptive", "rational"] as const)(
    "is worth no more than pay for work to people who are alike (%s)",
    (kind) => {
      const [byWork, withUptime] = [0, 1000].map((uptimeWorkPerHour) =>
        measured(run({ ...owners, uptimeWorkPerHour }, kind), "compute"),
      );
      expect(byWork).toBeGreaterThan(1);
      expect(withUptime / byWork).toBeCloseTo(1, 2);
    },
  );

  test.each(["adaptive", "rational"] as const)("gathers work where nothing else is paid (%s)", (kind) => {
    const byWork = measured(run({ ...owners, earlyWeight: 0 }, kind), "compute");
    const byName = run(split, kind);
    expect(byWork).toBeGreaterThan(1);
    // Days on which few work pay each of them more, so that the two are not the same.
    expect(Math.abs(Math.log(measured(byName, "compute") / byWork))).toBeLessThan(0.25);
    expect(measured(byName, "belief-residual")).toBeLessThan(0.05);
  });
});
