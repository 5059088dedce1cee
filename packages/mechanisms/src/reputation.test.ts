import type { Mechanism } from "@shardlab/contracts";
import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMechanism, mechanismSpec } from "./registry.ts";
import { betaScore } from "./reputation.ts";

const { designers, treasuries } = exampleAccounts;
const ownership = 2;
const rental = { kind: "spot-rental", dataShare: 0 };
/** Evidence that is practically never forgotten: a day takes less than 10^-9 of it. */
const lasting = "1000000000 y";
const reputation = (changes: object = {}, of: object = rental): Mechanism =>
  createMechanism(
    mechanismSpec.parse({ kind: "reputation", workPerFeedback: "2 PFLOP", halfLife: lasting, of, ...changes }),
  );
const work = (account: number, quantity: number, identities = 1) => ({ account, model: 0, quantity, identities });

describe("betaScore", () => {
  it("is the mean of the beta distribution after r good and s bad experiences", () => {
    expect([betaScore(0, 0), betaScore(8, 1), betaScore(0, 1)]).toEqual([1 / 2, 9 / 11, 1 / 3]);
    // The integral of x times the density, by the midpoint rule.
    for (const [good, bad] of [
      [3, 0],
      [2, 5],
    ] as const) {
      const density = (x: number): number => x ** good * (1 - x) ** bad;
      let [mass, mean] = [0, 0];
      for (let i = 0; i < 20_000; i++) {
        const x = (i + 0.5) / 20_000;
        mass += density(x);
        mean += x * density(x);
      }
      expect(betaScore(good, bad)).toBeCloseTo(mean / mass, 6);
    }
  });
});

describe("reputation", () => {
  it("pays newcomers half, and more with verified work", () => {
    const world = exampleWorld(reputation());
    const paid = [4, 4, 4].map((quantity) => {
      const before = world.cash(0);
      world.step({ work: [work(0, quantity)] });
      return (world.cash(0) - before) / 1e6;
    });
    // Two good experiences a day: 1/2, 3/4, 5/6 of $4.
    expect([paid[0], paid[1], paid[2]]).toEqual([2, expect.closeTo(3, 5), expect.closeTo(10 / 3, 5)]);
  });

  it("starts from below where it was when work is found bad", () => {
    const world = exampleWorld(reputation());
    for (let epoch = 0; epoch < 5; epoch++) world.step({ work: [work(0, 4)] });
    world.step({ verdicts: [work(0, 4)] });
    const before = world.cash(0);
    world.step({ work: [work(0, 3)] });
    // One bad experience and no good one: a third.
    expect((world.cash(0) - before) / 1e6).toBeCloseTo(1, 5);
  });

  it("forgets by half in a half-life", () => {
    const world = exampleWorld(reputation({ halfLife: "3 d" }));
    world.step({ work: [work(0, 8)] });
    for (let epoch = 0; epoch < 3; epoch++) world.step({});
    const before = world.cash(0);
    world.step({ work: [work(0, 1)] });
    // Four good experiences, two after three days.
    expect((world.cash(0) - before) / 1e6).toBeCloseTo(3 / 4, 5);
  });

  it("returns what it withholds to the institution as revenue of the next epoch, and in the last epoch at once", () => {
    const world = exampleWorld(reputation(), { horizonEpochs: 3 });
    world.step({ work: [work(0, 10)] });
    expect([world.cash(0), world.cash(designers), world.cash(treasuries)]).toEqual([5_000_000, 0, 95_000_000]);
    world.step({});
    expect([world.cash(designers), world.cash(treasuries)]).toEqual([5_000_000, 90_000_000]);
    world.step({ work: [work(1, 10)] });
    expect([world.cash(designers), world.cash(treasuries)]).toEqual([10_000_000, 80_000_000]);
  });

  it("weighs ownership, too, and leaves dividends alone", () => {
    const of = { kind: "protocol-models", earlyWeight: 0, matchOutlay: false, dataShare: 0, settlement: "1 d" };
    const world = exampleWorld(reputation({}, { ...of, revenueShare: 1 }));
    const { offer } = world.step({ work: [work(0, 4)] });
    expect([offer.claimPerWork[0], offer.within?.claimPerWork[0]]).toEqual([500, 1000]);
    expect(world.ledger.balance(0, ownership)).toBe(2000);
    world.step({ revenueDollars: [6] });
    expect(world.cash(0)).toBe(6_000_000);
  });

  it("quotes the mean score of the last work", () => {
    const world = exampleWorld(reputation());
    world.step({ work: [work(0, 4)] });
    world.step({ work: [work(0, 4), work(1, 12)] });
    expect(world.quote({}).cashPerWork[0]).toBeCloseTo((4 * 0.75 + 12 * 0.5) / 16, 8);
  });

  it("pays several names no more than one for the same work, whatever its history, and each name its part", () => {
    const histories = fc.record({
      names: fc.integer({ min: 2, max: 20 }),
      days: fc.array(fc.record({ quantity: fc.double({ min: 0, max: 20, noNaN: true }), isBad: fc.boolean() }), {
        minLength: 1,
        maxLength: 10,
      }),
    });
    const noMore = ({ names, days }: { names: number; days: { quantity: number; isBad: boolean }[] }) => {
      const worlds = [1, names].map((identities) => {
        const world = exampleWorld(reputation(), { outlayDollars: 1e4 });
        for (const { quantity, isBad } of days) {
          const rows = [work(0, quantity, identities)];
          world.step(isBad ? { verdicts: rows } : { work: rows });
        }
        return world.cash(0);
      });
      expect(worlds[1]).toBeLessThanOrEqual((worlds[0] as number) + days.length);
    };
    fc.assert(fc.property(histories, noMore), { seed: 17, numRuns: 200 });
    const world = exampleWorld(reputation());
    world.step({ work: [work(0, 8, 4)] });
    const before = world.cash(0);
    world.step({ work: [work(0, 8, 4)] });
    // Four experiences over four names: one each, a score of 2/3.
    expect((world.cash(0) - before) / 1e6).toBeCloseTo(16 / 3, 5);
  });
});
