import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ComputeOrder, computeSpot, computeSpotSpec } from "./compute-spot.ts";

const market = (fields: object = {}) => computeSpot(computeSpotSpec.parse({ kind: "compute-spot", ...fields }));
const total = (column: Float64Array) => column.reduce((sum, value) => sum + value, 0);

const ordersOf = (classes: number, maxLength: number, most: number) =>
  fc.array(
    fc.record({
      quality: fc.integer({ min: 0, max: classes - 1 }),
      quantity: fc.integer({ min: 0, max: most }),
      price: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength },
  );

/** What is demanded and supplied by those who gain strictly, and by those who at least do not lose, at one price. */
function crossing(bids: readonly ComputeOrder[], asks: readonly ComputeOrder[], price: number) {
  const sum = (orders: readonly ComputeOrder[], wants: (order: ComputeOrder) => boolean) =>
    orders.filter(wants).reduce((units, { quantity }) => units + quantity, 0);
  return {
    demand: [sum(bids, (bid) => bid.price > price), sum(bids, (bid) => bid.price >= price)],
    supply: [sum(asks, (ask) => ask.price < price), sum(asks, (ask) => ask.price <= price)],
  };
}

describe("one class", () => {
  test("clears at the intersection of demand and supply: a price that a search over all prices finds, too", () => {
    fc.assert(
      fc.property(
        ordersOf(1, 12, 9),
        ordersOf(1, 12, 9),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (bids, asks, split) => {
          const { prices, volume } = market({ split }).clear(bids, asks, 1);
          const clearing: number[] = [];
          for (let price = 0; price <= 21; price++) {
            const { demand, supply } = crossing(bids, asks, price);
            if (demand[0] <= supply[1] && supply[0] <= demand[1]) clearing.push(price);
          }
          // A book of one side has no intersection to speak of: anything beyond its best order does.
          if (total(Float64Array.from(bids, ({ quantity }) => quantity)) > 0) expect(clearing).toContain(prices[0]);
          const { demand, supply } = crossing(bids, asks, prices[0]);
          expect(volume).toBeLessThanOrEqual(Math.min(demand[1], supply[1]));
          expect(volume).toBeGreaterThanOrEqual(
            Math.max(Math.min(demand[0], supply[1]), Math.min(demand[1], supply[0])),
          );
        },
      ),
      { numRuns: 600, seed: 1 },
    );
  });

  test("sets a price between the marginal orders, as `split` says", () => {
    const bids = [{ quality: 0, quantity: 5, price: 20 }];
    const asks = [{ quality: 0, quantity: 5, price: 10 }];
    for (const [split, price] of [
      [0, 10],
      [0.5, 15],
      [1, 20],
    ])
      expect(market({ split }).clear(bids, asks, 1).prices[0]).toBe(price);
  });

  test("rations the long side in proportion, the remainder by largest fraction, or by time", () => {
    const bids = [7, 2, 4].map((quantity) => ({ quality: 0, quantity, price: 5 }));
    const asks = [{ quality: 0, quantity: 6, price: 1 }];
    // 6 of 13: 3.23, 0.92, 1.85 are 3, 0, 1 and two more for the largest fractions.
    expect([...market().clear(bids, asks, 1).bought]).toEqual([3, 1, 2]);
    expect([...market({ ties: "time" }).clear(bids, asks, 1).bought]).toEqual([6, 0, 0]);
  });
});

/** The most that trade can bring, by going through every way to fill the bids: units of asks given to bids one by one. */
function bestSurplus(bids: readonly ComputeOrder[], asks: readonly ComputeOrder[]): number {
  const wanted = bids.flatMap(({ quality, quantity, price }) =>
    Array.from({ length: quantity }, () => ({ quality, price })),
  );
  const offered = asks.flatMap(({ quality, quantity, price }) =>
    Array.from({ length: quantity }, () => ({ quality, price })),
  );
  const known = new Map<string, number>();
  const from = (index: number, used: number): number => {
    if (index === wanted.length) return 0;
    const key = `${index}/${used}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    let best = from(index + 1, used);
    for (const [ask, { quality, price }] of offered.entries()) {
      if ((used >> ask) & 1 || quality < wanted[index].quality || price > wanted[index].price) continue;
      best = Math.max(best, wanted[index].price - price + from(index + 1, used | (1 << ask)));
    }
    known.set(key, best);
    return best;
  };
  return from(0, 0);
}

describe("several classes", () => {
  const books = fc.integer({ min: 1, max: 4 }).chain((classes) =>
    fc.record({
      classes: fc.constant(classes),
      bids: ordersOf(classes, 12, 40),
      asks: ordersOf(classes, 12, 40),
      split: fc.double({ min: 0, max: 1, noNaN: true }),
      ties: fc.constantFrom("pro-rata", "time"),
    }),
  );

  test("a bid is served by better compute, and never by worse", () => {
    const low = { quality: 0, quantity: 1, price: 9 };
    const high = { quality: 1, quantity: 1, price: 9 };
    expect(market().clear([low], [{ ...high, price: 3 }], 2).volume).toBe(1);
    expect(market().clear([high], [{ ...low, price: 3 }], 2).volume).toBe(0);
    // Only the good device is cheap, and both want it: the bid that needs it gets it, the other the dear one of its class.
    const both = market().clear(
      [
        { ...low, price: 10 },
        { ...high, price: 10 },
      ],
      [
        { ...high, price: 1 },
        { ...low, price: 8 },
      ],
      2,
    );
    expect([both.volume, both.surplus]).toEqual([2, 11]);
  });

  test("bring the greatest surplus there is, in small books", () => {
    const small = fc
      .integer({ min: 1, max: 3 })
      .chain((classes) =>
        fc.record({ classes: fc.constant(classes), bids: ordersOf(classes, 4, 2), asks: ordersOf(classes, 4, 2) }),
      );
    fc.assert(
      fc.property(small, ({ classes, bids, asks }) => {
        expect(market().clear(bids, asks, classes).surplus).toBe(bestSurplus(bids, asks));
      }),
      { numRuns: 400, seed: 2 },
    );
  });

  test("have prices at which nobody wants another trade, so that no allocation is better (weak duality), in any book", () => {
    fc.assert(
      fc.property(books, ({ classes, bids, asks, split, ties }) => {
        const { bought, sold, prices, surplus, volume, paid, received, kept } = market({ split, ties }).clear(
          bids,
          asks,
          classes,
        );
        for (let quality = 1; quality < classes; quality++)
          expect(prices[quality]).toBeGreaterThanOrEqual(prices[quality - 1]);
        let most = 0;
        for (const [row, { quality, quantity, price }] of bids.entries()) {
          expect(bought[row]).toBeLessThanOrEqual(quantity);
          if (price > prices[quality]) expect(bought[row]).toBe(quantity);
          if (price < prices[quality]) expect(bought[row]).toBe(0);
          most += Math.max(0, price - prices[quality]) * quantity;
        }
        for (const [row, { quality, quantity, price }] of asks.entries()) {
          if (price < prices[quality]) expect(sold[row]).toBe(quantity);
          if (price > prices[quality]) expect(sold[row]).toBe(0);
          most += Math.max(0, prices[quality] - price) * quantity;
        }
        // Prices that do not fall with quality bound the surplus of every allocation; this one reaches the bound.
        expect(surplus).toBe(most);
        expect([total(bought), total(sold)]).toEqual([volume, volume]);
        expect(kept).toBe(0);
        expect(total(paid)).toBe(total(received));
      }),
      { numRuns: 600, seed: 3 },
    );
  });

  test("let nobody trade at a loss, and pay as bid leaves the surplus with the operator", () => {
    fc.assert(
      fc.property(books, ({ classes, bids, asks, ties }) => {
        for (const pricing of ["uniform", "pay-as-bid"]) {
          const out = market({ pricing, ties }).clear(bids, asks, classes);
          for (const [row, { price }] of bids.entries())
            expect(out.paid[row]).toBeLessThanOrEqual(price * out.bought[row]);
          for (const [row, { price }] of asks.entries())
            expect(out.received[row]).toBeGreaterThanOrEqual(price * out.sold[row]);
          expect(out.kept).toBe(pricing === "uniform" ? 0 : out.surplus);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test("serve in proportion with an error below one unit, and add up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (wants, part) => {
          const all = wants.reduce((sum, units) => sum + units, 0);
          const offered = Math.floor(part * all);
          const bids = wants.map((quantity) => ({ quality: 0, quantity, price: 4 }));
          const { bought } = market().clear(bids, [{ quality: 0, quantity: offered, price: 4 }], 1);
          expect(total(bought)).toBe(offered);
          for (const [row, units] of bought.entries())
            expect(Math.abs(units - (wants[row] * offered) / all)).toBeLessThan(1);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });
});

test("what makes no sense is refused", () => {
  const order = { quality: 0, quantity: 1, price: 1 };
  expect(() => market().clear([{ ...order, quality: 2 }], [], 2)).toThrow("unknown class: 2 (expected 0 to 1)");
  expect(() => market().clear([], [{ ...order, quantity: -1 }], 2)).toThrow("invalid quantity: -1");
  expect(() => market().clear([{ ...order, price: 0.5 }], [], 2)).toThrow("invalid price: 0.5");
  expect(() =>
    market().clear([{ ...order, price: 2 ** 40, quantity: 2 ** 20 }], [{ ...order, quantity: 2 ** 20 }], 1),
  ).toThrow("invalid payment");
  expect(computeSpotSpec.safeParse({ kind: "compute-spot", split: 1.5 }).error?.issues[0].message).toContain(
    "expected a share",
  );
  expect(computeSpotSpec.safeParse({ kind: "compute-spot", pricing: "free" }).success).toBe(false);
});
