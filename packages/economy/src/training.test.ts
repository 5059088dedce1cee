import type { Mechanism } from "@shardlab/contracts";
import { emptyOffer } from "@shardlab/mechanisms/offer";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, modelWith } from "./fixtures/small-economy.ts";
import { runPath } from "./path.ts";
import { prospectusBeliefs } from "./prospectus.ts";
import { buildWorld, drawShocks, noShocks, type Shocks } from "./world.ts";

/** An institution that does `workPerDay` PFLOP for every model still in training, at no cost. */
const steadyWork = (workPerDay: number): Mechanism => ({
  kind: "steady-work",
  claims: [],
  open: () => ({ state: undefined, postings: [] }),
  quote: (_, { training }) => {
    const offer = emptyOffer(training.length);
    for (const [model, open] of training.entries()) offer.ownWork[model] = open === 1 ? workPerDay : 0;
    return offer;
  },
  settle: () => ({ state: undefined, postings: [] }),
});

const plan: Partial<EconomyInput["models"][number]> = { parameters: "1B", targetTokens: "10B", hazard: "0 %/y" };
const targetWork = (8 * 1e9 * 10e9) / 1e15;

/** What the first model was on each day: how far trained, whether released and served, what it earned. */
function follow(
  model: Partial<EconomyInput["models"][number]>,
  workPerDay: number,
  options: { shocks?: Shocks; serviceLife?: string } = {},
) {
  const spec = economyWith({
    horizon: "200 d",
    data: [],
    models: [modelWith({ ...plan, ...model })],
    market: { spending: "$10M/y", serviceLife: options.serviceLife ?? "2 y", revenueUncertainty: 0 },
  });
  const world = buildWorld(spec, 1);
  const rule = { kind: "adaptive", factor: 1, gain: 0, revisionEpochs: 7 } as const;
  const days: {
    work: number;
    loss: number;
    released: boolean;
    releases: number;
    training: boolean;
    revenue: number;
  }[] = [];
  let releases = 0;
  let lastRelease = -1;
  runPath(world, steadyWork(workPerDay), prospectusBeliefs(world, rule), options.shocks ?? noShocks(1), {
    journalCapacity: 0,
    observe: (state) => {
      if (state.lastRelease[0] !== lastRelease) releases++;
      lastRelease = state.lastRelease[0];
      days.push({
        work: state.cumulativeWork[0],
        loss: state.releasedLoss[0],
        released: state.releasedAt[0] >= 0,
        releases,
        training: state.training[0] === 1,
        revenue: state.revenue[0],
      });
    },
  });
  return days;
}

const firstDay = <Day>(days: readonly Day[], holds: (day: Day) => boolean) => days.findIndex(holds);

describe("release", () => {
  test("comes on the day on which the target is reached, and ends training there", () => {
    const days = follow({}, targetWork / 9.5);
    expect(firstDay(days, ({ released }) => released)).toBe(9);
    expect(firstDay(days, ({ training }) => !training)).toBe(9);
    expect(firstDay(days, ({ revenue }) => revenue > 0)).toBe(9);
    expect(days.at(-1)?.work).toBeCloseTo((10 * targetWork) / 9.5, 6);
  });

  test("comes at the deadline with what there is, and later ones while training goes on", () => {
    const days = follow({ deadline: "30 d", releaseEvery: "25 d" }, targetWork / 1000);
    expect(firstDay(days, ({ released }) => released)).toBe(29);
    expect(days.at(-1)?.training).toBe(true);
    // Days 30, 55, 80, ... 180 of 200.
    expect(days.at(-1)?.releases).toBe(7);
    expect(days[54].loss).toBeLessThan(days[53].loss);
    expect(days[53].loss).toBe(days[29].loss);
  });

  test("goes on beyond the target until the most that is planned", () => {
    const days = follow({ maximumTokens: "25B", releaseEvery: "4 d" }, targetWork / 10);
    expect(firstDay(days, ({ released }) => released)).toBe(9);
    expect(firstDay(days, ({ training }) => !training)).toBe(24);
    // At the target, three at intervals, and the last when training ends.
    expect(days.at(-1)?.releases).toBe(5);
  });

  test("is withdrawn after its service life", () => {
    const days = follow({}, targetWork / 10, { serviceLife: "40 d" });
    const served = days.filter(({ revenue }) => revenue > 0);
    expect(served).toHaveLength(40);
    expect(days[49].revenue).toBe(0);
    expect(days[48].revenue).toBeGreaterThan(0);
  });
});

describe("what chance does to projects", () => {
  test("a project that ends takes its revenue with it", () => {
    const shocks = { failureEpoch: Float64Array.of(100.4), revenueFactor: Float64Array.of(1) };
    const days = follow({}, targetWork / 10, { shocks });
    expect(days[100].revenue).toBeGreaterThan(0);
    expect(days[101].revenue).toBe(0);
    expect(days.at(-1)?.revenue).toBe(0);
  });

  test("revenue is its expectation times the project's own factor", () => {
    const shocks = { failureEpoch: Float64Array.of(Number.POSITIVE_INFINITY), revenueFactor: Float64Array.of(0.25) };
    const [lean, plain] = [follow({}, targetWork / 10, { shocks }), follow({}, targetWork / 10)];
    expect(lean[50].revenue / plain[50].revenue).toBeCloseTo(0.25, 4);
  });

  const models = Array.from({ length: 50 }, (_, index) => modelWith({ name: `model-${index}`, hazard: "80 %/y" }));
  const spec = economyWith({ models, market: { spending: "$1M/y", revenueUncertainty: 0.5 } });
  const drawn = Array.from({ length: 80 }, (_, seed) => drawShocks(buildWorld(spec, seed)));

  test.each([30, 200, 700])("projects fail by the exponential law within %d days", (days) => {
    const expected = -Math.expm1((-0.8 * days) / 365.25);
    const failed = drawn.flatMap(({ failureEpoch }) => Array.from(failureEpoch, (epoch) => (epoch <= days ? 1 : 0)));
    const share = failed.reduce<number>((sum, one) => sum + one, 0) / failed.length;
    expect(Math.abs(share - expected) / Math.sqrt((expected * (1 - expected)) / failed.length)).toBeLessThan(4);
  });

  test("revenue factors are log-normal with mean 1", () => {
    const factors = drawn.flatMap(({ revenueFactor }) => Array.from(revenueFactor));
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
    // The variance of a log-normal of mean 1 is exp(sigma^2) - 1.
    expect(Math.abs(mean - 1) / Math.sqrt(Math.expm1(0.25) / factors.length)).toBeLessThan(4);
    const logs = factors.map((factor) => Math.log(factor) + 0.125);
    const variance = logs.reduce((sum, value) => sum + value * value, 0) / logs.length;
    expect(Math.abs(variance / 0.25 - 1) * Math.sqrt(logs.length / 2)).toBeLessThan(4);
  });

  test("adding a model changes no other model's fate", () => {
    const fewer = drawShocks(buildWorld({ ...spec, models: spec.models.slice(0, 7) }, 3));
    expect(fewer.failureEpoch).toEqual(drawn[3].failureEpoch.slice(0, 7));
    expect(fewer.revenueFactor).toEqual(drawn[3].revenueFactor.slice(0, 7));
  });
});
