import { type ExampleWorld, exampleAccounts, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { honestyThreshold, proofOfSampling, proofOfSamplingSpec } from "./proof-of-sampling.ts";

const { treasuries, customers, vault } = exampleAccounts;
const sampling = (changes: object = {}) =>
  proofOfSampling(proofOfSamplingSpec.parse({ kind: "proof-of-sampling", challenge: 1, stake: 2, ...changes }));
const work = (account: number, quantity: number) => ({ account, model: 0, quantity });

function endow(world: ExampleWorld, account: number, dollars: number): void {
  const amount = Float64Array.of(dollars * 1e6);
  world.ledger.postBatch({ reason: "wealth", asset: 0, from: customers, to: account, amount });
}

describe("proof of sampling", () => {
  it("pays solvers and validators alike, and of what is paid for 1 / (1 + p) trains", () => {
    const world = exampleWorld(sampling());
    endow(world, 0, 100);
    const { offer, postings } = world.step({ work: [work(0, 10)] });
    expect([offer.usefulShare[0], offer.cashPerWork[0], offer.stakePerWork[0]]).toEqual([0.5, 1, 2]);
    const amounts = Object.fromEntries(postings.map(({ reason, amount }) => [reason, amount[0]]));
    expect(amounts).toMatchObject({ "pay for work": 5_000_000, "pay of validators": 5_000_000, stake: 20_000_000 });
    expect([world.cash(0), world.cash(vault), world.cash(treasuries)]).toEqual([90_000_000, 20_000_000, 90_000_000]);
  });

  it("takes the stake of whoever is found out, and pays for more work with it", () => {
    const world = exampleWorld(sampling());
    endow(world, 0, 100);
    world.step({ verdicts: [work(0, 10)] });
    expect([world.cash(0), world.cash(vault), world.cash(treasuries)]).toEqual([80_000_000, 0, 120_000_000]);
  });

  it("gives stake back when it has not been needed for the unbonding time", () => {
    const world = exampleWorld(sampling({ unbonding: "3 d" }));
    endow(world, 0, 100);
    world.step({ work: [work(0, 10)] });
    const held = [1, 2, 3].map(() => {
      world.step({});
      return world.cash(vault);
    });
    expect(held).toEqual([20_000_000, 20_000_000, 0]);
    expect(world.cash(0)).toBe(110_000_000);
  });
});

/** Dollars that account 0 has gained once its work is judged and its stake back. */
function gain(rule: ReturnType<typeof sampling>, market: number, quantity: number, isFound: boolean): number {
  const world = exampleWorld(rule, { outlayDollars: 1e7 });
  endow(world, 0, 1e8);
  const rows = [work(0, quantity)];
  world.step({ ...(isFound ? { verdicts: rows } : { work: rows }), situation: { marketPricePerWork: market } });
  world.step({ epoch: 999 });
  return world.cash(0) / 1e6 - 1e8;
}

describe("the honesty threshold", () => {
  const games = fc.record({
    multiple: fc.double({ min: 0.1, max: 5, noNaN: true }),
    market: fc.double({ min: 0.1, max: 50, noNaN: true }),
    quantity: fc.double({ min: 1, max: 1000, noNaN: true }),
    stakeMultiple: fc.double({ min: 0, max: 100, noNaN: true }),
    costShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
    collusion: fc.double({ min: 0, max: 0.9, noNaN: true }),
  });

  it("parts honest from cheated work within 1 %, when the game is played through the books", () => {
    let played = 0;
    const parts = (game: { [key: string]: number }) => {
      const { multiple, market, quantity, stakeMultiple, costShare, collusion } = game;
      const rule = sampling({ multiple, stake: stakeMultiple });
      const reward = multiple * market * quantity;
      const cost = costShare * reward;
      const threshold = honestyThreshold({ cost, reward, stake: stakeMultiple * reward, collusion });
      if (threshold > 0.99) return;
      played++;
      const [accepted, found] = [false, true].map((isFound) => gain(rule, market, quantity, isFound));
      for (const [aside, isHonestBetter] of [
        [1.01, true],
        [0.99, false],
      ] as const) {
        // Found out: asked again (p), and of a validator who neither colludes nor errs alike (1 - r).
        const chance = aside * threshold * (1 - collusion);
        const cheated = (1 - chance) * (accepted as number) + chance * (found as number);
        expect((accepted as number) - cost > cheated).toBe(isHonestBetter);
      }
    };
    fc.assert(fc.property(games, parts), { seed: 11, numRuns: 300 });
    expect(played).toBeGreaterThan(150);
  });

  it("is C / ((1 - r)(R + S)): below 1 % at r = 10 % with a stake of 111 times the cost", () => {
    const game = { cost: 1, reward: 1, stake: 111, collusion: 0.1 };
    expect(honestyThreshold(game)).toBeCloseTo(1 / (0.9 * 112), 12);
    expect(honestyThreshold(game)).toBeLessThan(0.01);
    expect(honestyThreshold({ ...game, stake: 0, collusion: 0 })).toBe(1);
  });

  it.each([-0.1, 1, Number.NaN])("refuses a share of collusion of %d", (collusion) => {
    expect(() => honestyThreshold({ cost: 1, reward: 1, stake: 1, collusion })).toThrow("invalid share of collusion");
  });
});
