import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arbitrageTrade,
  constantProduct,
  constantProductSpec,
  emptyPool,
  impermanentLoss,
  marginalPrice,
  type Pool,
} from "./constant-product.ts";

const market = (fee: number) => constantProduct(constantProductSpec.parse({ kind: "constant-product", fee }));
const product = ({ cash, units }: Pool): bigint => BigInt(cash) * BigInt(units);
const reserve = fc.integer({ min: 1, max: 2 ** 50 });
const fee = fc.integer({ min: 0, max: 500_000 }).map((millionths) => millionths / 1e6);
const pools = fc
  .record({ cash: reserve, units: reserve })
  .map(({ cash, units }): Pool => ({ cash, units, shares: 1000 }));

describe("a trade", () => {
  // UniswapV2Pair.spec.ts, swapTestCases, with 18 decimals; here with 12, and rounded down once more.
  test.each([
    [1, 5, 10, 1662497915624478906n],
    [1, 10, 5, 453305446940074565n],
    [2, 5, 10, 2851015155847869602n],
    [2, 10, 5, 831248957812239453n],
    [1, 10, 10, 906610893880149131n],
    [1, 100, 100, 987158034397061298n],
    [1, 1000, 1000, 996006981039903216n],
  ])("of %d into reserves of %d and %d pays what the contracts of Uniswap v2 pay", (paid, x, y, published) => {
    const scale = 1e12;
    const { paidOut } = market(0.003).buy({ cash: x * scale, units: y * scale, shares: 1 }, paid * scale);
    expect(paidOut).toBe(Number(published / 1_000_000n));
  });

  test("never lets k fall, whatever is traded", () => {
    fc.assert(
      fc.property(
        pools,
        fee,
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2 ** 44 })), { maxLength: 20 }),
        (start, f, trades) => {
          const { buy, sell } = market(f);
          let pool = start;
          for (const [isBuy, amount] of trades) {
            if (pool.cash + amount > 2 ** 52 || pool.units + amount > 2 ** 52) continue;
            const swap = (isBuy ? buy : sell)(pool, amount);
            expect(product(swap.pool) >= product(pool)).toBe(true);
            expect(isBuy ? swap.pool.cash - pool.cash : swap.pool.units - pool.units).toBe(amount);
            expect(isBuy ? pool.units - swap.pool.units : pool.cash - swap.pool.cash).toBe(swap.paidOut);
            pool = swap.pool;
          }
          expect(pool.cash > 0 && pool.units > 0).toBe(true);
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });

  test("is the largest that keeps x y = k on what counts: one unit more would lower it", () => {
    fc.assert(
      fc.property(pools, fee, fc.integer({ min: 1, max: 2 ** 48 }), (pool, f, cash) => {
        const { paidOut } = market(f).buy(pool, cash);
        const million = 1_000_000n;
        const kept = million - BigInt(Math.round(f * 1e6));
        const after = (out: number) =>
          (BigInt(pool.cash) * million + BigInt(cash) * kept) * BigInt(pool.units - out) >= product(pool) * million;
        expect(after(paidOut)).toBe(true);
        expect(after(paidOut + 1)).toBe(false);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test("and back again leaves no gain, and without a fee loses nothing but rounding", () => {
    fc.assert(
      fc.property(pools, fee, fc.integer({ min: 1, max: 2 ** 40 }), (pool, f, cash) => {
        const { buy, sell } = market(f);
        const there = buy(pool, cash);
        const back = sell(there.pool, there.paidOut);
        expect(back.paidOut).toBeLessThanOrEqual(cash);
        if (f > 0) return;
        // The units that rounding kept are worth at most one unit at the price then, and its own rounding one of cash.
        const worth = Math.ceil(there.pool.cash / Math.max(1, there.pool.units)) * 1.000001;
        expect(cash - back.paidOut).toBeLessThanOrEqual(Math.min(cash, worth + 1));
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  test("costs more at the margin the larger it is", () => {
    const { buy } = market(0.003);
    const pool: Pool = { cash: 1e12, units: 1e12, shares: 1e12 };
    // Slippage of a trade of share d of the reserve: 1 / (1 + d (1 - f)), times 1 - f.
    for (const d of [0.001, 0.01, 0.1, 1]) {
      expect(buy(pool, d * 1e12).paidOut / (d * 1e12)).toBeCloseTo(0.997 / (1 + 0.997 * d), 9);
    }
  });

  test("for a given amount costs the least that buys it", () => {
    fc.assert(
      fc.property(pools, fee, fc.double({ min: 0, max: 0.99, noNaN: true }), (pool, f, part) => {
        const { buy, cashToBuy } = market(f);
        const units = Math.floor(part * pool.units);
        fc.pre(units >= 1 && units < pool.units);
        const exact = (BigInt(pool.cash) * BigInt(units)) / BigInt(pool.units - units);
        fc.pre(exact < 2n ** 49n);
        const cash = cashToBuy(pool, units);
        fc.pre(pool.cash + cash <= 2 ** 52);
        expect(buy(pool, cash).paidOut).toBeGreaterThanOrEqual(units);
        expect(cash === 0 || buy(pool, cash - 1).paidOut < units).toBe(true);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test.each([
    ["a fraction", (pool: Pool) => market(0).buy(pool, 1.5), "invalid cash: 1.5"],
    ["a negative amount", (pool: Pool) => market(0).sell(pool, -1), "invalid units: -1"],
    ["an empty pool", () => market(0).buy(emptyPool, 1), "empty pool: 0 and 0"],
    [
      "more than the pool has",
      (pool: Pool) => market(0).cashToBuy(pool, 100),
      "too many units: 100 (expected fewer than 100)",
    ],
    ["more than a reserve can hold", (pool: Pool) => market(0).buy(pool, 2 ** 52), "reserve out of range: 100 + "],
    ["more than both can hold", (pool: Pool) => market(0).add(pool, 2 ** 52, 2 ** 52), "reserve out of range: 100 + "],
    ["too many shares", (pool: Pool) => market(0).remove(pool, 101), "too many shares: 101 (expected at most 100)"],
  ] as const)("of %s is refused", (_what, attempt, message) => {
    expect(() => attempt({ cash: 100, units: 100, shares: 100 })).toThrow(message);
  });
});

describe("liquidity", () => {
  test("comes out as it went in, less rounding, and k per share never falls", () => {
    fc.assert(
      fc.property(
        pools,
        fc.integer({ min: 1, max: 2 ** 48 }),
        fc.integer({ min: 1, max: 2 ** 48 }),
        ({ cash, units }, more, moreUnits) => {
          const { add, remove } = market(0.003);
          const first = add(emptyPool, cash, units);
          expect(first.shares).toBe(Number(rootOf(BigInt(cash) * BigInt(units))));
          const added = add(first.pool, more, moreUnits);
          expect(added.cash).toBeLessThanOrEqual(more);
          expect(added.units).toBeLessThanOrEqual(moreUnits);
          const back = remove(added.pool, added.shares);
          expect(back.cash).toBeLessThanOrEqual(added.cash);
          expect(back.units).toBeLessThanOrEqual(added.units);
          const perShare = (pool: Pool) => (product(pool) * 10n ** 12n) / BigInt(pool.shares) ** 2n;
          expect(perShare(added.pool) >= perShare(first.pool)).toBe(true);
          const everything = remove(first.pool, first.shares);
          expect([everything.cash, everything.units, everything.pool.shares]).toEqual([cash, units, 0]);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });

  test("loses 2 sqrt(r) / (1 + r) - 1 against holding, when the price moves by r without a fee", () => {
    const { buy, sell, add, remove } = market(0);
    for (const r of [0.04, 0.25, 0.5, 1, 1.25, 4, 9, 100]) {
      const { pool, shares } = add(emptyPool, 4e13, 1e13);
      const trade = arbitrageTrade(pool, 4 * r, 1);
      const moved = trade >= 0 ? buy(pool, Math.round(trade)).pool : sell(pool, Math.round(-trade)).pool;
      expect(marginalPrice(moved) / (4 * r)).toBeCloseTo(1, 9);
      const out = remove(moved, shares);
      const [now, held] = [out.cash + out.units * 4 * r, 4e13 + 1e13 * 4 * r];
      expect(now / held - 1).toBeCloseTo(impermanentLoss(r), 9);
    }
    // The figures that are quoted for it: -5.72 % at a doubling, -20 % at four times, -42.5 % at ten less a little.
    expect(impermanentLoss(2)).toBeCloseTo(-0.0572, 4);
    expect(impermanentLoss(4)).toBeCloseTo(-0.2, 12);
    expect(impermanentLoss(1.25)).toBeCloseTo(-0.0062, 4);
  });
});

const rootOf = (value: bigint): bigint => {
  // Bisection: a second way to the root.
  let [low, high] = [0n, 1n << 60n];
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle * middle <= value) low = middle;
    else high = middle - 1n;
  }
  return low;
};

test("arbitrage takes what no other trade betters, and nothing inside the band of the fee", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1e9, max: 1e13 }),
      fc.integer({ min: 1e9, max: 1e13 }),
      fee,
      fc.double({ min: -3, max: 3, noNaN: true }),
      (cash, units, f, logRatio) => {
        const pool: Pool = { cash, units, shares: 1 };
        const { keptShare } = market(f);
        const price = marginalPrice(pool) * Math.exp(logRatio);
        // Gain of a trade in real numbers: cash in buys units worth `price` each, or units in are sold.
        const gain = (trade: number) =>
          trade >= 0
            ? (price * units * keptShare * trade) / (cash + keptShare * trade) - trade
            : (cash * keptShare * -trade) / (units - keptShare * trade) + price * trade;
        const best = arbitrageTrade(pool, price, keptShare);
        const edge = Math.exp(Math.abs(logRatio)) * keptShare;
        // At the edge of the band itself rounding decides, over a trade of next to nothing.
        fc.pre(Math.abs(edge - 1) > 1e-9);
        expect(best === 0).toBe(edge < 1);
        expect(gain(best)).toBeGreaterThanOrEqual(0);
        for (const factor of [0.5, 0.99, 1.01, 2])
          expect(gain(best * factor)).toBeLessThanOrEqual(gain(best) + 1e-12 * cash);
        for (const trade of [cash * 1e-6, -units * 1e-6]) {
          expect(gain(trade)).toBeLessThanOrEqual(gain(best) + 1e-12 * cash);
        }
      },
    ),
    { numRuns: 500, seed: 6 },
  );
});

test("parameters that make no sense are refused", () => {
  for (const bad of [-0.1, 0.6, 2, "30 €"]) {
    expect(constantProductSpec.safeParse({ kind: "constant-product", fee: bad }).error?.issues[0].message).toContain(
      "expected a share between 0 and 0.5",
    );
  }
});
