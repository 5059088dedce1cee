import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import { describe, expect, test } from "vitest";
import { economyWith, measured, modelWith } from "./fixtures/small-economy.ts";
import { runPath } from "./path.ts";
import { presentValues } from "./present-value.ts";
import { prospectusBeliefs, prospectusForecast } from "./prospectus.ts";
import { type ForecastOutcome, type ForecastPath, findFixedPoint, levelsOf, rationalBeliefs } from "./rational.ts";
import { forecastRecorder } from "./recorder.ts";
import { prepareEconomy, runEconomy } from "./run.ts";
import type { BeliefInput, DiscountRates } from "./valuation.ts";
import { buildWorld, noShocks } from "./world.ts";

const mechanism = (fields: object = {}) =>
  protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false, ...fields }));

const undiscounted: DiscountRates = {
  providers: Float64Array.of(0),
  data: 0,
  sponsor: 0,
  hazard: Float64Array.of(0),
};

/** A forecast of one model whose unit of compute ownership pays `level` once; data ownership pays nothing. */
const forecastOf = (level: number): ForecastPath => ({
  dividend: [Float64Array.of(level), Float64Array.of(0)],
  revenue: [Float64Array.of(1)],
});

/** The fixed point of a map from what a unit is believed to pay to what it pays. */
function fixedPointOf(
  pays: (believed: number) => number,
  start: number,
  { iterations = 40, comeFrom }: { readonly iterations?: number; readonly comeFrom?: number } = {},
) {
  const limits = { tolerance: 1e-4, iterations };
  const outcomeOf = (forecast: ForecastPath): ForecastOutcome => {
    const [believed] = forecast.dividend[0];
    const outcome = forecastOf(pays(believed));
    return comeFrom === undefined ? outcome : { ...outcome, hasTakers: [believed >= comeFrom, false] };
  };
  const found = findFixedPoint(outcomeOf, forecastOf(start), Float64Array.of(1, 0), undiscounted, limits);
  return { level: found.forecast.dividend[0][0], residual: found.residual };
}

describe("the search for rational beliefs", () => {
  test.each([0.1, 1, 7, 30])("finds where a falling map meets itself, from %d", (start) => {
    // v = 4 / v^3 at 2^(1/2); the plain iteration of this map diverges.
    const { level, residual } = fixedPointOf((believed) => 4 / believed ** 3, start);
    expect(residual).toBeLessThan(1e-4);
    expect(level).toBeCloseTo(Math.SQRT2, 3);
  });

  test("finds entry that sets in all at once", () => {
    // Above 0.9 everybody comes within a few per cent and a unit is worth 0.5; at 1 it is worth itself.
    const entry = (believed: number) => 1 / (1 + Math.exp(-(believed - 1) / 0.004));
    const pays = (believed: number) => (believed < 0.93 ? 0 : 0.5 / entry(believed));
    const { level, residual } = fixedPointOf(pays, 3);
    expect(residual).toBeLessThan(1e-4);
    expect(level).toBeCloseTo(1, 3);
  });

  test("finds that nobody comes where a unit never pays what it is believed to", () => {
    const { level, residual } = fixedPointOf((believed) => (believed < 0.93 ? 0 : 0.5), 3);
    expect(residual).toBeLessThan(1e-12);
    expect(level).toBeLessThan(1e-12);
  });

  test("tells nobody from people who earn nothing: below these it goes on", () => {
    // From 0.5 to 1 everybody cheats and nothing comes of it; a few below are honest, and 0.2 is worth 0.2.
    const pays = (believed: number) => (believed >= 1 ? 0.3 : believed >= 0.5 || believed < 0.1 ? 0 : 0.2);
    const { level, residual } = fixedPointOf(pays, 3, { comeFrom: 0.1 });
    expect(residual).toBeLessThan(1e-4);
    expect(level).toBeCloseTo(0.2, 3);
  });

  test("finds nobody within the usual number of trials where whoever comes earns nothing or too little", () => {
    for (const comeFrom of [0.003, 0.02, 0.3, 0.9]) {
      const pays = (believed: number) => (believed < 1 ? 0 : 0.3);
      const { level, residual } = fixedPointOf(pays, 3, { comeFrom, iterations: 18 });
      expect(residual, `from ${comeFrom}`).toBeLessThan(1e-12);
      expect(level).toBeLessThan(1e-12);
    }
  });

  test("says how far it is where there is no fixed point", () => {
    const { residual } = fixedPointOf((believed) => (believed < 1 ? 5 : 0.2), 1);
    expect(residual).toBeGreaterThan(Math.log(4.9));
  });
});

describe("rational beliefs in an economy", () => {
  const spec = economyWith({ beliefs: { kind: "rational", tolerance: 0.01, iterations: 40 } });

  test("are met: the outcome of the forecast is the forecast", () => {
    const world = buildWorld(spec, 4);
    const outcomeOf = (forecast: ForecastPath) => {
      const recorder = forecastRecorder(world);
      runPath(world, mechanism(), rationalBeliefs(forecast, world.rates), noShocks(1), {
        journalCapacity: 0,
        observe: recorder.observe,
      });
      return recorder.path;
    };
    const share = Float64Array.of(0.81);
    const units = Float64Array.of(1000 * world.terms[0].targetWork);
    const promise = {
      share,
      units,
      dataShare: Float64Array.of(0.09),
      dataUnits: Float64Array.of(1e10),
      isCoinOnRevenue: false,
    };
    const start = prospectusForecast(world.market, promise);
    const levels = levelsOf(start, world.rates);
    const found = findFixedPoint(outcomeOf, start, levels, world.rates, { tolerance: 0.01, iterations: 40 });
    expect(found.residual).toBeLessThan(0.01);
    const [believed, happened] = [
      levelsOf(found.forecast, world.rates),
      levelsOf(outcomeOf(found.forecast), world.rates),
    ];
    expect(believed[0]).toBeGreaterThan(0);
    // What is below a thousandth of the prospectus counts as nothing in the search.
    expect(Math.abs(Math.log(happened[0] / believed[0]))).toBeLessThan(0.012);
    expect(Math.abs(Math.log(happened[1] / believed[1]))).toBeLessThan(0.2);
  });

  test("are what the run reports, from either start", () => {
    for (const start of ["prospectus", "pessimism"] as const) {
      const noisy = { ...spec, beliefs: { ...spec.beliefs, start } } as typeof spec;
      const outcome = runEconomy(noisy, mechanism(), { seed: 4, detail: "measures" });
      expect(measured(outcome, "belief-residual"), start).toBeLessThan(0.01);
    }
  });

  test.each([0.7, 0.8, 0.95])(
    "hold for coins, too: what is expected of revenue is what comes (fee %d)",
    (protocolFee) => {
      const token = createMechanism(
        mechanismSpec.parse({ kind: "network-token", multiple: 0, protocolFee, buyBackShare: 1 }),
      );
      const fields = { market: { revenueMultiple: 30, serviceLife: "90 d" }, data: [] };
      const { world, found } = prepareEconomy(
        {
          ...economyWith({ beliefs: { kind: "rational", tolerance: 0.01, iterations: 40 }, ...fields }),
          shocks: "expected",
        },
        token,
        { seed: 4 },
      );
      const expected: number[] = [];
      const revenue = new Float64Array(world.horizonEpochs);
      runPath(world, token, found.beliefs, noShocks(1), {
        journalCapacity: 0,
        observe: (state) => {
          if (state.epoch === 0) expected.push(found.beliefs.expectedValue[0]);
          revenue[state.epoch] = state.revenue[0];
        },
      });
      const [happened] = presentValues(revenue, world.rates.sponsor + world.rates.hazard[0]);
      expect(happened).toBeGreaterThan(1000);
      expect(Math.abs(Math.log(expected[0] / happened))).toBeLessThan(0.02);
      // The plan is another number: that it is met is no accident.
      const planned = presentValues(world.market.planned[0], world.rates.sponsor + world.rates.hazard[0])[0];
      expect(Math.abs(Math.log(planned / happened))).toBeGreaterThan(0.05);
      expect(found.residual).toBeLessThan(0.01);
    },
  );

  test("report a residual where there is no time to search", () => {
    const hasty = economyWith({ beliefs: { kind: "rational", tolerance: 1e-6, iterations: 1 } });
    const outcome = runEconomy(hasty, mechanism(), { seed: 4, detail: "measures" });
    expect(measured(outcome, "belief-residual")).toBeGreaterThan(1e-6);
  });
});

describe("beliefs from the prospectus", () => {
  const spec = economyWith({
    horizon: "400 d",
    models: [modelWith({ hazard: "0 %/y" })],
    market: { revenueMultiple: 3, serviceLife: "300 d" },
    providers: [{ group: "homes", count: 10, device: "rtx-4090", discountRate: "20 %/y" }],
  });
  const world = buildWorld(spec, 1);
  const planned = world.market.planned[0];
  const units = 1e9;

  const input = (epoch: number, changes: Partial<BeliefInput> = {}): BeliefInput => ({
    epoch,
    cumulativeWork: Float64Array.of(0),
    recentWork: Float64Array.of(0),
    distinctTokens: Float64Array.of(world.terms[0].publicTokens),
    releasedAt: Int32Array.of(-1),
    revenue: Float64Array.of(0),
    claimShare: Float64Array.of(0.5),
    dataClaimShare: Float64Array.of(0.1),
    units: Float64Array.of(0),
    dataUnits: Float64Array.of(0),
    unitsToCome: () => Float64Array.of(units),
    ...changes,
  });
  const rule = { kind: "adaptive", factor: 1, gain: 0.05, revisionEpochs: 7 } as const;

  /** Present value of the plan from `day` on, at 20 % a year, if service starts `late` days behind it. */
  const worth = (day: number, late = 0) => {
    const rate = 0.2 / 365.25;
    let value = 0;
    for (let t = day; t < planned.length; t++) value += planned[t] * Math.exp(-rate * (t - day + late));
    return value;
  };

  test("start at what is promised: the discounted plan over the units to come", () => {
    const beliefs = prospectusBeliefs(world, rule);
    // Work that keeps to the plan.
    const onTime = world.terms[0].targetWork / world.terms[0].plannedRelease;
    beliefs.revise(input(0, { recentWork: Float64Array.of(onTime) }));
    expect(beliefs.unitValue[0] / ((0.5 * worth(0)) / units)).toBeCloseTo(1, 9);
  });

  test("put off what comes late", () => {
    const beliefs = prospectusBeliefs(world, { ...rule, gain: 0 });
    const { targetWork, plannedRelease } = world.terms[0];
    beliefs.revise(input(0, { recentWork: Float64Array.of(targetWork / (plannedRelease + 40)) }));
    expect(beliefs.unitValue[0] / ((0.5 * worth(0, 40)) / units)).toBeCloseTo(1, 9);
  });

  test("of optimists with a factor of 2 are twice as high, and the institution's are not", () => {
    const [sober, hopeful] = [1, 2].map((factor) =>
      prospectusBeliefs(world, { kind: "optimistic", factor, gain: 0, revisionEpochs: 7 }),
    );
    for (const beliefs of [sober, hopeful]) beliefs.revise(input(3));
    expect(hopeful.unitValue[0] / sober.unitValue[0]).toBeCloseTo(2, 12);
    expect(hopeful.dataUnitValue[0] / sober.dataUnitValue[0]).toBeCloseTo(2, 12);
    expect(hopeful.expectedValue[0]).toBeCloseTo(sober.expectedValue[0], 9);
  });

  test.each([
    [0.3, 1],
    [1, 1],
    [2.5, 1],
    [0.7, 5],
  ])(
    "learn from steady revenue of %d times the plan what a unit is worth, whatever was hoped (%d)",
    (truth, factor) => {
      const beliefs = prospectusBeliefs(world, factor === 1 ? rule : { ...rule, kind: "optimistic", factor, gain: 0 });
      const releasedAt = world.terms[0].plannedRelease;
      const last = releasedAt + 210;
      for (let epoch = 0; epoch <= last; epoch++) {
        const revenue = Float64Array.of(epoch > releasedAt ? truth * planned[epoch - 1] : 0);
        const release = Int32Array.of(epoch >= releasedAt ? releasedAt : -1);
        beliefs.revise(
          input(epoch, {
            revenue,
            releasedAt: release,
            units: Float64Array.of(units),
            unitsToCome: () => Float64Array.of(0),
          }),
        );
      }
      // Thirty corrections by a fifth leave 0.1 % of the first error; revenue changes a little within a week of the plan.
      expect(Math.abs(beliefs.unitValue[0] / ((0.5 * truth * worth(last)) / units) - 1)).toBeLessThan(0.02);
      // The institution sees the same revenue: it discounts at 5 % where the others do at 20 %.
      const ofInstitution = planned.reduce(
        (sum, dollars, t) => sum + (t < last ? 0 : dollars * Math.exp((-0.05 * (t - last)) / 365.25)),
        0,
      );
      expect(Math.abs(beliefs.expectedValue[0] / (truth * ofInstitution) - 1)).toBeLessThan(0.02);
    },
  );
});
