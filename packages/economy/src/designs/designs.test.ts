import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { openPath } from "../path.ts";
import { runEconomy } from "../run.ts";
import { buildWorld, type EconomyWorld } from "../world.ts";
import { bestExclusiveEpochs, chosenQuality, designGainDollars, entrantsWhoGain } from "./design-choice.ts";
import { abilitiesOf, enterDesigns } from "./designs.ts";
import type { DesignsSpec } from "./designs-spec.ts";
import { designerCompute, designerTerms, exclusiveEpochs, plannedValues, trainingPlan } from "./prize.ts";

/** The section of a world that has one. */
function designsOf({ spec }: EconomyWorld): DesignsSpec {
  if (spec.designs === undefined) throw new Error("no designs");
  return spec.designs;
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe("a designer", () => {
  const task = fc.record({
    prizeDollars: number(1e3, 1e7),
    effortDollars: number(1e3, 1e6),
    costExponent: number(1.2, 5),
    ability: number(0.1, 10),
  });

  test("chooses the quality that no other beats, and gains what is left of the prize", () => {
    fc.assert(
      fc.property(task, (chosen) => {
        const { prizeDollars: prize, effortDollars, costExponent, ability } = chosen;
        const gain = (q: number) => prize * q - (effortDollars * q ** costExponent) / ability;
        const quality = chosenQuality(chosen);
        expect(designGainDollars(chosen) / gain(quality)).toBeCloseTo(1, 6);
        for (const factor of [0.5, 0.9, 0.99, 1.01, 1.1, 2]) expect(gain(quality * factor)).toBeLessThan(gain(quality));
      }),
    );
  });

  test("of square costs chooses in proportion to the prize", () => {
    fc.assert(
      fc.property(task, number(0.1, 10), (chosen, factor) => {
        const square = { ...chosen, costExponent: 2 };
        const more = chosenQuality({ ...square, prizeDollars: square.prizeDollars * factor });
        expect(more / chosenQuality(square) / factor).toBeCloseTo(1, 9);
      }),
    );
    expect(chosenQuality({ prizeDollars: 0, effortDollars: 1, costExponent: 2, ability: 1 })).toBe(0);
  });

  test("enters as long as the last one gains", () => {
    expect(entrantsWhoGain(10, (count) => 5.5 - count)).toBe(5);
    expect(entrantsWhoGain(3, () => 1)).toBe(3);
    expect(entrantsWhoGain(3, () => -1)).toBe(0);
  });
});

/** One place under V = A C^eta, equal weights, and a designer with compute of its own. */
const oneDesign = (exclusive: number, fields: Partial<EconomyInput> = {}) => ({
  spec: economyWith({
    horizon: "1500 d",
    shocks: "expected",
    data: [],
    providers: [
      { group: "homes", count: 60, device: "rtx-4090", opportunity: 0.2, riskAversion: 0 },
      ...[{ group: "lab", count: 1, device: "h100-sxm" as const, devices: 1, link: "datacentre-10g" as const }].map(
        (lab) => ({ ...lab, opportunity: 0, riskAversion: 0, wealth: "$1M", designerOf: "toy" }),
      ),
    ],
    models: [modelWith({ targetTokens: "150B", plannedTraining: "60 d", deadline: "900 d", hazard: "20 %/y" })],
    market: { valueLaw: { coefficient: "$200k", elasticity: 0.4 }, serviceLife: "300 d" },
    beliefs: { kind: "adaptive", gain: 0.2 },
    participation: { temperature: 0.02 },
    designs: { candidates: 1, abilitySpread: 0, effortCost: "$300k", discountRate: "150 %/y" },
    ...fields,
  }),
  by: protocolModels(
    protocolModelsSpec.parse({
      ...{ kind: "protocol-models", matchOutlay: false, dataShare: 0, earlyWeight: 0, revenueShare: 0.85 },
      exclusive: `${exclusive} d`,
    }),
  ),
});

test("a designer's compute costs what its days cost, as long as the project lives", () => {
  fc.assert(
    fc.property(number(0, 3), number(1e-9, 2), fc.integer({ min: 1, max: 200 }), (perYear, hazard, days) => {
      const { spec, by } = oneDesign(days, {
        models: [modelWith({ targetTokens: "150B", hazard: `${100 * hazard} %/y` })],
      });
      const state = openPath(buildWorld(spec, 1), by, 0);
      const { work, cost } = designerCompute(state.world);
      const plan = trainingPlan(state.world, exclusiveEpochs(state), work);
      const daily = perYear / 365.25;
      const { computeDollars } = designerTerms(state, plan, cost, daily);
      const pieces = 1000;
      let sum = 0;
      for (let piece = 0; piece < pieces; piece++) {
        const day = ((piece + 0.5) * plan.ownEpochs[0]) / pieces;
        sum += (cost[0] * plan.ownEpochs[0] * Math.exp(-(daily + hazard / 365.25) * day)) / pieces;
      }
      expect(sum).toBeGreaterThan(0);
      expect(computeDollars[0] / sum).toBeCloseTo(1, 5);
    }),
    { numRuns: 30 },
  );
});

describe("the exclusive period", () => {
  test("is read off the mechanism", () => {
    for (const days of [0, 1, 17, 100]) {
      const { spec, by } = oneDesign(days);
      expect(exclusiveEpochs(openPath(buildWorld(spec, 1), by, 0))[0]).toBe(days);
    }
  });

  test("that is best for quality times the worth of revenue is where the closed form says", () => {
    fc.assert(
      fc.property(
        number(0.5, 3),
        number(0.3, 0.9),
        fc.integer({ min: 2, max: 12 }),
        (perYear, revenueShare, devices) => {
          const at = (days: number) => {
            const { spec } = oneDesign(days, {
              designs: { candidates: 1, abilitySpread: 0, discountRate: `${100 * perYear} %/y` },
            });
            const [homes, lab] = spec.providers;
            const world = buildWorld({ ...spec, providers: [homes, { ...lab, devices, upkeep: 0 }] }, 1);
            const by = protocolModels(
              protocolModelsSpec.parse({
                ...{ kind: "protocol-models", matchOutlay: false, dataShare: 0, earlyWeight: 0, revenueShare },
                exclusive: `${days} d`,
              }),
            );
            const state = openPath(world, by, 0);
            const { work } = designerCompute(world);
            const plan = trainingPlan(world, exclusiveEpochs(state), work);
            const [value] = plannedValues(world, plan, 1, perYear / 365.25);
            const [quality] = enterDesigns(state, designsOf(world), Float64Array.of(1)).qualities;
            return { world, work: work[0], revenue: quality * value, ownEpochs: plan.ownEpochs[0] };
          };
          const { world, work } = at(0);
          const terms = world.terms[0];
          const wanted = bestExclusiveEpochs({
            ...{ ownRate: work, fullRate: terms.targetWork / terms.plannedRelease, targetWork: terms.targetWork },
            ...{ claimShare: revenueShare, designerShare: 1 - revenueShare },
            ratePerEpoch: perYear / 365.25 + world.rates.hazard[0],
          });
          const days = Math.round(wanted);
          if (days < 8 || days + 8 > terms.targetWork / work) return;
          // A week's step of demand blurs the day of release by half a week.
          for (const other of [days - Math.min(days, 40), days + 40])
            if (other < terms.targetWork / work) expect(at(days).revenue).toBeGreaterThan(at(other).revenue);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("has an interior optimum in whole runs: none starves design, a long one starves training", () => {
    const revenues = [0, 60, 700].map((days) => {
      const { spec, by } = oneDesign(days);
      const outcome = runEconomy(spec, by, { seed: 2, detail: "measures" });
      expect(measured(outcome, "designs")).toBe(1);
      return { revenue: measured(outcome, "best-revenue"), quality: measured(outcome, "design-quality"), outcome };
    });
    expect(revenues[1].quality).toBeGreaterThan(1.1 * revenues[0].quality);
    expect(revenues[1].revenue).toBeGreaterThan(revenues[0].revenue);
    expect(revenues[1].revenue).toBeGreaterThan(revenues[2].revenue);
    expect(measured(revenues[2].outcome, "exclusive-share")).toBeCloseTo(1, 9);
    expect(measured(revenues[2].outcome, "time-to-target")).toBeGreaterThan(
      measured(revenues[1].outcome, "time-to-target"),
    );
  });
});

describe("entry", () => {
  const many = (fields: object = {}) =>
    economyWith({
      models: Array.from({ length: 4 }, (_, index) => modelWith({ name: `model-${index}`, deadline: "63 d" })),
      shocks: "expected",
      market: { spending: "$500k/y", serviceLife: "90 d" },
      designs: { candidates: 12, abilitySpread: 0.8, effortCost: "$50k", ...fields },
    });
  const owners = protocolModels(protocolModelsSpec.parse({ kind: "protocol-models", matchOutlay: false }));
  const run = (fields?: object) => runEconomy(many(fields), owners, { seed: 4, detail: "measures" });

  test("falls with its cost, down to nobody, and empty places are not trained", () => {
    const free = run();
    expect(measured(free, "designs")).toBe(4);
    const gain = measured(free, "designer-gain");
    const counts = [0.05, 0.15, 0.3, 1000].map((part) => run({ entryCost: `$${gain * part}` }));
    const entered = counts.map((outcome) => measured(outcome, "designs"));
    expect(entered).toEqual([...entered].sort((a, b) => b - a));
    expect(entered.at(-1)).toBe(0);
    expect(entered.some((count) => count > 0 && count < 4)).toBe(true);
    for (const outcome of counts)
      for (let model = 0; model < 4; model++)
        if (model >= measured(outcome, "designs")) expect(measured(outcome, `compute/model-${model}`)).toBe(0);
    const none = counts.at(-1);
    if (none)
      for (const name of ["revenue", "compute", "best-revenue", "design-quality"]) expect(measured(none, name)).toBe(0);
    expect(free.measures.map(({ name }) => name)).toEqual(measureNames(many()));
  });

  test("is by the ablest, whose designs are the better", () => {
    const world = buildWorld(many(), 4);
    const abilities = abilitiesOf(world, designsOf(world));
    expect(abilities.length).toBe(12);
    expect([...abilities]).toEqual([...abilities].sort((a, b) => b - a));
    const { qualities } = enterDesigns(openPath(world, owners, 0), designsOf(world), abilities);
    // Places that are alike but for ability: quality is proportional to it.
    for (let model = 1; model < 4; model++)
      expect(qualities[model] / qualities[0] / (abilities[model] / abilities[0])).toBeCloseTo(1, 9);
  });

  test("goes with rational beliefs, which know the designs", () => {
    const spec = {
      ...many(),
      beliefs: { kind: "rational", start: "prospectus", tolerance: 0.02, iterations: 6 },
    } as const;
    const outcome = runEconomy(spec, owners, { seed: 4, detail: "measures" });
    for (const { name, value } of outcome.measures) expect(value, name).not.toBeNaN();
    expect(measured(outcome, "designs")).toBeGreaterThan(0);
  });
});
