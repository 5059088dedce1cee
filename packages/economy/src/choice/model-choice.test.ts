import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";
import { economyContradictions } from "../spec.ts";
import { buildWorld } from "../world.ts";
import { allocationQuality, bestAllocation, evenAllocation } from "./allocation.ts";
import { popularityFactors } from "./model-choice.ts";
import { expectedQuality, ownViews, qualitiesOf } from "./signals.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe("a view", () => {
  test("is the mean of quality by Bayes' rule: prior times likelihoods, by quadrature", () => {
    const signal = fc.record({ value: number(-2, 2), noise: number(0.2, 4) });
    fc.assert(
      fc.property(number(0.1, 2), fc.array(signal, { maxLength: 3 }), (spread, signals) => {
        let [mass, moment] = [0, 0];
        for (let x = -25; x <= 25; x += 0.005) {
          let logDensity = -((x + spread ** 2 / 2) ** 2) / (2 * spread ** 2);
          for (const { value, noise } of signals) logDensity -= (value - x) ** 2 / (2 * noise ** 2);
          mass += Math.exp(logDensity);
          moment += Math.exp(logDensity + x);
        }
        expect(expectedQuality(spread, signals) / (moment / mass)).toBeCloseTo(1, 6);
      }),
      { numRuns: 40 },
    );
  });

  test("is 1 without anything seen, 1 where all are alike, and the truth where it is seen", () => {
    expect(expectedQuality(0.7, [])).toBeCloseTo(1, 12);
    expect(expectedQuality(0, [{ value: 3, noise: 0.1 }])).toBe(1);
    expect(expectedQuality(0.7, [{ value: Math.log(2.5), noise: 0 }])).toBeCloseTo(2.5, 12);
  });

  test("is right on average, over seeds and providers, and varies as it should", () => {
    const spec = economyWith({
      providers: [{ group: "homes", count: 40, device: "rtx-4090", signalNoise: 0.8 }],
      models: Array.from({ length: 5 }, (_, index) => modelWith({ name: `model-${index}` })),
      modelChoice: { qualitySpread: 0.6, publicNoise: 1.2 },
    });
    const [errors, spreads]: number[][] = [[], []];
    for (let seed = 0; seed < 400; seed++) {
      const world = buildWorld(spec, seed);
      const qualities = qualitiesOf(world);
      const views = ownViews(world, qualities);
      // Providers see the same qualities: a model of a seed is one observation.
      for (let model = 0; model < 5; model++) {
        let [view, squares] = [0, 0];
        for (let i = 0; i < 40; i++) {
          view += views[i * 5 + model] / 40;
          squares += (Math.log(views[i * 5 + model]) - Math.log(qualities[model])) ** 2 / 40;
        }
        errors.push(view - qualities[model]);
        spreads.push(squares);
      }
    }
    const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const standardError = (list: number[]) =>
      Math.sqrt(list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0) / list.length ** 2);
    expect(Math.abs(mean(errors)) / standardError(errors)).toBeLessThan(4);
    // ln view lies v / 2 above the posterior mean, so that its squared error is v + v^2 / 4 on average.
    const v = 1 / (1 / 0.6 ** 2 + 1 / 1.2 ** 2 + 1 / 0.8 ** 2);
    expect(Math.abs(mean(spreads) - v - v ** 2 / 4) / standardError(spreads)).toBeLessThan(4);
  });
});

describe("an allocation", () => {
  test("is best where work goes as q^(1 / (1 - eta)), under V = q w^eta", () => {
    const some = fc.array(number(0.2, 5), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(some, number(0.1, 0.9), number(0.1, 1e6), (qualities, eta, total) => {
        const worthOf = (work: Float64Array) =>
          work.reduce((sum, amount, model) => sum + qualities[model] * amount ** eta, 0);
        const problem = { total, caps: new Float64Array(qualities.length).fill(total), worthOf };
        const power = 1 / (1 - eta);
        const best = total ** eta * qualities.reduce((sum, q) => sum + q ** power, 0) ** (1 - eta);
        const even = new Float64Array(qualities.length).fill(total / qualities.length);
        expect(bestAllocation(problem, even).value / best).toBeCloseTo(1, 4);
        const found = allocationQuality(problem, even);
        expect(found.efficiency / (worthOf(even) / best)).toBeCloseTo(1, 4);
        expect(Math.abs(found.aboveEven)).toBeLessThan(1e-9);
        const wanted = Float64Array.from(
          qualities,
          (q) => (total * q ** power) / qualities.reduce((s, p) => s + p ** power, 0),
        );
        expect(allocationQuality(problem, wanted).efficiency).toBeCloseTo(1, 6);
      }),
      { numRuns: 50 },
    );
  });

  test("is no worse than any on a grid, in a market whose quality sets in late", () => {
    const model = fc.record({ quality: number(0.2, 4), scale: number(0.05, 0.6), power: number(0.4, 4) });
    fc.assert(
      fc.property(fc.array(model, { minLength: 3, maxLength: 3 }), number(0.2, 1), (models, cap) => {
        // An S-shaped appeal in work, and a logit of the three and doing without.
        const worthOf = (work: Float64Array) => {
          const weights = models.map(({ scale, power }, index) => (work[index] / scale) ** power);
          const total = 1 + weights.reduce((sum, weight) => sum + weight, 0);
          return models.reduce((sum, { quality }, index) => sum + (quality * weights[index]) / total, 0);
        };
        const problem = { total: 1, caps: Float64Array.of(1, cap, cap), worthOf };
        let best = 0;
        for (let a = 0; a <= 60; a++)
          for (let b = 0; a + b <= 60; b++) {
            const work = Float64Array.of(a / 60, b / 60, (60 - a - b) / 60);
            if (work[1] <= cap && work[2] <= cap) best = Math.max(best, worthOf(work));
          }
        expect(bestAllocation(problem, evenAllocation(problem)).value).toBeGreaterThan(0.995 * best);
      }),
      { numRuns: 50 },
    );
  });

  test("goes to one model where value rises faster than work, and within the caps", () => {
    const worthOf = (work: Float64Array) => work.reduce((sum, amount, model) => sum + (model + 1) * amount ** 2, 0);
    const caps = Float64Array.of(10, 10, 4);
    expect([...bestAllocation({ total: 10, caps, worthOf }, Float64Array.of(3, 3, 4)).work]).toEqual([0, 10, 0]);
    const found = bestAllocation({ total: 13, caps, worthOf }, Float64Array.of(5, 5, 3)).work;
    for (const [model, work] of [0, 10, 3].entries()) expect(found[model]).toBeCloseTo(work, 2);
    expect([...evenAllocation({ total: 18, caps, worthOf })]).toEqual([7, 7, 4]);
    expect(allocationQuality({ total: 0, caps, worthOf }, new Float64Array(3))).toEqual({
      efficiency: 0,
      aboveEven: 0,
    });
  });
});

test("popularity is work in that of the mean, over models still in training", () => {
  const work = Float64Array.of(30, 10, 500);
  expect([...popularityFactors(work, [true, true, false], 1)]).toEqual([1.5, 0.5, 1]);
  expect(popularityFactors(work, [true, true, false], 0.5)[0]).toBeCloseTo(Math.sqrt(1.5), 12);
  expect([...popularityFactors(work, [true, true, true], 0)]).toEqual([1, 1, 1]);
  expect([...popularityFactors(new Float64Array(3), [true, true, true], 1)]).toEqual([1, 1, 1]);
  expect(popularityFactors(Float64Array.of(0, 10), [true, true], 1)[0]).toBe(0.01);
});

describe("in an economy", () => {
  const owners = protocolModels(
    protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false, dataShare: 0, earlyWeight: 0 }),
  );
  const qualities = [2.2, 1, 0.6, 0.4];
  const choosing = (modelChoice: EconomyInput["modelChoice"], fields: Partial<EconomyInput> = {}) =>
    economyWith({
      horizon: "200 d",
      shocks: "expected",
      data: [],
      providers: [{ group: "homes", count: 400, device: "rtx-4090", riskAversion: 0, opportunity: 0.1 }],
      models: qualities.map((quality, index) =>
        modelWith({
          ...{
            name: `model-${index}`,
            targetTokens: "10T",
            plannedTraining: "90 d",
            deadline: "90 d",
            hazard: "0 %/y",
          },
          ...(modelChoice ? { quality } : {}),
        }),
      ),
      market: { valueLaw: { coefficient: "$1.5M", elasticity: 0.4 }, serviceLife: "90 d" },
      participation: { temperature: 0.02 },
      beliefs: { kind: "adaptive", gain: 0.5 },
      modelChoice,
      ...fields,
    });
  const run = (modelChoice: EconomyInput["modelChoice"], fields?: Partial<EconomyInput>) =>
    runEconomy(choosing(modelChoice, fields), owners, { seed: 11, detail: "measures" });

  test("work goes to the better models the more is seen of them", () => {
    const efficiencies = [0, 0.5, 8].map((signalNoise) => run({ qualitySpread: 0.7, signalNoise }));
    const above = efficiencies.map((outcome) => measured(outcome, "allocation-efficiency/above-random"));
    expect(above[0]).toBeGreaterThan(0.7);
    expect(above[1]).toBeGreaterThan(above[2] + 0.2);
    expect(above[1]).toBeLessThan(above[0] - 0.1);
    expect(Math.abs(above[2])).toBeLessThan(0.1);
    // Where all see everything, pay per work is alike at every model: work goes as quality, at planned revenue.
    expect(measured(efficiencies[0], "work-on-best")).toBeCloseTo(2.2 / 4.2, 1);
    for (const outcome of efficiencies) {
      expect(measured(outcome, "allocation-efficiency")).toBeGreaterThan(0.3);
      expect(measured(outcome, "allocation-efficiency")).toBeLessThanOrEqual(1 + 1e-9);
      expect(measured(outcome, "herding")).toBe(0);
    }
    expect(efficiencies[0].measures.map(({ name }) => name)).toEqual(measureNames(choosing({ qualitySpread: 0.7 })));
  });

  test("whoever goes by the others herds", () => {
    const [alone, some, much] = [0, 0.5, 0.95].map((socialWeight) =>
      run({ qualitySpread: 0.7, signalNoise: 1.5, socialWeight }),
    );
    expect(measured(alone, "herding")).toBe(0);
    expect(measured(some, "herding")).toBeGreaterThan(0.02);
    expect(measured(much, "herding")).toBeGreaterThan(measured(some, "herding"));
  });

  test("models that all know to be alike are chosen as without the section", () => {
    const plain = run(undefined);
    const models = choosing(undefined).models.map((model) => ({ ...model, quality: undefined }));
    const alike = { ...choosing({ qualitySpread: 0, crowding: false }), models };
    expect(runEconomy(alike, owners, { seed: 11, detail: "measures" }).traceHash).toBe(plain.traceHash);
  });

  test.each(["rational", "optimistic"] as const)("%s beliefs see what they see, too", (kind) => {
    const [clear, dim] = [0, 8].map((signalNoise) => run({ qualitySpread: 0.7, signalNoise }, { beliefs: { kind } }));
    expect(measured(clear, "work-on-best")).toBeGreaterThan(measured(dim, "work-on-best") + 0.1);
  });

  test("quality without the section is refused", () => {
    const spec = { ...choosing({ qualitySpread: 0.7 }), modelChoice: undefined };
    expect(economyContradictions(spec).map(({ path }) => path.join("."))).toContain("models.0.quality");
  });
});
