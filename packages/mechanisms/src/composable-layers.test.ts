import { readFileSync } from "node:fs";
import { deliveriesOf, type ExampleWorld, exampleAccounts, exampleWorld, runMechanism } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composableLayers, composableLayersSpec } from "./composable-layers.ts";
import { contributionValues } from "./contribution-game.ts";
import type { RoyaltyState } from "./contribution-royalties.ts";

const { designers, treasuries } = exampleAccounts;
/** Two providers of compute, accounts 0 and 1, and four of layers, accounts 2 to 5. */
const people = { providers: { first: 0, count: 2 }, dataProviders: { first: 2, count: 4 } };

/** Half to the base, a fifth to compute, three tenths to layers; pays out every day, unless told otherwise. */
const layered = (changes: object) =>
  composableLayers(
    composableLayersSpec.parse({
      ...{ kind: "composable-layers", baseShare: 0.5, computeShare: 0.2, settlement: "1 d", matchOutlay: false },
      ...changes,
    }),
  );

const work = (account: number, quantity: number) => ({ account, model: 0, quantity });
const layer = (index: number, quantity = 100) => ({ account: 2 + index, model: 0, quantity });

/** A world in which account 0 has trained the base, these contributors have delivered, and $100 comes in. */
function earning(
  changes: object,
  layers: readonly { account: number; model: number; quantity: number }[],
): ExampleWorld {
  const world = exampleWorld(layered(changes), people);
  world.step({ work: [work(0, 3), work(1, 1)], data: layers });
  world.step({ revenueDollars: [100] });
  return world;
}

const dollars = (world: ExampleWorld, accounts: readonly number[]): number[] =>
  accounts.map((account) => world.cash(account) / 1e6);

describe("shares of revenue", () => {
  it("are by Shapley what each layer adds, over both orders", () => {
    // phi = ((3 + 5) / 2, (1 + 3) / 2) = (4, 2): two thirds and one third of $30.
    const world = earning({ values: [0, 3, 1, 6] }, [layer(0), layer(1, 900)]);
    expect(dollars(world, [0, 1, 2, 3, 4, 5, designers])).toEqual([15, 5, 20, 10, 0, 0, 50]);
    expect(world.cash(treasuries)).toBe(0);
  });

  it("are by leave-one-out what the rest would lack, cut alike where that is more than there is", () => {
    // 5 and 3 of 6: 5/8 and 3/8.
    const complements = earning({ values: [0, 3, 1, 6], split: "leave-one-out" }, [layer(0), layer(1)]);
    expect(dollars(complements, [2, 3, designers])).toEqual([18.75, 11.25, 50]);
    // 1 and 2 of 4: the last quarter stays with the owner of the base.
    const substitutes = earning({ values: [0, 2, 3, 4], split: "leave-one-out" }, [layer(0), layer(1)]);
    expect(dollars(substitutes, [2, 3, designers])).toEqual([7.5, 15, 57.5]);
  });

  it("of equal layers are half each by Shapley, and nothing by leave-one-out", () => {
    const values = [0, 6, 6, 6];
    expect(dollars(earning({ values }, [layer(0), layer(1)]), [2, 3, designers])).toEqual([15, 15, 50]);
    const world = earning({ values, split: "leave-one-out" }, [layer(0), layer(1)]);
    expect(dollars(world, [2, 3, designers])).toEqual([0, 0, 80]);
  });

  it("of layers that do harm are nothing, and nobody pays in", () => {
    // phi = (3.5, -2.5), and v(N) = 1: all goes to the one that helps.
    const values = [0, 4, -2, 1];
    expect(dollars(earning({ values }, [layer(0), layer(1)]), [2, 3, designers])).toEqual([30, 0, 50]);
    expect(dollars(earning({ values: [0, -1, -2, -3] }, [layer(0), layer(1)]), [2, 3, designers])).toEqual([0, 0, 80]);
  });

  it("are those of the game among layers that are there", () => {
    expect(dollars(earning({ values: [0, 3, 1, 6] }, [layer(1)]), [2, 3, designers])).toEqual([0, 30, 50]);
    expect(dollars(earning({ values: [0, 3, -1, 6] }, [layer(1)]), [2, 3, designers])).toEqual([0, 0, 80]);
    expect(dollars(earning({ values: [0, 3, 1, 6] }, []), [0, 2, 3, designers])).toEqual([15, 0, 0, 80]);
  });

  it("of one place go by tokens to those who hold it", () => {
    // Contributors 0 and 2 hold the first place of two: two thirds of $30, at 100 to 300 tokens.
    const world = earning({ values: [0, 3, 1, 6] }, [layer(0, 100), layer(1), layer(2, 300)]);
    expect(dollars(world, [2, 3, 4, 5])).toEqual([5, 10, 15, 0]);
  });

  it("are paid from the settlement after the delivery on, and wait for it", () => {
    const world = exampleWorld(layered({ values: [0, 1, 1, 2], settlement: "3 d" }), people);
    world.step({ data: [layer(0)], revenueDollars: [10] });
    world.step({ data: [layer(1)], revenueDollars: [10] });
    expect(world.cash(2)).toBe(0);
    world.step({ revenueDollars: [10] });
    // $30 of three days: $9 for layers, of equal worth; nobody worked, so that the rest is the base's.
    expect(dollars(world, [2, 3, designers])).toEqual([4.5, 4.5, 21]);
  });

  it("are by the definition in random games of three", () => {
    const parts = fc.record({
      values: fc.array(fc.integer({ min: -20, max: 60 }), { minLength: 8, maxLength: 8 }),
      micros: fc.integer({ min: 1, max: 10 ** 12 }),
    });
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const property = ({ values, micros }: { values: number[]; micros: number }) => {
      const world = exampleWorld(layered({ values, baseShare: 0, computeShare: 0 }), people);
      world.step({ data: [layer(0), layer(1), layer(2)] });
      world.step({ revenueDollars: [micros / 1e6] });
      const adds = orders.map((order) =>
        order.map((player, at) => {
          const before = order.slice(0, at).reduce((mask, other) => mask | (1 << other), 0);
          return { player, value: values[before | (1 << player)] - values[before] };
        }),
      );
      const phi = [0, 1, 2].map((player) =>
        Math.max(0, adds.flat().reduce((sum, each) => sum + (each.player === player ? each.value : 0), 0) / 6),
      );
      const divisor = Math.max(values[7] - values[0], phi[0] + phi[1] + phi[2]);
      for (const player of [0, 1, 2]) {
        const wanted = divisor > 0 ? (Math.round(micros) * phi[player]) / divisor : 0;
        expect(Math.abs(world.cash(2 + player) - wanted)).toBeLessThanOrEqual(1 + 1e-9 * wanted);
      }
    };
    fc.assert(fc.property(parts, property), { numRuns: 100, seed: 4 });
  });
});

describe("a declared split", () => {
  const declare = (declared?: readonly number[]) =>
    earning({ split: "declared", values: [0, 3, 1, 6], ...(declared === undefined ? {} : { declared }) }, [
      layer(0),
      layer(1),
    ]);

  it("is what was declared, alike by default", () => {
    expect(dollars(declare(), [2, 3])).toEqual([15, 15]);
    expect(dollars(declare([1, 3]), [2, 3])).toEqual([7.5, 22.5]);
    expect(dollars(declare([0, 3]), [2, 3, designers])).toEqual([0, 30, 50]);
  });

  it("is not strategy-proof: whoever declares more gets more, whatever the layers are worth", () => {
    const pay = [1, 2, 4, 8].map((own) => declare([1, own]).cash(3));
    for (const [index, micros] of pay.slice(1).entries()) expect(micros).toBeGreaterThan(pay[index]);
  });
});

describe("what is offered", () => {
  it("is the share that layers are paid in the end, less what leave-one-out keeps back", () => {
    const offerOf = (changes: object) => exampleWorld(layered(changes), people).quote({});
    expect(offerOf({ values: [0, 3, 1, 6] }).dataClaimShare[0]).toBeCloseTo(0.3, 12);
    expect(offerOf({ values: [0, 3, 1, 6] }).claimShare[0]).toBeCloseTo(0.2, 12);
    const kept = offerOf({ values: [0, 2, 3, 4], split: "leave-one-out" });
    expect(kept.dataClaimShare[0]).toBeCloseTo(0.225, 12);
    const closed = exampleWorld(layered({}), people).quote({ situation: { training: Uint8Array.of(0) } });
    expect([closed.access[0], closed.claimPerWork[0], closed.claimPerToken[0]]).toEqual([0, 0, 0]);
  });

  it("is cut to the outlay, and the promise kept", () => {
    const world = exampleWorld(layered({ values: [0, 3, 1, 6], matchOutlay: true }), { ...people, outlayDollars: 100 });
    const value = (worth: number) => ({ expectedValueDollars: Float64Array.of(worth) });
    // Half of $1,000 would be given away; $100 are to be.
    const { offer } = world.step({ work: [work(0, 1)], data: [layer(0), layer(1)], situation: value(1000) });
    expect([offer.claimShare[0], offer.dataClaimShare[0]].map((share) => share.toFixed(12))).toEqual([
      "0.040000000000",
      "0.060000000000",
    ]);
    world.step({ revenueDollars: [100], situation: value(1) });
    expect(dollars(world, [0, 2, 3, designers])).toEqual([4, 4, 2, 90]);
  });

  it("is cut to the outlay by what is paid, and not by what leave-one-out keeps back", () => {
    const changes = { values: [0, 2, 3, 4], split: "leave-one-out", matchOutlay: true };
    const world = exampleWorld(layered(changes), { ...people, outlayDollars: 100 });
    const situation = { expectedValueDollars: Float64Array.of(1000) };
    const { offer } = world.step({ work: [work(0, 1)], data: [layer(0), layer(1)], situation });
    // Layers are paid 1/4 and 2/4 of their part: 0.2 + 0.3 * 3/4 of $1,000 would be $425.
    expect(offer.claimShare[0] * 1000).toBeCloseTo((100 * 200) / 425, 9);
    expect((offer.claimShare[0] + offer.dataClaimShare[0]) * 1000).toBeCloseTo(100, 9);
    world.step({ revenueDollars: [1000], situation });
    expect(world.cash(designers) / 1e6).toBeCloseTo(900, 4);
  });
});

describe("more than twelve layers", () => {
  it("are paid by sampling, with an interval", () => {
    const worth = Array.from({ length: 14 }, (_, i) => i + 1);
    // Much more once the first three are all there.
    const values = Array.from({ length: 2 ** 14 }, (_, mask) => {
      const sum = worth.reduce((total, value, i) => total + (mask & (1 << i) ? value : 0), 0);
      return (mask & 7) === 7 ? sum + 300 : sum;
    });
    const mechanism = layered({ values, baseShare: 0, computeShare: 0, pairs: 400 });
    const plan = { seed: 5, providers: 1, dataProviders: 14, models: 1, horizonEpochs: 2, epochDays: 1 };
    const first = plan.providers;
    const nobody = deliveriesOf([]);
    const data = deliveriesOf(worth.map((_, i) => ({ account: first + i, model: 0, quantity: 10 })));
    const revenueMicros = Float64Array.of(1e9);
    const inputs = [
      { work: nobody, data, verdicts: nobody, revenueMicros: Float64Array.of(0) },
      { work: nobody, data: nobody, verdicts: nobody, revenueMicros },
    ];
    let state: RoyaltyState | undefined;
    const watched = {
      ...mechanism,
      settle: (before: RoyaltyState, batch: Parameters<typeof mechanism.settle>[1]) => {
        const settlement = mechanism.settle(before, batch);
        state = settlement.state;
        return settlement;
      },
    };
    const { world } = runMechanism(watched as never, plan, { inputs });
    // Shapley: its own worth, and a third of 300 for each of the first three.
    const total = 105 + 300;
    for (const [i, { value, low, high }] of (state as RoyaltyState).shares[0].entries()) {
      const truth = (worth[i] + (i < 3 ? 100 : 0)) / total;
      // Four standard errors are about twice the half-width.
      expect(Math.abs(value - truth)).toBeLessThanOrEqual(high - low + 1e-12);
      expect(high - low > 1e-9).toBe(i < 3);
      expect(world.ledger.balance(first + i, 0)).toBeCloseTo(1e9 * value, -1);
    }
    expect((state as RoyaltyState).shares[0].reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 9);
  });
});

describe("secrecy", () => {
  it("settling needs the values of coalitions and nothing else of a layer", () => {
    const spec = composableLayersSpec.parse({ kind: "composable-layers" });
    const pay = (changes: object) => {
      const world = earning(changes, [layer(0), layer(1), layer(2), layer(3)]);
      return [0, 1, 2, 3, 4, 5, designers].map(world.cash);
    };
    expect(pay({ values: [...contributionValues(spec)] })).toEqual(pay({}));
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(Object.keys(manifest.dependencies)).not.toContain("@shardlab/learning");
  });
});

describe("specifications", () => {
  const messageOf = (changes: object): string =>
    composableLayersSpec.safeParse({ kind: "composable-layers", ...changes }).error?.message ?? "";

  it("are refused with what is wrong", () => {
    expect(messageOf({ baseShare: 0.8, computeShare: 0.3 })).toContain("shares sum to more than 1: 1.1");
    expect(messageOf({ values: [0, 1, 2] })).toContain("expected 2^n values");
    expect(messageOf({ values: [0, 1, 2] })).toContain("such as 2 or 4; found 3");
    expect(messageOf({ values: [0] })).not.toBe("");
    expect(messageOf({ values: [0, Number.NaN] })).not.toBe("");
    expect(messageOf({ values: [0, 1, 1, 2], declared: [1] })).toContain("missing contributor: 1 weights (expected 2");
    expect(messageOf({ declared: [1, 1] })).toContain("missing contributor: 2 weights (expected 8");
    expect(messageOf({ values: [0, 1], declared: [1, 1] })).toContain("unknown contributor: 2 weights (expected 1");
    expect(messageOf({ values: [0, 1], declared: [0] })).toContain("expected a weight above 0");
    expect(messageOf({ values: [0, 1], declared: [-1] })).not.toBe("");
    expect(messageOf({ table: "layers" })).toContain("private-layers");
    expect(messageOf({ split: "equal" })).toContain("leave-one-out");
  });

  it("may share out everything, and nothing", () => {
    for (const [baseShare, computeShare] of [
      [1, 0],
      [0, 1],
      [0, 0],
      ["70 %", "30 %"],
    ])
      expect(messageOf({ baseShare, computeShare })).toBe("");
  });
});
