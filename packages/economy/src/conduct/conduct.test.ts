/** Rational providers in the economy, held to the inspection game in closed form, and to what else follows from it. */
import { attackSpec, createAttack } from "@shardlab/attacks";
import type { Mechanism, RunOutcome } from "@shardlab/contracts";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { createStrategy, strategySpec } from "@shardlab/strategies";
import { createVerification, deterringAuditRate, deterringShare, verificationSpec } from "@shardlab/verification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EconomyInput, economyWith, measured, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";
import { buildWorld } from "../world.ts";
import type { ConductFamilies } from "./conduct.ts";
import { conductState } from "./conduct-state.ts";

const families: ConductFamilies = {
  strategy: (spec) => createStrategy(strategySpec.parse(spec)),
  attack: (spec) => createAttack(attackSpec.parse(spec)),
  verification: (spec) => createVerification(verificationSpec.parse(spec)),
};

const mechanism = (input: unknown): Mechanism => createMechanism(mechanismSpec.parse(input));
const piecework = { kind: "spot-rental" };

/** Providers who are all alike, without noise, data and chance; they stay for as long as it is worth it. */
const alike = (fields: Partial<EconomyInput> = {}, group: object = {}) =>
  economyWith({
    horizon: "60 d",
    outlay: "$1B",
    shocks: "expected",
    data: [],
    providers: [
      {
        ...{ group: "homes", count: 20, device: "rtx-4090", riskAversion: 0, wealth: "$1M", opportunity: 0.5 },
        ...{ strategy: { kind: "best-response" } },
        ...group,
      },
    ],
    participation: { temperature: 0, revision: "1 d" },
    models: [modelWith({ targetTokens: "100T", deadline: "10 y", plannedTraining: "63 d" })],
    market: { spending: "$1M/y" },
    beliefs: { kind: "adaptive" },
    ...fields,
  });

const run = (fields: Partial<EconomyInput>, rule: unknown = piecework, group: object = {}): RunOutcome =>
  runEconomy(alike(fields, group), mechanism(rule), { seed: 1, detail: "measures", families });

/** What one provider of `alike` pays and gets in a day under piecework, read off its columns and its first offer. */
function day(group: object = {}) {
  const world = buildWorld(alike({}, group), 1, families);
  const { workPerEpoch, runningCost, opportunity } = world.population;
  const priceFactor = (mechanismSpec.parse(piecework) as { price?: number }).price ?? 1;
  const payDollars = workPerEpoch[0] * world.marketPricePerWork * priceFactor;
  return { payDollars, costDollars: runningCost[0] + opportunity[0] };
}

const unit = fc.double({ min: 0.05, max: 1, noNaN: true });

describe("the threshold of audits under pay by the task", () => {
  it("is that of the inspection game, within one per cent on both sides", () => {
    const { payDollars, costDollars } = day();
    expect(payDollars).toBeGreaterThan(costDollars);
    fc.assert(
      fc.property(unit, unit, fc.double({ min: 0, max: 0.5, noNaN: true }), (costSaved, detection, falseShare) => {
        const falsePositive = falseShare * detection;
        const threshold = deterringAuditRate({
          ...{ costDollars, costSaved, payDollars, stakeDollars: 0, detection, falsePositive },
          ...{ ownShare: 0, damageDollars: 0 },
        });
        fc.pre(threshold < 0.98 && payDollars * (1 - 1.02 * threshold * falsePositive) > costDollars);
        const attacks = [{ kind: "profile", name: "lazy", costSaved, detection }];
        const cheats = (factor: number) =>
          measured(
            run({ attacks, verification: { kind: "random-audit", rate: factor * threshold, falsePositive } }),
            "cheating-share",
          );
        expect(cheats(0.99)).toBe(1);
        expect(cheats(1.01)).toBe(0);
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  it("comes down by the stake that is forfeited", () => {
    const { payDollars, costDollars } = day();
    const stakes = fc.double({ min: 0.5, max: 20, noNaN: true });
    fc.assert(
      fc.property(unit, unit, stakes, (costSaved, detection, stake) => {
        const threshold = deterringAuditRate({
          ...{ costDollars, costSaved, payDollars, stakeDollars: stake * payDollars, detection, falsePositive: 0 },
          ...{ ownShare: 0, damageDollars: 0 },
        });
        fc.pre(threshold < 0.98);
        const attacks = [{ kind: "profile", name: "lazy", costSaved, detection }];
        const rule = { kind: "slashing", payMultiple: stake, of: piecework };
        const cheats = (factor: number) =>
          measured(
            run({ attacks, verification: { kind: "random-audit", rate: factor * threshold } }, rule),
            "cheating-share",
          );
        expect(cheats(0.99)).toBe(1);
        expect(cheats(1.01)).toBe(0);
      }),
      { numRuns: 15, seed: 6 },
    );
  });
});

describe("own damage", () => {
  const owners = { kind: "protocol-models", matchOutlay: false, dataShare: 0, earlyWeight: 0, revenueShare: 1 };
  const market = (elasticity: number, coefficient = "$400k") => {
    // Plans are made by the week: 63 days of training and 91 of service are whole ones.
    return { valueLaw: { coefficient, elasticity }, serviceLife: "91 d" };
  };

  /** The first day of n believers, who are all asked at once: whether they cheat when that saves the share phi. */
  const cheatsAtFirst = (group: { count: number; devices: number }, elasticity: number, costSaved: number): number => {
    const fields = {
      horizon: "300 d",
      models: [modelWith({ hazard: "0 %/y", plannedTraining: "63 d" })],
      market: market(elasticity),
      attacks: [{ kind: "profile", name: "lazy", costSaved, detection: 1 }],
      beliefs: { kind: "optimistic" as const, factor: 1 },
      participation: { temperature: 0, revision: "300 d" },
    };
    return measured(run(fields, owners, { ...group, opportunity: 0.1, discountRate: "0 %/y" }), "cheating-share");
  };

  it("deters alone from the share on that the closed form names, within one per cent on both sides", () => {
    const groups = fc.record({
      count: fc.integer({ min: 2, max: 16 }),
      devices: fc.double({ min: 0.2, max: 4, noNaN: true }),
    });
    fc.assert(
      fc.property(groups, fc.double({ min: 0.3, max: 1, noNaN: true }), (group, elasticity) => {
        const { population } = buildWorld(alike({}, { ...group, opportunity: 0.1 }), 1, families);
        // 8 FLOP for each parameter and token; a twentieth of the work is lost to churn, and a fiftieth does not train.
        const useful = 0.95 * 0.98;
        const allWork = (8 * 13e9 * 260e9) / 1e15 / useful;
        const value = 400_000 * (useful * allWork * 1e-6) ** elasticity;
        const cost = (population.runningCost[0] + population.opportunity[0]) / population.workPerEpoch[0];
        const kappa = value / (cost * allWork);
        const share = Math.min(1, (population.workPerEpoch[0] * 63) / allWork);
        // Solved for phi: the closed form is about the share, and both are on one line.
        const atWhole = deterringShare(1, {
          valueElasticity: elasticity,
          valueOverCost: kappa,
          furtherHarm: 0,
        });
        const phi = share / atWhole;
        fc.pre(phi < 0.98);
        expect(cheatsAtFirst(group, elasticity, 1.01 * phi)).toBe(1);
        expect(cheatsAtFirst(group, elasticity, 0.99 * phi)).toBe(0);
      }),
      { numRuns: 25, seed: 8 },
    );
  });

  it("leaves nobody to come where all expect all to cheat", () => {
    const fields = {
      horizon: "300 d",
      models: [modelWith({})],
      market: market(0.7, "$40k"),
      attacks: [{ kind: "zero-gradient" }],
    };
    const group = { count: 60, opportunity: 0.1, discountRate: "0 %/y" };
    const compute = (kind: string) =>
      measured(run({ ...fields, beliefs: { kind: "rational" } }, owners, { ...group, strategy: { kind } }), "compute");
    expect(compute("honest")).toBeGreaterThan(10);
    expect(compute("best-response")).toBe(0);
    // Together they own what they would spoil.
    expect(compute("coalition")).toBeGreaterThan(0.9 * compute("honest"));
  });

  it("rests on the elasticity of the law of value", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 2, noNaN: true }), (elasticity) => {
        const spec = alike({
          models: [modelWith({})],
          horizon: "300 d",
          attacks: [{ kind: "zero-gradient" }],
          market: { valueLaw: { coefficient: "$40k", elasticity }, serviceLife: "90 d" },
        });
        const world = buildWorld(spec, 1, families);
        expect(conductState(world, world.conduct as never).elasticity[0]).toBeCloseTo(elasticity, 9);
      }),
      { numRuns: 20 },
    );
  });
});

describe("names", () => {
  const split = { kind: "equal-epoch-split" };

  it("multiply where a rule pays by the name, and not where persons are checked", () => {
    const sybils = { strategy: { kind: "sybil", identities: 7 } };
    const attacks = [{ kind: "zero-gradient" }];
    expect(measured(run({ attacks }, split, sybils), "identities")).toBe(7);
    expect(measured(run({ attacks }, piecework, sybils), "identities")).toBe(1);
    expect(measured(run({ attacks }, split), "identities")).toBe(1);
    const checked = { kind: "personhood", of: split, undetected: 0, refused: 0 };
    expect(measured(run({ attacks }, checked, sybils), "identities")).toBe(1);
  });
});

describe("the books", () => {
  it("balance, whoever cheats and is caught, and say who was", () => {
    const fields = {
      attacks: [{ kind: "zero-gradient", detection: 0.5 }],
      verification: { kind: "random-audit", rate: 0.2, falsePositive: 0.1 },
    };
    const half = { strategy: { kind: "fixed", option: "zero-gradient" } };
    const outcome = run(fields, piecework, half);
    // 20 providers for 60 days, each day found bad with chance 0.1.
    const [caught, expected] = [measured(outcome, "caught"), 20 * 60 * 0.1];
    expect(Math.abs(caught - expected)).toBeLessThan(4 * Math.sqrt(expected * 0.9));
    expect(measured(outcome, "cheating-share")).toBe(1);
    expect(measured(outcome, "compute")).toBe(0);
    const honest = run(fields, piecework, { strategy: { kind: "honest" } });
    const wrong = 20 * 60 * 0.02;
    expect(Math.abs(measured(honest, "false-slashes") - wrong)).toBeLessThan(4 * Math.sqrt(wrong));
    expect(outcome.measures.map(({ name }) => name)).toEqual(measureNames(alike(fields, half)));
  });

  it("pay each group what its members gain: pay less cost, and what the device would have earned", () => {
    const { payDollars, costDollars } = day();
    const outcome = run({ sponsorDiscount: "0 %/y", attacks: [{ kind: "zero-gradient" }] }, piecework, {
      strategy: { kind: "honest" },
    });
    expect(measured(outcome, "payoff/homes") / (60 * (payDollars - costDollars))).toBeCloseTo(1, 4);
    const lazy = run({ sponsorDiscount: "0 %/y", attacks: [{ kind: "zero-gradient" }] });
    expect(measured(lazy, "payoff/homes") / (60 * payDollars)).toBeCloseTo(1, 4);
  });

  it("are those of a world without conduct where all are honest and choose by logit", () => {
    const plain = economyWith({ participation: { temperature: 0.05 } });
    const logit = economyWith({
      participation: { temperature: 0.05 },
      verification: { kind: "no-verification" },
    });
    const rule = { kind: "protocol-models" };
    const [a, b] = [plain, logit].map((spec) =>
      runEconomy(spec, mechanism(rule), { seed: 3, detail: "measures", families }),
    );
    for (const name of ["compute", "participation", "gini", "revenue"])
      expect(measured(b, name)).toBe(measured(a, name));
  });
});

describe("strategies that learn", () => {
  it.each(["replicator", "bandit"])("%s see no offer, and still come to work where it pays", (kind) => {
    const spec = alike({ horizon: "300 d", attacks: [{ kind: "zero-gradient" }] }, { count: 60, strategy: { kind } });
    const outcome = runEconomy(spec, mechanism(piecework), { seed: 1, detail: "measures", families });
    if (kind === "bandit") expect(measured(outcome, "participation")).toBeGreaterThan(0.5);
    // What nobody does, nobody imitates.
    else expect(measured(outcome, "participation")).toBe(0);
  });
});

describe("pay by score", () => {
  it("leaves nothing to zeros, where pay by the name pays them like work", () => {
    const attacks = [{ kind: "zero-gradient" }];
    const cheats = (kind: string) => measured(run({ attacks, horizon: "200 d" }, { kind }), "cheating-share");
    expect(cheats("equal-epoch-split")).toBe(1);
    expect(cheats("gauntlet")).toBe(0);
  });
});
