import type { Mechanism } from "@shardlab/contracts";
import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMechanism, mechanismSpec } from "./registry.ts";

const { treasuries, vault, customers } = exampleAccounts;
const ownership = 2;
const rental = { kind: "spot-rental", dataShare: 0 };
const owned = { kind: "protocol-models", earlyWeight: 0, matchOutlay: false, dataShare: 0, settlement: "1 d" };
const vesting = (changes: object, of: object = rental): Mechanism =>
  createMechanism(mechanismSpec.parse({ kind: "vesting", duration: "4 d", every: "1 d", of, ...changes }));
const work = (account: number, quantity: number) => ({ account, model: 0, quantity });

describe("vesting", () => {
  it("releases an epoch's pay in equal steps, from the next epoch on", () => {
    const world = exampleWorld(vesting({}));
    world.step({ work: [work(0, 10), work(1, 2)] });
    expect([world.cash(0), world.cash(vault), world.cash(treasuries)]).toEqual([0, 12_000_000, 88_000_000]);
    const paid = Array.from({ length: 6 }, () => {
      world.step({});
      return [world.cash(0), world.cash(1)].map((micros) => micros / 1e6);
    });
    expect(paid).toEqual([
      [2.5, 0.5],
      [5, 1],
      [7.5, 1.5],
      [10, 2],
      [10, 2],
      [10, 2],
    ]);
    expect(world.cash(vault)).toBe(0);
  });

  it("releases nothing before the cliff, and then all that the line has reached", () => {
    const world = exampleWorld(vesting({ cliff: "3 d" }));
    world.step({ work: [work(0, 8)] });
    const paid = Array.from({ length: 4 }, () => {
      world.step({});
      return world.cash(0) / 1e6;
    });
    expect(paid).toEqual([0, 0, 6, 8]);
  });

  it("takes what is earned within a period as one grant that begins at its end", () => {
    const world = exampleWorld(vesting({ every: "3 d" }));
    const paid = Array.from({ length: 8 }, (_, epoch) => {
      world.step({ work: epoch < 3 ? [work(0, 4)] : [] });
      return world.cash(0) / 1e6;
    });
    expect(paid).toEqual([0, 0, 0, 3, 6, 9, 12, 12]);
  });

  it("holds ownership, which earns nothing until it has vested, and leaves dividends alone", () => {
    const world = exampleWorld(vesting({}, { ...owned, revenueShare: 1 }));
    world.step({ work: [work(0, 8)] });
    expect([world.ledger.balance(0, ownership), world.ledger.balance(vault, ownership)]).toEqual([0, 8000]);
    world.step({ work: [work(1, 4)] });
    // What has vested owns the revenue, paid at once: provider 0 has 4,000 units by then, provider 1 has 1,000.
    world.step({});
    world.step({ revenueDollars: [10] });
    expect([0, 1].map((account) => world.ledger.balance(account, ownership))).toEqual([6000, 2000]);
    expect([world.cash(0), world.cash(1)]).toEqual([8_000_000, 2_000_000]);
  });

  it.each([
    [{ pay: false }, [5_000_000, 0], [0, 2000]],
    [{ claims: false }, [0, 5_000_000], [2000, 0]],
  ])("holds only what it is told to: %j", (changes, cash, units) => {
    const world = exampleWorld(vesting(changes, owned));
    world.step({ work: [work(0, 2)] });
    expect([0, vault].map((account) => world.ledger.balance(account, ownership))).toEqual(units);
    const paying = exampleWorld(vesting(changes));
    paying.step({ work: [work(0, 5)] });
    expect([0, vault].map(paying.cash)).toEqual(cash);
  });

  it("quotes pay at what it is worth when it comes, and ownership in units", () => {
    const context = { sponsorDiscountPerEpoch: 0.01 };
    const { cashPerWork, within } = exampleWorld(vesting({}), context).quote({});
    const worth = [1, 2, 3, 4].reduce((sum, days) => sum + Math.exp(-0.01 * days) / 4, 0);
    expect([cashPerWork[0], within?.cashPerWork[0]]).toEqual([expect.closeTo(worth, 12), 1]);
    const cliff = exampleWorld(vesting({ cliff: "3 d", every: "3 d" }), context).quote({}).cashPerWork[0];
    // Three of four parts come at day 3, the last at day 4, all a day later on average for their period.
    expect(cliff).toBeCloseTo((3 * Math.exp(-0.04) + Math.exp(-0.05)) / 4, 12);
    expect(exampleWorld(vesting({}, owned), context).quote({}).claimPerWork[0]).toBe(1000);
  });

  it("releases every grant whole in the end, and never more than its line, whatever the terms", () => {
    const terms = fc.record({
      duration: fc.integer({ min: 1, max: 12 }),
      cliffShare: fc.double({ min: 0, max: 1, noNaN: true }),
      every: fc.integer({ min: 1, max: 5 }),
    });
    const days = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 12 });
    const isLine = ({ duration, cliffShare, every }: { [key: string]: number }, quantities: readonly number[]) => {
      const cliff = Math.floor(duration * cliffShare);
      const rule = vesting({ duration: `${duration} d`, cliff: `${cliff} d`, every: `${every} d` });
      const world = exampleWorld(rule, { outlayDollars: 1e6 });
      const grants = new Map<number, number>();
      for (let epoch = 0; epoch < 30; epoch++) {
        const quantity = quantities[epoch] ?? 0;
        world.step({ work: [work(0, quantity)] });
        const start = Math.ceil((epoch + 1) / every) * every - 1;
        grants.set(start, (grants.get(start) ?? 0) + Math.floor(quantity * 1e6));
        let vested = 0;
        for (const [began, amount] of grants) {
          const elapsed = epoch - began;
          if (elapsed >= cliff && elapsed > 0) vested += Math.floor((amount * Math.min(elapsed, duration)) / duration);
        }
        expect(world.cash(0)).toBe(vested);
      }
      expect(world.cash(vault)).toBe(0);
    };
    fc.assert(fc.property(terms, days, isLine), { seed: 15, numRuns: 150 });
  });
});

describe("vesting of slashing", () => {
  it("pays out what stake is held back from, and vests the rest", () => {
    const of = { kind: "slashing", payMultiple: 0.25, of: rental };
    const world = exampleWorld(vesting({}, of));
    world.step({ work: [work(0, 8)] });
    // $2 of $8 are stake, the other $6 vest.
    expect([world.cash(0), world.cash(vault)]).toEqual([0, 8_000_000]);
    world.step({});
    expect(world.cash(0)).toBe(1_500_000);
    world.ledger.postBatch({ reason: "wealth", asset: 0, from: customers, to: 1, amount: Float64Array.of(1_500_000) });
    world.step({ work: [work(1, 8)] });
    // Half a dollar of stake is held back from pay beside the 1.5 of cash; $7.50 vest.
    expect(world.cash(1)).toBe(0);
    world.step({});
    expect(world.cash(1)).toBe(1_875_000);
  });

  it("of protocol models holds ownership and forfeits stake", () => {
    const of = { kind: "slashing", perWork: "$1", payMultiple: 0, of: owned };
    const world = exampleWorld(vesting({}, of));
    world.ledger.postBatch({ reason: "wealth", asset: 0, from: customers, to: 0, amount: Float64Array.of(9_000_000) });
    world.step({ work: [work(0, 4)] });
    expect([world.ledger.balance(vault, ownership), world.cash(vault)]).toEqual([4000, 4_000_000]);
    world.step({ verdicts: [work(0, 3)] });
    expect([world.ledger.balance(0, ownership), world.cash(vault), world.cash(0)]).toEqual([
      1000, 1_000_000, 5_000_000,
    ]);
  });
});
