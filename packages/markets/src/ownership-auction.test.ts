import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownershipAuction, ownershipAuctionSpec, type UnitBid } from "./ownership-auction.ts";

const auction = (pricing: "vickrey" | "uniform") =>
  ownershipAuction(ownershipAuctionSpec.parse({ kind: "ownership-auction", pricing }));

/** Bids of one unit each from a bidder's list of values. */
const bidsOf = (values: readonly (readonly number[])[]): UnitBid[] =>
  values.flatMap((list, bidder) => list.map((price) => ({ bidder, quantity: 1, price })));

/** What bidder 0 gains when it bids `named` while its values are `values` (decreasing). */
function gain(
  pricing: "vickrey" | "uniform",
  values: readonly number[],
  named: readonly number[],
  others: readonly (readonly number[])[],
  units: number,
  reserve: number,
): number {
  const { won, payment } = auction(pricing).allot(bidsOf([named, ...others]), {
    units,
    bidders: others.length + 1,
    reserve,
  });
  return values.slice(0, won[0]).reduce((sum, value) => sum + value, 0) - payment[0];
}

/** Welfare of the best allotment to everybody but `without`, by going through all of them. */
function bestWelfare(values: readonly (readonly number[])[], units: number, without: number, reserve: number): number {
  const all = values
    .flatMap((list, bidder) => (bidder === without ? [] : list))
    .concat(Array(units).fill(reserve))
    .sort((a, b) => b - a);
  return all.slice(0, units).reduce((sum, value) => sum + value, 0);
}

const decreasing = (list: number[]) => list.sort((a, b) => b - a);
const valueLists = fc.array(
  fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 }).map(decreasing),
  {
    minLength: 1,
    maxLength: 5,
  },
);

describe("Vickrey's prices", () => {
  test("of one unit are the second value; of two, to one bidder, the two highest of others", () => {
    const one = auction("vickrey").allot(bidsOf([[9], [7], [4]]), { units: 1, bidders: 3, reserve: 0 });
    expect([...one.won, ...one.payment]).toEqual([1, 0, 0, 7, 0, 0]);
    const two = auction("vickrey").allot(bidsOf([[9, 8, 1], [7, 3], [5]]), { units: 2, bidders: 3, reserve: 0 });
    expect([two.won[0], two.payment[0], two.revenue]).toEqual([2, 7 + 5, 12]);
  });

  test("are what a winner's presence costs the others and the seller, by going through all allotments", () => {
    fc.assert(
      fc.property(
        valueLists,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 60 }),
        (values, units, reserve) => {
          const bidders = values.length;
          const { won, payment, sold } = auction("vickrey").allot(bidsOf(values), { units, bidders, reserve });
          for (let bidder = 0; bidder < bidders; bidder++) {
            const ownValue = values[bidder].slice(0, won[bidder]).reduce((sum, value) => sum + value, 0);
            const withBidder = bestWelfare(values, units, -1, reserve);
            const externality = bestWelfare(values, units, bidder, reserve) - (withBidder - ownValue);
            expect(payment[bidder]).toBe(externality);
          }
          expect(sold).toBe(Math.min(units, values.flat().filter((value) => value >= reserve).length));
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });

  test("make the truth the best bid: no deviation gains, of all there are in a small case", () => {
    const levels = [0, 1, 2, 3, 4];
    for (const first of levels) {
      for (const second of levels.filter((value) => value <= first)) {
        for (const a of levels) {
          for (const b of levels) {
            const others = [[a], [b, Math.min(b, 2)]];
            const truth = gain("vickrey", [first, second], [first, second], others, 2, 1);
            expect(truth).toBeGreaterThanOrEqual(0);
            for (const x of levels)
              for (const y of levels)
                expect(gain("vickrey", [first, second], [x, y], others, 2, 1)).toBeLessThanOrEqual(truth);
          }
        }
      }
    }
  });

  test("nor any of random ones in larger cases", () => {
    fc.assert(
      fc.property(
        valueLists,
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 60 }),
        ([values, ...others], named, units, reserve) => {
          const capped = named.slice(0, values.length);
          const truth = gain("vickrey", values, values, others, units, reserve);
          expect(gain("vickrey", values, capped, others, units, reserve)).toBeLessThanOrEqual(truth);
        },
      ),
      { numRuns: 1000, seed: 2 },
    );
  });
});

describe("one price for all", () => {
  test("is the highest losing value, and tempts whoever wants two to ask for one", () => {
    // Ausubel and Cramton's point: two units, values (10, 6) against one of 5. Truth pays 5 + 5; asking for one pays nothing.
    const lot = { units: 2, bidders: 2, reserve: 0 };
    const truth = auction("uniform").allot(bidsOf([[10, 6], [5]]), lot);
    expect([truth.losingPrice, truth.payment[0]]).toEqual([5, 10]);
    expect(gain("uniform", [10, 6], [10, 6], [[5]], 2, 0)).toBe(6);
    expect(gain("uniform", [10, 6], [10], [[5]], 2, 0)).toBe(10);
  });

  test("is truthful for whoever wants one unit, in all small cases", () => {
    for (let value = 0; value <= 5; value++)
      for (let a = 0; a <= 5; a++)
        for (let b = 0; b <= 5; b++)
          for (let named = 0; named <= 6; named++) {
            const truth = gain("uniform", [value], [value], [[a], [b]], 2, 1);
            expect(gain("uniform", [value], [named], [[a], [b]], 2, 1)).toBeLessThanOrEqual(truth);
          }
  });

  test("sells to the same bidders as Vickrey's, who then pay no more under Vickrey's", () => {
    fc.assert(
      fc.property(
        valueLists,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 60 }),
        (values, units, reserve) => {
          const lot = { units, bidders: values.length, reserve };
          const [one, vickrey] = [
            auction("uniform").allot(bidsOf(values), lot),
            auction("vickrey").allot(bidsOf(values), lot),
          ];
          expect([...one.won]).toEqual([...vickrey.won]);
          for (let bidder = 0; bidder < values.length; bidder++) {
            expect(vickrey.payment[bidder]).toBeLessThanOrEqual(one.payment[bidder]);
            expect(vickrey.payment[bidder]).toBeGreaterThanOrEqual(reserve * vickrey.won[bidder]);
          }
        },
      ),
      { numRuns: 500, seed: 3 },
    );
  });
});

test.each([
  [2, 1],
  [5, 1],
  [9, 1],
  [4, 2],
  [8, 3],
])(
  "%d bidders with values uniform on [0, 1] pay k (n - k) / (n + 1) for %d units on average, under every rule",
  (bidders, units) => {
    const stream = createStreams(7).stream(`auction/${bidders}/${units}`);
    const rounds = 4000;
    const scale = 1e9;
    const sums = { vickrey: 0, uniform: 0, own: 0 };
    const squares = { vickrey: 0, uniform: 0, own: 0 };
    const lot = { units, bidders, reserve: 0 };
    for (let round = 0; round < rounds; round++) {
      const values = Array.from({ length: bidders }, () => stream.uniform());
      const bids = bidsOf(values.map((value) => [Math.round(value * scale)]));
      // Pay your bid at its equilibrium, for one unit v (n - 1) / n: E revenue is the same (Myerson 1981).
      const own = units === 1 ? Math.max(...values) * ((bidders - 1) / bidders) : Number.NaN;
      const revenues = {
        vickrey: auction("vickrey").allot(bids, lot).revenue / scale,
        uniform: auction("uniform").allot(bids, lot).revenue / scale,
        own,
      };
      for (const rule of ["vickrey", "uniform", "own"] as const) {
        sums[rule] += revenues[rule];
        squares[rule] += revenues[rule] ** 2;
      }
    }
    const expected = (units * (bidders - units)) / (bidders + 1);
    for (const rule of units === 1 ? (["vickrey", "uniform", "own"] as const) : (["vickrey", "uniform"] as const)) {
      const mean = sums[rule] / rounds;
      const error = Math.sqrt((squares[rule] / rounds - mean ** 2) / rounds);
      expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
    }
  },
);

test("what makes no sense is refused", () => {
  const lot = { units: 2, bidders: 2, reserve: 0 };
  const allot = (bid: UnitBid) => () => auction("vickrey").allot([bid], lot);
  expect(allot({ bidder: 2, quantity: 1, price: 1 })).toThrow("unknown bidder: 2 (expected 0 to 1)");
  expect(allot({ bidder: 0, quantity: -1, price: 1 })).toThrow("invalid quantity: -1");
  expect(allot({ bidder: 0, quantity: 1, price: 0.5 })).toThrow("invalid price: 0.5");
  expect(() => auction("uniform").allot([], { ...lot, reserve: -3 })).toThrow("invalid price: -3");
  expect(ownershipAuctionSpec.safeParse({ kind: "ownership-auction", pricing: "dutch" }).success).toBe(false);
});
