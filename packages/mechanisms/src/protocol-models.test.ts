import { type ExampleWorld, exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { protocolModels, protocolModelsSpec } from "./protocol-models.ts";

const { treasuries, designers, issuer } = exampleAccounts;
const [ownership, dataOwnership] = [2, 3];
/** Settles every day and gives 90 % away, unless told otherwise. */
const owned = (changes: object) =>
  protocolModels(
    protocolModelsSpec.parse({ kind: "protocol-models", settlement: "1 d", matchOutlay: false, ...changes }),
  );

const work = (account: number, quantity: number, model = 0) => ({ account, model, quantity });

/** Does the whole target of 1,000 PFLOP in equal steps; `worker` says who does the step at which share of the target. */
function train(world: ExampleWorld, steps: number, worker: (progress: number) => number): void {
  for (let step = 0; step < steps; step++) {
    const situation = { cumulativeWork: Float64Array.of((1000 * step) / steps) };
    world.step({ work: [work(worker(step / steps), 1000 / steps)], situation });
  }
}

describe("ownership for work", () => {
  it("falls by exp(-lambda) from the first work to the target, over work and not over time", () => {
    for (const earlyWeight of [0, 0.7, Math.log(4), 5]) {
      const world = exampleWorld(owned({ earlyWeight }));
      const rateAt = (done: number, epoch: number) =>
        world.quote({ epoch, situation: { cumulativeWork: Float64Array.of(done) } }).claimPerWork[0];
      expect(rateAt(0, 0)).toBe(1000);
      expect(rateAt(0, 900)).toBe(1000);
      expect(rateAt(1000, 5)).toBeCloseTo(1000 * Math.exp(-earlyWeight), 9);
      expect(rateAt(500, 5)).toBeCloseTo(1000 * Math.exp(-earlyWeight / 2), 9);
    }
  });

  it.each([0.5, 1.386, 4])("adds up to (1 - exp(-lambda)) / lambda of the target, lambda = %d", (earlyWeight) => {
    const steps = 1000;
    const world = exampleWorld(owned({ earlyWeight }));
    train(world, steps, () => 0);
    const units = world.ledger.balance(0, ownership);
    // A step of 1 PFLOP earns the weight at its start, so the sum is geometric; each step rounds down by less than a unit.
    const sum = (1000 * (1 - Math.exp(-earlyWeight))) / (1 - Math.exp(-earlyWeight / steps));
    expect(units).toBeLessThanOrEqual(sum);
    expect(units).toBeGreaterThan(sum - steps);
    const limit = (1e6 * (1 - Math.exp(-earlyWeight))) / earlyWeight;
    expect(Math.abs(units / limit - 1)).toBeLessThan((2 * earlyWeight) / steps + 2e-3);
    expect(world.ledger.balance(issuer, ownership)).toBe(-units);
  });

  it.each([
    [0, 0.25],
    [1.386, (1 - Math.exp(-1.386 / 4)) / (1 - Math.exp(-1.386))],
    [4, (1 - Math.exp(-1)) / (1 - Math.exp(-4))],
  ])("pays the first quarter of the work its rent, lambda = %d: %d of the revenue", (earlyWeight, share) => {
    const world = exampleWorld(owned({ earlyWeight, revenueShare: 1, dataShare: 0 }));
    train(world, 400, (progress) => (progress < 0.25 ? 1 : 2));
    world.step({ revenueDollars: [1000] });
    expect(world.cash(1) / 1e9).toBeCloseTo(share, 3);
    expect(world.cash(1) + world.cash(2)).toBe(1_000_000_000);
  });

  it("is of the model that was worked for, and a unit a token for data", () => {
    const world = exampleWorld(owned({ earlyWeight: 1 }), { targetWork: [100, 100] });
    world.step({
      work: [work(0, 2.0004, 1), work(3, 0.5, 0)],
      data: [{ account: 5, model: 1, quantity: 12.9 }],
      situation: { cumulativeWork: Float64Array.of(0, 100) },
    });
    // 2,000.4 units at weight exp(-1) are 735.9; accounts' other assets stay empty.
    expect([2, 3, 4, 5].map((asset) => world.ledger.balance(0, asset))).toEqual([0, 735, 0, 0]);
    expect([2, 3, 4, 5].map((asset) => world.ledger.balance(3, asset))).toEqual([500, 0, 0, 0]);
    expect([2, 3, 4, 5].map((asset) => world.ledger.balance(5, asset))).toEqual([0, 0, 0, 12]);
  });

  it("is for designers alone in the exclusive period, and for nobody once the model is done", () => {
    const world = exampleWorld(owned({ exclusive: "10 d" }));
    expect([0, 9, 10, 500].map((epoch) => world.quote({ epoch }).access[0])).toEqual([2, 2, 1, 1]);
    const done = world.quote({ epoch: 10, situation: { training: Uint8Array.of(0) } });
    expect([done.access[0], done.claimPerWork[0], done.claimPerToken[0]]).toEqual([0, 0, 0]);
    expect(done.claimShare[0]).toBeCloseTo(0.81, 12);
  });
});

describe("revenue", () => {
  it("is split to the micro-dollar over compute, data and the designer", () => {
    const world = exampleWorld(owned({ earlyWeight: 0, revenueShare: 0.8, dataShare: 0.25 }));
    const data = [
      { account: 4, model: 0, quantity: 300 },
      { account: 5, model: 0, quantity: 100 },
    ];
    world.step({ work: [work(0, 10), work(1, 10), work(2, 10)], data });
    world.step({ revenueDollars: [10.000001] });
    // 80 % of 10,000,001 is 8,000,000.8: 8,000,000 for contributors, of which 2,000,000 for data and 6,000,000 for compute.
    expect([0, 1, 2, 3, 4, 5].map(world.cash)).toEqual([2_000_000, 2_000_000, 2_000_000, 0, 1_500_000, 500_000]);
    expect([world.cash(designers), world.cash(treasuries)]).toEqual([2_000_001, 0]);
  });

  it("goes by largest remainder where it does not divide", () => {
    const world = exampleWorld(owned({ earlyWeight: 0, revenueShare: 1, dataShare: 0 }));
    world.step({ work: [work(0, 1), work(1, 2), work(2, 4)] });
    world.step({ revenueDollars: [0.00001] });
    // Ten micro-dollars at 1 : 2 : 4 are 1.43, 2.86 and 5.71.
    expect([0, 1, 2].map(world.cash)).toEqual([1, 3, 6]);
  });

  it("waits for the settlement, and the horizon waits for nothing", () => {
    const mechanism = owned({ settlement: "3 d", revenueShare: 0.5, dataShare: 0 });
    const world = exampleWorld(mechanism, { horizonEpochs: 5 });
    world.step({ work: [work(0, 1)] });
    const paid = [1, 2, 4, 8].map((dollars) => {
      world.step({ revenueDollars: [dollars] });
      return world.cash(0) / 1e6;
    });
    // Epochs 1 to 4: paid at the end of epoch 2 (day 3), and at the end of epoch 4, the last.
    expect(paid).toEqual([0, 1.5, 1.5, 7.5]);
    expect(world.cash(treasuries)).toBe(0);
  });

  it("leaves the designer what nobody owns, as the offer says", () => {
    const world = exampleWorld(owned({ revenueShare: 0.9, dataShare: 0.2 }));
    world.step({ revenueDollars: [100] });
    expect(world.cash(designers)).toBe(100_000_000);
    world.step({ work: [work(0, 1)] });
    const { offer } = world.step({ revenueDollars: [100] });
    expect(world.cash(0)).toBe(72_000_000);
    expect(offer.claimShare[0]).toBeCloseTo(0.72, 12);
    expect(world.ledger.balance(issuer, dataOwnership)).toBe(0);
  });
});

describe("matching the outlay", () => {
  const value = (...dollars: number[]) => ({ expectedValueDollars: Float64Array.from(dollars) });

  it("cuts the contributors' share to the outlay over the expected value, and keeps that promise", () => {
    const world = exampleWorld(owned({ matchOutlay: true, dataShare: 0.25 }), { outlayDollars: 100 });
    const { offer } = world.step({ situation: value(400) });
    expect([offer.claimShare[0], offer.dataClaimShare[0]]).toEqual([0.1875, 0.0625]);
    const { claimShare, dataClaimShare } = world.quote({ situation: value(100_000) });
    expect([claimShare[0], dataClaimShare[0]]).toEqual([0.1875, 0.0625]);
    world.step({ work: [work(0, 1)], situation: value(1) });
    world.step({ revenueDollars: [16], situation: value(1) });
    expect(world.cash(0)).toBe(3_000_000);
  });

  it("counts the value of all models together", () => {
    const world = exampleWorld(owned({ matchOutlay: true, dataShare: 0 }), { outlayDollars: 100, targetWork: [1, 1] });
    expect([...world.quote({ situation: value(300, 100) }).claimShare]).toEqual([0.25, 0.25]);
  });

  it("never promises more than the largest share, nor divides by nothing", () => {
    const world = exampleWorld(owned({ matchOutlay: true, dataShare: 0, revenueShare: 0.6 }));
    expect([110, 150, 0].map((dollars) => world.quote({ situation: value(dollars) }).claimShare[0])).toEqual([
      0.6, 0.6, 0.6,
    ]);
  });
});

describe("the deployed points", () => {
  const points = (changes: object = {}) => owned({ earlyWeight: 0, uptimeWorkPerHour: 1, ...changes });

  it("are processed work and a PFLOP an hour for each name, with the same weight", () => {
    const world = exampleWorld(points({ earlyWeight: Math.log(2) }));
    const { offer } = world.step({
      work: [{ ...work(0, 10), identities: 3 }, work(1, 100)],
      situation: { cumulativeWork: Float64Array.of(1000) },
    });
    expect(offer.claimPerIdentity[0]).toBeCloseTo(12_000, 6);
    expect([0, 1].map((account) => world.ledger.balance(account, ownership))).toEqual([5000 + 36_000, 50_000 + 12_000]);
  });

  it("of k names that share the work of one are (q + k b) / (q + k b + Q + n b) of all, more with every name", () => {
    const epochs = fc.record({
      own: fc.double({ min: 0, max: 1e4, noNaN: true }),
      others: fc.double({ min: 0, max: 1e4, noNaN: true }),
      names: fc.integer({ min: 1, max: 200 }),
      otherNames: fc.integer({ min: 1, max: 200 }),
      baseline: fc.double({ min: 0.001, max: 50, noNaN: true }),
      earlyWeight: fc.double({ min: 0, max: 3, noNaN: true }),
      done: fc.double({ min: 0, max: 1000, noNaN: true }),
    });
    const isClosedForm = (epoch: { [key: string]: number }) => {
      const { own, others, names, otherNames, baseline, earlyWeight, done } = epoch;
      const takeOf = (k: number): number => {
        const world = exampleWorld(points({ uptimeWorkPerHour: baseline, earlyWeight }));
        const rows = [
          { ...work(0, own), identities: k },
          { ...work(1, others), identities: otherNames },
        ];
        world.step({ work: rows, situation: { cumulativeWork: Float64Array.of(done) } });
        return world.ledger.balance(0, ownership) / -world.ledger.balance(issuer, ownership);
      };
      const b = 24 * baseline;
      const units = 1000 * Math.exp((-earlyWeight * done) / 1000) * (own + names * b + others + otherNames * b);
      const expected = (own + names * b) / (own + names * b + others + otherNames * b);
      expect(Math.abs(takeOf(names) - expected)).toBeLessThan(4 / units);
      // A name more adds b to both sides of the fraction, which raises it wherever others have any.
      const more = (own + (names + 1) * b) / (own + (names + 1) * b + others + otherNames * b);
      if (more - expected > 10 / units) expect(takeOf(names + 1)).toBeGreaterThan(takeOf(names));
    };
    fc.assert(fc.property(epochs, isClosedForm), { seed: 19, numRuns: 300 });
  });

  it("are no rule that claims Sybil-proofness, or to leave out who does nothing", () => {
    for (const lost of ["sybil-proofness", "null-player", "collusion-resistance"] as const) {
      expect(points().claims).not.toContain(lost);
      expect(owned({}).claims).toContain(lost);
    }
  });
});

describe("risk adjustment", () => {
  it("weights work by the share of the past work that was found good", () => {
    const world = exampleWorld(owned({ earlyWeight: 0, riskAdjusted: true }));
    const unitsOf = (epoch: object): number => {
      const before = world.ledger.balance(0, ownership);
      world.step(epoch);
      return world.ledger.balance(0, ownership) - before;
    };
    expect(unitsOf({ work: [work(0, 6)] })).toBe(6000);
    expect(unitsOf({ verdicts: [work(0, 2)] })).toBe(0);
    // 6 of 8 good, then 14 of 16.
    expect(unitsOf({ work: [work(0, 8)] })).toBe(6000);
    expect(unitsOf({ work: [work(0, 8), work(1, 1)] })).toBe(7000);
    expect(world.ledger.balance(1, ownership)).toBe(1000);
  });

  it("gives nothing to whoever has only been found bad, and claims no collusion resistance", () => {
    const world = exampleWorld(owned({ earlyWeight: 0, riskAdjusted: true }));
    world.step({ verdicts: [work(0, 2)] });
    world.step({ work: [work(0, 8)] });
    expect(world.ledger.balance(0, ownership)).toBe(0);
    expect(owned({ riskAdjusted: true }).claims).not.toContain("collusion-resistance");
    expect(owned({ riskAdjusted: true }).claims).toContain("sybil-proofness");
  });
});
