import type { Mechanism } from "@shardlab/contracts";
import { type ExampleWorld, exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMechanism, mechanismSpec } from "./registry.ts";

const { treasuries, designers, customers, issuer, vault } = exampleAccounts;
const rental = { kind: "spot-rental", dataShare: 0 };
const slashing = (changes: object = {}, of: object = rental): Mechanism =>
  createMechanism(mechanismSpec.parse({ kind: "slashing", payMultiple: 2, unbonding: "3 d", of, ...changes }));
const work = (account: number, quantity: number, identities = 1) => ({ account, model: 0, quantity, identities });

function endow(world: ExampleWorld, account: number, dollars: number): void {
  const amount = Float64Array.of(Math.round(dollars * 1e6));
  world.ledger.postBatch({ reason: "wealth", asset: 0, from: customers, to: account, amount });
}

describe("stake", () => {
  it("is asked for in pay, in dollars for work and in dollars for names", () => {
    const world = exampleWorld(slashing({ perWork: "$0.50", perIdentity: "$3" }));
    const { cashPerWork, stakePerWork, stakePerIdentity } = world.quote({});
    expect([cashPerWork[0], stakePerWork[0], stakePerIdentity[0]]).toEqual([1, 2.5, 3]);
    endow(world, 0, 100);
    world.step({ work: [work(0, 4, 5)] });
    expect(world.cash(vault)).toBe(25_000_000);
  });

  it("is asked for in the worth of ownership, by what all of it is believed to be worth", () => {
    // Equal weights: each of the 1,000 PFLOP aimed at earns a thousandth of all ownership, which gets half of $4,000.
    const of = { kind: "protocol-models", earlyWeight: 0, revenueShare: 0.5, dataShare: 0, matchOutlay: false };
    const world = exampleWorld(slashing({ payMultiple: 3 }, of));
    const value = { expectedValueDollars: Float64Array.of(4000) };
    expect(world.quote({ situation: value }).stakePerWork[0]).toBe(6);
    world.step({ work: [work(0, 250)], situation: value });
    const later = { ...value, cumulativeWork: Float64Array.of(250) };
    expect(world.quote({ situation: later }).stakePerWork[0]).toBe(6);
    const early = slashing({ payMultiple: 1 }, { ...of, earlyWeight: 2 });
    // exp(-2 x) of a first unit, of which there are (1 - exp(-2)) / 2 of the target.
    const first = (0.5 * 4000 * 2) / (1 - Math.exp(-2)) / 1000;
    expect(exampleWorld(early).quote({ situation: value }).stakePerWork[0]).toBe(Number(first.toPrecision(3)));
  });

  it("is locked from cash before pay, and what cash lacks is held back from pay", () => {
    const world = exampleWorld(slashing());
    endow(world, 0, 15);
    endow(world, 1, 3);
    world.step({ work: [work(0, 5), work(1, 5), work(2, 5)] });
    // Each needs $10 and is paid $5.
    expect([0, 1, 2].map(world.cash)).toEqual([10_000_000, 0, 0]);
    expect(world.cash(vault)).toBe(23_000_000);
    world.step({ work: [work(2, 5)] });
    expect([world.cash(2), world.cash(vault)]).toEqual([0, 28_000_000]);
    world.step({ work: [work(2, 5)] });
    expect([world.cash(2), world.cash(vault)]).toEqual([5_000_000, 28_000_000]);
  });

  it("stays while it is needed, and goes back once it has not been for the unbonding time", () => {
    const world = exampleWorld(slashing());
    endow(world, 0, 100);
    const held = [8, 8, 3, 8, 2, 2, 2, 0, 0, 0, 0].map((quantity) => {
      world.step({ work: quantity > 0 ? [work(0, quantity)] : [] });
      return world.cash(vault) / 1e6;
    });
    // $16 are last needed in epoch 3; in epoch 6 the most needed since, $4, stay, and are last needed then.
    expect(held).toEqual([16, 16, 16, 16, 16, 16, 4, 4, 4, 0, 0]);
  });

  it("goes back whole in the last epoch", () => {
    const world = exampleWorld(slashing({ unbonding: "300 d" }), { horizonEpochs: 3 });
    endow(world, 0, 100);
    for (let epoch = 0; epoch < 3; epoch++) world.step({ work: [work(0, 1)] });
    expect([world.cash(vault), world.cash(0)]).toEqual([0, 103_000_000]);
  });
});

describe("forfeits", () => {
  it.each([
    ["burn", { [issuer]: 20_000_000, [designers]: 0, 1: 8_000_000, 2: 2_000_000 }],
    ["treasury", { [issuer]: 0, [designers]: 20_000_000, 1: 8_000_000, 2: 2_000_000 }],
    ["reporters", { [issuer]: 0, [designers]: 0, 1: 24_000_000, 2: 6_000_000 }],
  ])("go to: %s", (to, expected) => {
    const world = exampleWorld(slashing({ to }));
    for (const account of [0, 1, 2]) endow(world, account, 100);
    world.step({ work: [work(1, 8), work(2, 2)], verdicts: [work(0, 10)] });
    expect(world.cash(0)).toBe(80_000_000);
    for (const [account, micros] of Object.entries(expected)) {
      const has =
        world.cash(Number(account)) -
        (Number(account) < 3 ? 100_000_000 - 2 * Number(account === "1" ? 8 : 2) * 1e6 : 0);
      expect(has, account).toBe(micros);
    }
    expect(world.cash(treasuries)).toBe(90_000_000);
  });

  it("burn what there is no reporter for", () => {
    const world = exampleWorld(slashing({ to: "reporters" }));
    endow(world, 0, 100);
    world.step({ verdicts: [work(0, 10)], work: [work(1, 0)] });
    expect([world.cash(0), world.cash(issuer)]).toEqual([80_000_000, 20_000_000]);
  });

  it("take the share of the stake that the bad work called for, and leave the rest", () => {
    const world = exampleWorld(slashing({ forfeit: "25 %" }));
    endow(world, 0, 100);
    world.step({ work: [work(0, 10)] });
    world.step({ verdicts: [work(0, 4)] });
    // A quarter of $8, of $20 locked.
    expect([world.cash(vault), world.cash(issuer)]).toEqual([18_000_000, 2_000_000]);
  });

  it("never exceed what is locked, whoever is found bad however often", () => {
    const day = fc.record({
      quantity: fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 4, maxLength: 4 }),
      isBad: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    });
    const rule = fc.record({
      payMultiple: fc.double({ min: 0.1, max: 20, noNaN: true }),
      forfeit: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.constantFrom("burn", "treasury", "reporters"),
      unbonding: fc.constantFrom("0 s", "1 d", "4 d"),
    });
    const wealths = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 4, maxLength: 4 });
    const keeps = (
      changes: object,
      wealth: readonly number[],
      days: readonly { quantity: number[]; isBad: boolean[] }[],
    ) => {
      const world = exampleWorld(slashing(changes), { horizonEpochs: days.length, outlayDollars: 300 });
      for (const [account, dollars] of wealth.entries()) endow(world, account, dollars);
      const all = () =>
        [0, 1, 2, 3, vault, issuer, treasuries, designers].reduce((sum, one) => sum + world.cash(one), 0);
      const before = all();
      for (const { quantity, isBad } of days) {
        const rows = quantity.map((done, account) => work(account, done));
        const had = [0, 1, 2, 3].map(world.cash);
        const locked = world.cash(vault);
        const { postings } = world.step({
          work: rows.filter(({ account }) => !isBad[account]),
          verdicts: rows.filter(({ account }) => isBad[account]),
        });
        const lost = postings.filter(({ reason }) => reason === "stake forfeited");
        const total = lost.reduce((sum, { amount }) => sum + amount.reduce((a, b) => a + b, 0), 0);
        const cash = had.reduce((sum, micros) => sum + micros, 0);
        expect(total).toBeLessThanOrEqual(locked + cash);
        for (const account of [0, 1, 2, 3, vault]) expect(world.cash(account)).toBeGreaterThanOrEqual(0);
      }
      expect(world.cash(vault)).toBe(0);
      expect(all()).toBe(before);
    };
    fc.assert(fc.property(rule, wealths, fc.array(day, { minLength: 1, maxLength: 8 }), keeps), {
      seed: 14,
      numRuns: 150,
    });
  });
});

describe("what survives slashing", () => {
  it("is what the inner rule claims, without monotonicity and collusion resistance", () => {
    const inner = createMechanism(mechanismSpec.parse(rental));
    const lost = inner.claims.filter((claim) => !slashing().claims.includes(claim));
    expect([...lost].sort()).toEqual(["collusion-resistance", "monotonicity"]);
    // Where a caught owner gets some of it back, the stake deters less than the offer says.
    for (const to of ["treasury", "reporters"]) {
      expect(slashing({ to }).claims).not.toContain("incentive-compatibility");
    }
    const half = slashing({ forfeit: 0.5 });
    expect(half.claims).toContain("incentive-compatibility");
    // C = p d (w + S / 2) at w = 1, S = 2, p = 1/2.
    const facts = { costDollars: 1, costSaved: 1, auditRate: 0.5, detection: 1, falsePositive: 0, wealthDollars: 9 };
    const pay = {
      cashPayDollars: 1,
      otherPayDollars: 0,
      owedDollars: 1,
      fundsDollars: 9,
      revenueShare: 0,
      damageDollars: 0,
    };
    const compatible = half.conditions?.find(({ property }) => property === "incentive-compatibility");
    expect([2.01, 1.99].map((stakeDollars) => compatible?.holds({ ...facts, ...pay, stakeDollars }))).toEqual([
      true,
      false,
    ]);
  });

  it("hands the inner rule its own offer, and takes no stake where nobody works", () => {
    const world = exampleWorld(slashing());
    const { offer } = world.step({});
    expect(offer.within?.stakePerWork[0]).toBe(0);
    expect(world.cash(vault)).toBe(0);
  });
});
