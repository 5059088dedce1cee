import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalEpochSplit, equalEpochSplitSpec } from "./equal-epoch-split.ts";

const { designers, treasuries } = exampleAccounts;
const split = (changes: object = {}) =>
  equalEpochSplit(equalEpochSplitSpec.parse({ kind: "equal-epoch-split", dataShare: 0, term: "10 d", ...changes }));
const row = (account: number, identities = 1, quantity = 1) => ({ account, model: 0, quantity, identities });

describe("equal epoch split", () => {
  it("gives every name that finished the same, whatever it did", () => {
    const world = exampleWorld(split());
    world.step({ work: [row(0, 1, 1000), row(1, 1, 0.001), row(2, 1, 0), row(3)] });
    // A tenth of $100 over four names.
    expect([0, 1, 2, 3].map(world.cash)).toEqual([2_500_000, 2_500_000, 2_500_000, 2_500_000]);
    expect(world.cash(treasuries)).toBe(90_000_000);
  });

  it.each([
    [1, 0.1],
    [5, 5 / 14],
    [91, 0.91],
  ])("with 9 others, %d names take %d of the pool", (names, share) => {
    const world = exampleWorld(split());
    world.step({ work: [row(0, names), row(1, 9)] });
    expect(world.cash(0) / 10_000_000).toBeCloseTo(share, 5);
  });

  it("gives k of k + n names k / (k + n), to a micro-dollar a name, for many k and n", () => {
    const counts = fc.record({
      names: fc.integer({ min: 1, max: 1000 }),
      others: fc.integer({ min: 1, max: 1000 }),
      work: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    const takes = ({ names, others, work }: { names: number; others: number; work: number }) => {
      const world = exampleWorld(split());
      world.step({ work: [row(0, names, work), row(1, others)] });
      const fair = (10_000_000 * names) / (names + others);
      expect(world.cash(0)).toBeLessThanOrEqual(fair);
      expect(world.cash(0)).toBeGreaterThan(fair - names);
    };
    fc.assert(fc.property(counts, takes), { seed: 4, numRuns: 200 });
  });

  it("claims no Sybil-proofness, and does not leave out whoever delivers nothing", () => {
    for (const pays of ["cash", "ownership"]) {
      const { claims } = split({ pays });
      for (const lost of ["sybil-proofness", "null-player", "incentive-compatibility"] as const) {
        expect(claims).not.toContain(lost);
      }
    }
  });

  it("offers each name what one got the last time, twice as much where nobody came, and spends the outlay evenly", () => {
    const world = exampleWorld(split());
    // Four providers could finish.
    expect(world.quote({}).cashPerIdentity[0]).toBe(2.5);
    world.step({ work: [row(0, 5), row(1)] });
    // $90 are left for nine epochs.
    expect(world.quote({}).cashPerIdentity[0]).toBeCloseTo(10 / 6, 6);
    for (const [emptyEpochs, names] of [3, 1.5, 1, 1].entries()) {
      world.step({});
      expect(world.quote({}).cashPerIdentity[0]).toBeCloseTo(90 / (8 - emptyEpochs) / names, 6);
    }
    expect(world.quote({ epoch: 50 }).cashPerIdentity[0]).toBeCloseTo(90, 4);
  });

  it("in ownership, gives an even part of a fixed number of units, whose holders share the revenue", () => {
    const world = exampleWorld(split({ pays: "ownership", revenueShare: 0.8 }));
    const { offer } = world.step({ work: [row(0, 3), row(1, 1)] });
    expect([offer.claimPerIdentity[0], offer.claimShare[0], offer.cashPerIdentity[0]]).toEqual([2.5e8, 0.8, 0]);
    expect([world.ledger.balance(0, 2), world.ledger.balance(1, 2)]).toEqual([750_000_000, 250_000_000]);
    world.step({ revenueDollars: [10] });
    expect([world.cash(0), world.cash(1), world.cash(designers)]).toEqual([6_000_000, 2_000_000, 2_000_000]);
    expect(world.quote({}).claimPerIdentity[0]).toBe(5e8);
  });
});
