import { attackSpec, createAttack } from "@shardlab/attacks";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStreams } from "@shardlab/random";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConductFamilies } from "../conduct/conduct.ts";
import { type EconomyInput, economyWith, givers, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";
import { isLocalOptimum, nkLandscape, normalisedFitness } from "./nk-landscape.ts";
import { makeExperiment, type SearchRule, startSearch } from "./searchers.ts";

const conductFamilies: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

const landscapeAt = (components: number, interactions: number, seed: number) =>
  nkLandscape(components, interactions, createStreams(seed).stream("landscape"));
const optimaOf = (landscape: ReturnType<typeof landscapeAt>): number[] =>
  Array.from(landscape.fitness.keys()).filter((architecture) => isLocalOptimum(landscape, architecture));

/** How far a sample's mean lies from what is expected, in standard errors. */
function deviation(sample: readonly number[], expected: number): number {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (sample.length - 1);
  return Math.abs(mean - expected) / Math.sqrt(variance / sample.length);
}

describe("an NK landscape", () => {
  test("without interactions has one optimum, at every choice's better setting", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 11 }), fc.integer(), (components, seed) => {
        const landscape = landscapeAt(components, 0, seed);
        const optima = optimaOf(landscape);
        expect(optima.length).toBe(1);
        const draws = createStreams(seed).stream("landscape");
        let sum = 0;
        for (let component = 0; component < components; component++) sum += Math.max(draws.uniform(), draws.uniform());
        expect(landscape.fitness[optima[0]]).toBeCloseTo(sum / components, 12);
        expect(landscape.highest).toBe(landscape.fitness[optima[0]]);
      }),
      { numRuns: 50 },
    );
  });

  test("is the sum of its contributions, read bit by bit around the circle", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(7), fc.integer(), (components, wanted, seed) => {
        const interactions = Math.min(wanted, components - 1);
        const settings = 2 ** (interactions + 1);
        const draws = createStreams(seed).stream("landscape");
        const table = Array.from({ length: components * settings }, () => draws.uniform());
        const landscape = landscapeAt(components, interactions, seed);
        for (let architecture = 0; architecture < 2 ** components; architecture++) {
          let total = 0;
          for (let i = 0; i < components; i++) {
            let setting = 0;
            for (let j = 0; j <= interactions; j++) setting += ((architecture >> ((i + j) % components)) & 1) * 2 ** j;
            total += table[i * settings + setting];
          }
          expect(landscape.fitness[architecture]).toBeCloseTo(total / components, 12);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each([3, 6, 9])("where everything depends on everything has 2^N / (N + 1) optima on average (N = %d)", (n) => {
    const counts = Array.from({ length: 400 }, (_, seed) => optimaOf(landscapeAt(n, n - 1, 1000 * n + seed)).length);
    expect(deviation(counts, 2 ** n / (n + 1))).toBeLessThan(4);
  });

  test("without interactions is 2/3 high and 1/2 on average", () => {
    const landscapes = Array.from({ length: 500 }, (_, seed) => landscapeAt(8, 0, seed));
    expect(
      deviation(
        landscapes.map(({ highest }) => highest),
        2 / 3,
      ),
    ).toBeLessThan(4);
    expect(
      deviation(
        landscapes.map(({ mean }) => mean),
        1 / 2,
      ),
    ).toBeLessThan(4);
  });

  test("is normalised between its mean and its highest", () => {
    const landscape = landscapeAt(6, 2, 5);
    expect(normalisedFitness(landscape, landscape.mean)).toBe(0);
    expect(normalisedFitness(landscape, landscape.highest)).toBe(1);
  });

  test.each([
    [0, 0, "invalid number of components: 0"],
    [17, 0, "invalid number of components: 17"],
    [4, 4, "invalid number of interactions: 4 (expected 0 to 3)"],
  ])("of %d and %d is refused", (components, interactions, message) => {
    expect(() => landscapeAt(components, interactions, 1)).toThrow(message);
  });
});

describe("searchers", () => {
  const searchOn = (interactions: number, rule: Partial<SearchRule>, seed: number, experiments: number) => {
    const whole = { searchers: 1, sharing: 0, recombination: 0, ...rule };
    const state = startSearch(landscapeAt(10, interactions, seed), whole, createStreams(seed).stream("search"));
    for (let made = 0; made < experiments; made++) makeExperiment(state);
    return state;
  };

  test("climb the only hill to its top, one choice after another", () => {
    for (let seed = 0; seed < 30; seed++) {
      // From one choice to the next, each of ten is tried at most once before one of them is better.
      const { landscape, bestFitness, experiments } = searchOn(0, {}, seed, 55);
      expect(bestFitness).toBe(landscape.highest);
      expect(experiments).toBeLessThanOrEqual(55);
    }
  });

  test("never get worse, find nothing twice by themselves, and in the end know everything", () => {
    const state = searchOn(4, { recombination: 0.3 }, 3, 0);
    let best = state.bestFitness;
    for (let made = 0; made < 5000; made++) {
      makeExperiment(state);
      expect(state.bestFitness).toBeGreaterThanOrEqual(best);
      best = state.bestFitness;
      expect(state.tried).toBe(state.experiments + 1);
    }
    expect(best).toBe(state.landscape.highest);
    // Leaps give up when hardly anything is unknown.
    expect(state.tried).toBeGreaterThan(1000);
  });

  test("who publish everything try nothing twice, who publish nothing do", () => {
    const [open, secret] = [1, 0].map((sharing) => searchOn(3, { searchers: 20, sharing }, 8, 400));
    expect(open.tried).toBe(open.experiments + 1);
    expect(secret.tried).toBeLessThan(secret.experiments);
    expect(secret.published.length).toBe(1);
  });

  test("who publish get far sooner", () => {
    const fitnessAfter = (sharing: number, experiments: number): number[] =>
      Array.from({ length: 60 }, (_, seed) => {
        const { landscape, bestFitness } = searchOn(2, { searchers: 40, sharing }, seed, experiments);
        return normalisedFitness(landscape, bestFitness);
      });
    const [open, secret] = [fitnessAfter(1, 80), fitnessAfter(0, 80)];
    const gains = open.map((fitness, seed) => fitness - secret[seed]);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    expect(mean).toBeGreaterThan(0);
    expect(deviation(gains, 0)).toBeGreaterThan(4);
  });
});

describe("in an economy", () => {
  const volunteers = createMechanism(mechanismSpec.parse({ kind: "volunteer" }));
  const giving = (search: EconomyInput["search"], fields: Partial<EconomyInput> = {}) =>
    economyWith({
      horizon: "150 d",
      providers: [givers],
      data: [],
      participation: { temperature: 0, revision: "1 d" },
      models: [modelWith({ targetTokens: "100T", deadline: "60 d", plannedTraining: "63 d" })],
      market: { spending: "$1M/y", freeLoss: 20, serviceLife: "90 d" },
      shocks: "expected",
      beliefs: { kind: "adaptive" },
      search,
      ...fields,
    });
  const run = (search: EconomyInput["search"]) =>
    runEconomy(giving(search), volunteers, { seed: 6, detail: "measures" });

  test("experiments cost the training what they take", () => {
    const whole = measured(run(undefined), "compute");
    for (const budget of [0, 0.1, 0.5, 0.9]) {
      const outcome = run({ budget, experiment: "0.001 ZFLOP", sharing: 1 });
      expect(measured(outcome, "compute") / (whole * (1 - budget))).toBeCloseTo(1, 9);
      // Experiments in whole numbers, of all that was set aside.
      const affordable = (whole * budget) / 0.001;
      expect(measured(outcome, "experiments")).toBeLessThanOrEqual(affordable + 1e-6);
      expect(measured(outcome, "experiments")).toBeGreaterThan(Math.min(affordable, 3000) - 2);
    }
  });

  test("experiments take their part of what trains, not of what is cheated", () => {
    const cheating = (search: EconomyInput["search"]) => {
      const { providers, ...rest } = giving(search);
      const lazy = { ...providers[0], group: "lazy", strategy: { kind: "fixed", option: "zero-gradient" } };
      const spec = { ...rest, providers: [providers[0], lazy], attacks: [{ kind: "zero-gradient" }] };
      return runEconomy(spec, volunteers, { seed: 6, detail: "measures", families: conductFamilies });
    };
    const whole = measured(cheating(undefined), "compute");
    const outcome = cheating({ budget: 0.4, experiment: `${whole / 1000} ZFLOP`, sharing: 1 });
    expect(measured(outcome, "compute") / (0.6 * whole)).toBeCloseTo(1, 9);
    expect(measured(outcome, "experiments")).toBeGreaterThanOrEqual(399);
    expect(measured(outcome, "experiments")).toBeLessThanOrEqual(400);
    expect(whole / measured(run(undefined), "compute")).toBeCloseTo(1, 9);
  });

  test("the best architecture multiplies revenue by what it gains", () => {
    const search = { budget: "10 %", experiment: "0.001 ZFLOP", sharing: 1 } as const;
    const [plain, gained] = [1, 3].map((qualityGain) => run({ ...search, qualityGain }));
    const fitness = measured(plain, "best-fitness");
    expect(measured(gained, "best-fitness")).toBe(fitness);
    expect(fitness).toBeGreaterThan(0.5);
    // Released on day 60, when the search has had 40 % of its experiments, and again when training goes on.
    const factor = measured(gained, "revenue") / measured(plain, "revenue");
    expect(factor).toBeGreaterThan(1.2);
    expect(factor).toBeLessThanOrEqual(3 ** fitness + 1e-6);
    expect(gained.measures.map(({ name }) => name)).toEqual(measureNames(giving(search)));
  });
});
