/**
 * The economy against the ownership contest. One model is worth A C^eta, all of it paid on the day after which nobody can
 * contribute; providers are alike and many. Where nothing is discounted a unit of ownership is worth the same on every day
 * of training, so that entry stops where the average value of work is its cost, whoever comes when.
 *
 * What separates a run from the closed form: the temperature (none where half of all provider-days are worked: the logit is
 * then indifferent), the tolerance of the fixed point (a gap of x in a unit's value is x / (1 - eta) in work), and whole
 * providers and days. Where providers decide once a week, work starts over the first week and ends a day late.
 */
import { protocolModels, protocolModelsSpec } from "@shardlab/mechanisms/protocol-models";
import { describe, expect, test } from "vitest";
import { efficientWork, freeEntryWork } from "./contest.ts";
import { type EconomyInput, economyWith, measured, modelWith } from "./fixtures/small-economy.ts";
import { runEconomy } from "./run.ts";

const providers = 4000;
const trainingDays = 56;
// An RTX 4090 at 40 % of 165.2 TFLOP/s, renting for $0.40/h, of which half is forgone, with $0.01/h of upkeep.
const zflopPerDay = (165.2e12 * 0.4 * 86_400) / 1e21;
const costPerDay = 24 * (0.4 * 0.5 + 0.01);
const rentalPerDay = 24 * 0.4;
const costPerWork = costPerDay / zflopPerDay;
const capacity = providers * zflopPerDay * trainingDays;

interface Setting {
  readonly elasticity: number;
  /** Work in ZFLOP that free entry brings without discounting and early weight. */
  readonly freeEntry?: number;
  readonly temperature?: number;
  readonly earlyWeight?: number;
  readonly discountRate?: string;
  readonly revision?: string;
  readonly start?: "prospectus" | "pessimism";
}

/** 13B parameters on 20T tokens, beyond what comes in any of the tests. */
const targetWork = (8 * 13e9 * 20e12) / 1e21;

function contestOf({ elasticity, freeEntry = 0.5 * capacity }: Setting) {
  return { elasticity, costPerWork, coefficient: costPerWork * freeEntry ** (1 - elasticity) };
}

function gathered(setting: Setting) {
  const { elasticity, coefficient } = contestOf(setting);
  const group: EconomyInput["providers"][number] = {
    group: "homes",
    count: providers,
    device: "rtx-4090",
    link: "datacentre-10g",
    availability: 1,
    riskAversion: 0,
    discountRate: setting.discountRate ?? "0 %/y",
  };
  const spec = economyWith({
    horizon: `${trainingDays + 2} d`,
    providers: [group],
    data: [],
    models: [
      modelWith({
        targetTokens: "20T",
        publicTokens: "20T",
        plannedTraining: `${trainingDays - 7} d`,
        deadline: `${trainingDays} d`,
        hazard: "0 %/y",
      }),
    ],
    training: { utilization: 0.4, communication: "0 MB/TFLOP", churnLoss: 0, badWork: 0 },
    market: {
      valueLaw: { coefficient: `$${coefficient}`, elasticity },
      serviceLife: "1 d",
      revenueUncertainty: 0,
    },
    participation: { temperature: setting.temperature ?? 0.01, revision: setting.revision ?? "1 d" },
    beliefs: { kind: "rational", tolerance: 0.002, iterations: 60, start: setting.start ?? "prospectus" },
  });
  const mechanism = protocolModels(
    protocolModelsSpec.parse({
      kind: "protocol-models",
      revenueShare: 1,
      dataShare: 0,
      earlyWeight: setting.earlyWeight ?? 0,
      matchOutlay: false,
    }),
  );
  const outcome = runEconomy(spec, mechanism, { seed: 5, detail: "measures" });
  return { work: measured(outcome, "compute"), residual: measured(outcome, "belief-residual") };
}

/** The root of a falling function between `low` and `high`. */
function rootOf(falling: (x: number) => number, low: number, high: number): number {
  let [below, above] = [low, high];
  for (let step = 0; step < 100; step++) {
    const middle = (below + above) / 2;
    if (falling(middle) > 0) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}

/**
 * The same game with a continuum of providers, by bisection on what a unit of ownership pays: every day one of as many
 * cohorts as the revision period has days decides by the logit, and everybody who decided so works.
 */
function continuumWork(setting: Setting): number {
  const { elasticity, coefficient } = contestOf(setting);
  const { temperature = 0.01, earlyWeight = 0 } = setting;
  const period = Number.parseInt(setting.revision ?? "1 d", 10);
  const ratePerDay = Number.parseFloat(setting.discountRate ?? "0") / 100 / 365.25;
  const pass = (unitPays: number) => {
    const working: number[] = new Array(period).fill(0);
    let [work, units] = [0, 0];
    for (let day = 0; day < trainingDays; day++) {
      const weight = Math.exp((-earlyWeight * work) / targetWork);
      const earned = zflopPerDay * weight * unitPays * Math.exp(-ratePerDay * (trainingDays - 1 - day));
      working[day % period] = 1 / (1 + Math.exp((costPerDay - earned) / rentalPerDay / temperature));
      const share = working.reduce((sum, cohort) => sum + cohort, 0) / period;
      const done = providers * zflopPerDay * share;
      work += done;
      units += done * weight;
    }
    // On the day after the release only the cohort whose turn it is has noticed that nothing is left to earn.
    working[trainingDays % period] = 0;
    const afterwards = (providers * zflopPerDay * working.reduce((sum, cohort) => sum + cohort, 0)) / period;
    return { work, units, afterwards };
  };
  const excess = (level: number) => {
    const { work, units } = pass(costPerWork * Math.exp(level));
    return work > 0 ? (coefficient * work ** elasticity) / units - costPerWork * Math.exp(level) : 1;
  };
  const { work, afterwards } = pass(costPerWork * Math.exp(rootOf(excess, -3, 6)));
  return work + afterwards;
}

const relativeGap = (value: number, expected: number) => Math.abs(value / expected - 1);

describe("free entry", () => {
  test.each([0.3, 0.5, 0.7])("gathers eta^(-1 / (1 - eta)) times the efficient work at eta = %d", (elasticity) => {
    const { work, residual } = gathered({ elasticity });
    expect(residual).toBeLessThan(0.002);
    expect(relativeGap(work, freeEntryWork(contestOf({ elasticity })))).toBeLessThan(0.02);
    const over = work / efficientWork(contestOf({ elasticity }));
    expect(relativeGap(over, elasticity ** (-1 / (1 - elasticity)))).toBeLessThan(0.02);
  });

  test("does not depend on the noise at its indifferent point", () => {
    const expected = freeEntryWork(contestOf({ elasticity: 0.5 }));
    expect(relativeGap(gathered({ elasticity: 0.5, temperature: 0.2 }).work, expected)).toBeLessThan(0.02);
  });

  test.each([
    { elasticity: 0.5, temperature: 0.1, freeEntry: 0.1 * capacity },
    { elasticity: 0.5, temperature: 0.1, freeEntry: 0.9 * capacity },
    { elasticity: 0.3, temperature: 0.3, freeEntry: 0.3 * capacity },
    { elasticity: 0.5, temperature: 0.02, revision: "7 d" },
    { elasticity: 0.7, temperature: 0.1, revision: "7 d", freeEntry: 0.7 * capacity },
  ])("with noise meets the continuum of logit players: %o", (setting) => {
    const { work, residual } = gathered(setting);
    expect(residual).toBeLessThan(0.002);
    expect(relativeGap(work, continuumWork(setting))).toBeLessThan(0.02);
  });
});

describe("early weight", () => {
  const setting = { elasticity: 0.5, earlyWeight: 8 };

  test("cures over-entry as x / (e^x - 1) says, x = lambda C / C*", () => {
    // The last unit of work earns V w(C) / U(C) with U the units issued: (V / C) x / (e^x - 1).
    const { coefficient } = contestOf(setting);
    const rent = (x: number) => x / Math.expm1(x);
    const marginal = (work: number) => (coefficient / Math.sqrt(work)) * rent((8 * work) / targetWork) - costPerWork;
    const expected = rootOf(marginal, 1, capacity);
    const { work } = gathered(setting);
    expect(work).toBeLessThan(0.7 * freeEntryWork(contestOf(setting)));
    // Early work earns a rent, so that everybody comes until it is gone; that day's work is 9 % of all.
    expect(relativeGap(work, expected)).toBeLessThan((providers * zflopPerDay) / expected);
    expect(relativeGap(work, continuumWork(setting))).toBeLessThan(0.02);
  });
});

describe("discounting", () => {
  test.each(["50 %/y", "200 %/y"])("at %s holds back work as the continuum says", (discountRate) => {
    const setting = { elasticity: 0.5, discountRate, temperature: 0.03 };
    const { work, residual } = gathered(setting);
    expect(residual).toBeLessThan(0.002);
    expect(relativeGap(work, continuumWork(setting))).toBeLessThan(0.02);
    const free = freeEntryWork(contestOf(setting));
    expect(work).toBeLessThan(free);
    // Nobody discounts by more than over all of training: V falls at most by that, and work by its power 1 / (1 - eta).
    const years = trainingDays / 365.25;
    expect(work).toBeGreaterThan(free * Math.exp((-years * Number.parseFloat(discountRate)) / 100 / 0.5));
  });
});

describe("where the search for beliefs starts", () => {
  test("pessimists find the same entry where a few come whatever they believe", () => {
    const setting = { elasticity: 0.5, temperature: 0.1 };
    const [hopeful, wary] = [gathered(setting), gathered({ ...setting, start: "pessimism" })];
    expect(wary.residual).toBeLessThan(0.002);
    expect(relativeGap(wary.work, hopeful.work)).toBeLessThan(0.02);
  });

  test("and nobody comes where nobody is believed to come", () => {
    const { work, residual } = gathered({ elasticity: 0.5, temperature: 0.005, start: "pessimism" });
    expect(work).toBe(0);
    expect(residual).toBe(0);
  });
});
