import type { Mechanism } from "@shardlab/contracts";
import { exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMechanism, mechanismSpec } from "./registry.ts";

const { designers, issuer, vault } = exampleAccounts;
const ownership = 2;
const rental = { kind: "spot-rental", dataShare: 0 };
const owned = { kind: "protocol-models", earlyWeight: 0, matchOutlay: false, dataShare: 0, settlement: "1 d" };
const escrow = (changes: object = {}, of: object = rental): Mechanism =>
  createMechanism(mechanismSpec.parse({ kind: "escrow", challenge: "2 d", of, ...changes }));
const work = (account: number, quantity: number, model = 0) => ({ account, model, quantity });

describe("escrow", () => {
  it("holds the pay of each epoch for the challenge period", () => {
    const world = exampleWorld(escrow());
    const paid = [5, 3, 0, 0, 0].map((quantity) => {
      world.step({ work: [work(0, quantity)] });
      return [world.cash(0), world.cash(vault)].map((micros) => micros / 1e6);
    });
    expect(paid).toEqual([
      [0, 5],
      [0, 8],
      [5, 3],
      [8, 0],
      [8, 0],
    ]);
  });

  it("takes all that is held of whoever is found bad, and nothing that was released", () => {
    const world = exampleWorld(escrow());
    world.step({ work: [work(0, 5), work(1, 7)] });
    world.step({ work: [work(0, 3), work(1, 7)] });
    world.step({ work: [work(0, 2), work(1, 7)] });
    // $5 are out by now, $3 and $2 are held.
    world.step({ verdicts: [work(0, 1)], work: [work(1, 7)] });
    expect([world.cash(0), world.cash(issuer)]).toEqual([5_000_000, 5_000_000]);
    for (let epoch = 0; epoch < 3; epoch++) world.step({});
    expect([world.cash(0), world.cash(1), world.cash(vault)]).toEqual([5_000_000, 28_000_000, 0]);
  });

  it("gives forfeits to the revenue of the model that the bad work was for, where they are not burnt", () => {
    const world = exampleWorld(escrow({ to: "treasury" }), { targetWork: [500, 500] });
    world.step({ work: [work(0, 5, 1)] });
    world.step({ verdicts: [work(0, 5, 0)] });
    expect([world.cash(designers), world.cash(designers + 1), world.cash(vault)]).toEqual([5_000_000, 0, 0]);
  });

  it("cancels forfeited ownership, and leaves dividends alone", () => {
    const world = exampleWorld(escrow({}, { ...owned, revenueShare: 1 }));
    world.step({ work: [work(0, 4), work(1, 2)] });
    expect(world.ledger.balance(vault, ownership)).toBe(6000);
    world.step({ verdicts: [work(1, 2)] });
    expect(world.ledger.balance(issuer, ownership)).toBe(-4000);
    world.step({});
    expect([0, 1, vault].map((account) => world.ledger.balance(account, ownership))).toEqual([4000, 0, 0]);
    world.step({ revenueDollars: [3] });
    expect(world.cash(0)).toBe(3_000_000);
  });

  it("releases everything in the last epoch", () => {
    const world = exampleWorld(escrow({ challenge: "100 d" }), { horizonEpochs: 2 });
    world.step({ work: [work(0, 5)] });
    world.step({ work: [work(0, 4)] });
    expect([world.cash(0), world.cash(vault)]).toEqual([9_000_000, 0]);
  });

  it("quotes pay at what it is worth when it is released", () => {
    const { cashPerWork, within } = exampleWorld(escrow(), { sponsorDiscountPerEpoch: 0.05 }).quote({});
    expect([cashPerWork[0], within?.cashPerWork[0]]).toEqual([expect.closeTo(Math.exp(-0.1), 14), 1]);
    const undelayed = exampleWorld(escrow({ pay: false }), { sponsorDiscountPerEpoch: 0.05 });
    expect(undelayed.quote({}).cashPerWork[0]).toBe(1);
    undelayed.step({ work: [work(0, 5)] });
    expect(undelayed.cash(0)).toBe(5_000_000);
  });

  it("says for how many epochs what is within reach of a verdict", () => {
    const heldBy = (changes: object) => {
      const { payHeldEpochs, claimsHeldEpochs } = exampleWorld(escrow({ challenge: "9 d", ...changes })).quote({});
      return [payHeldEpochs[0], claimsHeldEpochs[0]];
    };
    expect([{}, { pay: false }, { claims: false }].map(heldBy)).toEqual([
      [9, 9],
      [0, 9],
      [9, 0],
    ]);
  });

  it("pays exactly the epochs that went unchallenged, for many histories", () => {
    const histories = fc.record({
      challenge: fc.integer({ min: 1, max: 6 }),
      days: fc.array(fc.record({ quantity: fc.integer({ min: 0, max: 9 }), isBad: fc.boolean() }), {
        minLength: 1,
        maxLength: 20,
      }),
    });
    const pays = ({ challenge, days }: { challenge: number; days: { quantity: number; isBad: boolean }[] }) => {
      const world = exampleWorld(escrow({ challenge: `${challenge} d` }), { outlayDollars: 1000 });
      for (const { quantity, isBad } of days) {
        const rows = [work(0, quantity)];
        world.step(isBad ? { verdicts: rows } : { work: rows });
      }
      for (let epoch = 0; epoch <= challenge; epoch++) world.step({});
      const isPaid = (day: number): boolean => !days.slice(day, day + challenge + 1).some(({ isBad }) => isBad);
      const expected = days.reduce((sum, { quantity }, day) => sum + (isPaid(day) ? quantity : 0), 0);
      expect([world.cash(0), world.cash(vault)]).toEqual([expected * 1e6, 0]);
    };
    fc.assert(fc.property(histories, pays), { seed: 16, numRuns: 300 });
  });

  it("loses collusion resistance, and claims nothing that its inner rule does not", () => {
    const inner = createMechanism(mechanismSpec.parse(rental)).claims;
    expect(escrow().claims).not.toContain("collusion-resistance");
    expect(escrow().claims.filter((claim) => !inner.includes(claim))).toEqual([]);
    expect(escrow({}, { kind: "equal-epoch-split" }).claims).not.toContain("sybil-proofness");
  });
});
