import { constantProduct, constantProductSpec, ownershipAuction, ownershipAuctionSpec } from "@shardlab/markets";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { economyWith } from "../fixtures/small-economy.ts";
import { openPath } from "../path.ts";
import type { Beliefs } from "../valuation.ts";
import { buildWorld } from "../world.ts";
import { sellByAuction } from "./auction-trading.ts";
import { priceBracket } from "./batch-price.ts";
import { marketBoard } from "./market-board.ts";
import { type Session, tradeInPool } from "./pool-trading.ts";
import { indicativePrice, raiseViews } from "./resale-views.ts";
import { buildSpeculators, netDemand, type TradingDay, wantedUnits } from "./traders.ts";

/** Somebody at the market: what a unit is worth to it, its risk per dollar, what it holds, and dollars to spend. */
interface Person {
  readonly value: number;
  readonly risk?: number;
  readonly held?: number;
  readonly cash?: number;
}

const spec = (kind: string) =>
  economyWith({
    providers: [{ group: "homes", count: 20, device: "rtx-4090", wealth: "$0" }],
    markets: { ownership: { kind } as { kind: "constant-product" } },
    speculators: [{ group: "traders", count: 20 }],
  });
const mechanism = createMechanism(mechanismSpec.parse({ kind: "protocol-models" }));

/** A market with these sellers (on provider accounts) and buyers (on speculator accounts), and a market maker with cash. */
function marketOf(sellers: readonly Person[], buyers: readonly Person[], makerDollars = 0, kind = "constant-product") {
  const world = buildWorld(spec(kind), 1);
  const state = openPath(world, mechanism, 0);
  const board = marketBoard(state);
  const { ledger, cash, customers, issuer, models } = state.books;
  const people = [...sellers, ...buyers];
  const first = board.accounts.speculators.first;
  const account = Int32Array.from(people, (_, row) => (row < sellers.length ? row : first + row - sellers.length));
  const column = (of: (person: Person) => number | undefined) => Float64Array.from(people, (one) => of(one) ?? 0);
  const held = column((one) => one.held);
  for (const [row, { cash: dollars = 0 }] of people.entries()) {
    const toRow = { reason: "start", to: account[row] };
    ledger.post({ ...toRow, asset: models[0].ownership, from: issuer, amount: held[row] });
    ledger.post({ ...toRow, asset: cash, from: customers, amount: Math.floor(dollars * 1e6) });
  }
  ledger.post({
    reason: "start",
    asset: cash,
    from: customers,
    to: board.accounts.marketMaker,
    amount: makerDollars * 1e6,
  });
  const day: TradingDay = {
    count: people.length,
    account,
    value: column((one) => one.value),
    risk: column((one) => one.risk),
    held,
    cash: column((one) => one.cash),
  };
  const session = (target: number): Session => ({ state, board, model: 0, day, target });
  const unitsOf = (row: number) => ledger.balance(account[row], models[0].ownership);
  const dollarsOf = (row: number) => ledger.balance(account[row], cash) / 1e6;
  return { state, board, day, session, unitsOf, dollarsOf };
}

const rule = (fee: number) => constantProduct(constantProductSpec.parse({ kind: "constant-product", fee }));

/** Puts a pool of these reserves on the board and into the books. */
function withPool(market: ReturnType<typeof marketOf>, dollars: number, units: number): void {
  const { state, board } = market;
  const { ledger, cash, customers, issuer, models } = state.books;
  const to = board.accounts.pools[0];
  ledger.post({ reason: "start", asset: cash, from: customers, to, amount: dollars * 1e6 });
  ledger.post({ reason: "start", asset: models[0].ownership, from: issuer, to, amount: units });
  board.pools[0] = { cash: dollars * 1e6, units, shares: 1e6 };
  board.price[0] = dollars / units;
}

describe("wanted units", () => {
  test("maximise H v - k (H v)^2 - p H", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1.5, noNaN: true }),
        fc.double({ min: 1e-7, max: 1e-2, noNaN: true }),
        (value, part, risk) => {
          const price = part * value;
          const best = wantedUnits(value, price, risk);
          const worth = (units: number) => units * value - risk * (units * value) ** 2 - price * units;
          for (const other of [best * 0.9, best * 1.1, best + 1, Math.max(0, best - 1), 0])
            expect(worth(other)).toBeLessThanOrEqual(worth(best) + 1e-12 * (1 + Math.abs(worth(best))));
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });
});

describe("a day in the pool", () => {
  test("takes a buyer without risk aversion to where the mean price is what a unit is worth to it", () => {
    // x / ((y - Q) (1 - f)) = v: Q = y - x / (v (1 - f)).
    for (const fee of [0, 0.003, 0.1]) {
      const market = marketOf([], [{ value: 2e-6, cash: 1e6 }]);
      withPool(market, 1000, 1e9);
      const { units } = tradeInPool(rule(fee), market.session(0));
      expect(units / (1e9 - 1000 / (2e-6 * (1 - fee)))).toBeCloseTo(1, 6);
      expect(market.unitsOf(0)).toBe(units);
    }
  });

  test("takes a seller for whom a unit is worth nothing to the pool with all it has", () => {
    const market = marketOf([{ value: 0, held: 5e8 }], []);
    withPool(market, 1000, 1e9);
    tradeInPool(rule(0), market.session(0));
    expect([market.unitsOf(0), market.board.pools[0].units]).toEqual([0, 1.5e9]);
    expect(market.dollarsOf(0)).toBeCloseTo(1000 / 3, 4);
  });

  test("does nothing within the band of the fee", () => {
    const market = marketOf([{ value: 0.99e-6, held: 5e8 }], [{ value: 1.01e-6, cash: 1e3, risk: 1e-3 }]);
    withPool(market, 1000, 1e9);
    const before = market.board.pools[0];
    expect(tradeInPool(rule(0.02), market.session(0)).units).toBeGreaterThan(0);
    // They trade with one another instead, and leave the pool to itself but for rounding.
    expect(market.board.pools[0].units).toBe(before.units);
    expect(market.board.pools[0].cash - before.cash).toBeLessThanOrEqual(2);
  });

  test("there and back without a fee loses nothing but rounding", () => {
    const market = marketOf([], [{ value: 3e-6, cash: 1e5 }]);
    withPool(market, 1000, 1e9);
    tradeInPool(rule(0), market.session(0));
    const bought = market.unitsOf(0);
    expect(bought).toBeGreaterThan(1e8);
    const back = { ...market.day, value: Float64Array.of(0), held: Float64Array.of(bought) };
    tradeInPool(rule(0), { ...market.session(0), day: back });
    expect(1e5 - market.dollarsOf(0)).toBeLessThanOrEqual(3e-6);
    expect(market.dollarsOf(0)).toBeLessThanOrEqual(1e5);
  });

  const person = fc.record({
    value: fc.double({ min: 0, max: 5e-6, noNaN: true }),
    risk: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e-2, noNaN: true })),
    held: fc.integer({ min: 0, max: 2e9 }),
    cash: fc.double({ min: 0, max: 5e3, noNaN: true }),
  });
  const crowds = fc.record({
    sellers: fc.array(
      person.map((one) => ({ ...one, cash: 0 })),
      { maxLength: 8 },
    ),
    buyers: fc.array(person, { maxLength: 8 }),
    fee: fc.constantFrom(0, 0.003, 0.05),
    maker: fc.constantFrom(0, 100, 5000),
  });

  test("never lowers k per share, conserves everything, and leaves nobody in debt, whoever comes", () => {
    fc.assert(
      fc.property(crowds, ({ sellers, buyers, fee, maker }) => {
        const market = marketOf(sellers, buyers, maker);
        withPool(market, 1000, 1e9);
        const { board, state } = market;
        const before = board.pools[0];
        tradeInPool(rule(fee), market.session(1.2e9));
        const after = board.pools[0];
        const perShare = (pool: typeof before) => BigInt(pool.cash) * BigInt(pool.units) * BigInt(before.shares) ** 2n;
        expect(perShare(after) * BigInt(before.shares) ** 2n >= perShare(before) * BigInt(after.shares) ** 2n).toBe(
          true,
        );
        const { ledger, cash, models } = state.books;
        ledger.checkConservation();
        expect(ledger.balance(board.accounts.pools[0], cash)).toBe(after.cash);
        expect(ledger.balance(board.accounts.pools[0], models[0].ownership)).toBe(after.units);
        for (let row = 0; row < market.day.count; row++) {
          expect(market.unitsOf(row)).toBeGreaterThanOrEqual(0);
          expect(market.dollarsOf(row)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  test("leaves everybody who trades and still has cash with units worth the day's price at the margin, others no better", () => {
    fc.assert(
      fc.property(crowds, ({ sellers, buyers, fee, maker }) => {
        const market = marketOf(sellers, buyers, maker);
        withPool(market, 1000, 1e9);
        const { units, dollars } = tradeInPool(rule(fee), market.session(1e9));
        fc.pre(units > 1e5);
        const price = dollars / units;
        for (const [row, { value, risk, held }] of [...sellers, ...buyers].entries()) {
          const now = market.unitsOf(row);
          const marginal = value * (1 - 2 * risk * value * now);
          // To a hundred-thousandth of the price, since units are whole, and by what risk makes of a unit more or less.
          const slack = price * 1e-4 + 4 * risk * value * value + 1e-12;
          if (now > held && risk > 0) expect(marginal).toBeGreaterThanOrEqual(price - slack);
          if (now < held) expect(marginal).toBeLessThanOrEqual(Math.max(price, 0) + slack);
          if (now < held && risk === 0) expect(value).toBeLessThanOrEqual(price + slack);
          if (now > held && risk === 0) expect(value).toBeGreaterThanOrEqual(price - slack);
        }
      }),
      { numRuns: 150, seed: 3 },
    );
  });
});

describe("the opening of a pool", () => {
  test("is at the price at which people offer the float, where nobody else buys", () => {
    // Ten sellers of 10^8 units at values of 1 to 10 millionths of a dollar: 30 % are on offer from 3 millionths on.
    const sellers = Array.from({ length: 10 }, (_, i) => ({ value: (i + 1) * 1e-6, held: 1e8 }));
    const market = marketOf(sellers, [], 5000);
    tradeInPool(rule(0.003), market.session(2.5e8));
    expect(market.board.price[0] / 3e-6).toBeCloseTo(1, 5);
    expect(market.board.pools[0].units / 2.5e8).toBeCloseTo(1, 6);
    expect(market.dollarsOf(0)).toBeCloseTo(300, 3);
    expect(market.unitsOf(9)).toBe(1e8);
  });

  test("waits until there is something to open it with", () => {
    const market = marketOf([{ value: 1e-6, held: 100 }], [], 5000);
    expect(tradeInPool(rule(0.003), market.session(10)).units).toBe(0);
    expect(market.board.price[0]).toBe(0);
  });
});

describe("a sale by auction", () => {
  const auction = (pricing: "vickrey" | "uniform") =>
    ownershipAuction(ownershipAuctionSpec.parse({ kind: "ownership-auction", pricing }));
  const sellers = [
    { value: 1e-6, held: 4e8 },
    { value: 2e-6, held: 4e8 },
    { value: 9e-6, held: 4e8 },
  ];
  const buyers = [
    { value: 6e-6, risk: 1e-4, cash: 1e5 },
    { value: 5e-6, risk: 2e-4, cash: 1e5 },
    { value: 1e-7, risk: 1e-4, cash: 1e5 },
  ];

  test.each(["vickrey", "uniform"] as const)(
    "by %s sells what is offered at the reserve to those who value it more",
    (pricing) => {
      const market = marketOf(sellers, buyers, 0, "ownership-auction");
      const { units, dollars } = sellByAuction(auction(pricing), market.session(6e8));
      // 6e8 units are offered from 2 millionths on, by the first two; the third keeps its own.
      expect(units).toBeGreaterThan(7.9e8);
      expect(market.unitsOf(2)).toBe(4e8);
      expect(market.unitsOf(5)).toBe(0);
      expect(market.unitsOf(3) + market.unitsOf(4)).toBe(units);
      expect(dollars / units).toBeGreaterThanOrEqual(2e-6);
      expect(market.board.price[0]).toBeCloseTo(dollars / units, 15);
      for (const row of [3, 4]) {
        const bought = market.unitsOf(row);
        const { value, risk } = buyers[row - 3];
        const paid = 1e5 - market.dollarsOf(row);
        expect(bought * value - risk * (bought * value) ** 2).toBeGreaterThanOrEqual(paid);
      }
      // Sellers of as much get as much, and all of the revenue but for rounding.
      expect(market.dollarsOf(0)).toBeCloseTo(market.dollarsOf(1), 5);
      expect(market.dollarsOf(0) + market.dollarsOf(1)).toBeCloseTo(dollars, 5);
      market.state.books.ledger.checkConservation();
    },
  );

  test("asks for a thousandth of the highest value where people hold more than they would for nothing", () => {
    // Beyond 1 / (2 k v) = 10^8 units another one is a burden: five times that is offered at any price.
    const burdened = { value: 5e-6, risk: 1e-3, held: 5e8 };
    const market = marketOf([burdened], [{ value: 1e-6, risk: 2.5e-3, cash: 1e6 }], 0, "ownership-auction");
    const { units, dollars } = sellByAuction(auction("uniform"), market.session(1e6));
    expect(dollars / units / 5e-9).toBeCloseTo(1, 3);
    // The buyer wants 2 x 10^8 at most, which is less than is offered: it pays the reserve.
    const wanted = 2e8 * (1 - 5e-9 / 1e-6);
    // Sixteen bids of whole lots of two million units.
    expect(units).toBeLessThanOrEqual(wanted);
    expect(units).toBeGreaterThan(wanted - 16 * 2.1e6);
    const pooled = marketOf([burdened], [], 5000);
    tradeInPool(rule(0), pooled.session(1e6));
    expect(pooled.board.price[0] / 5e-9).toBeCloseTo(1, 3);
  });

  test("that finds no buyer leaves no price", () => {
    const market = marketOf(sellers, [buyers[2]], 0, "ownership-auction");
    market.board.price[0] = 5e-6;
    expect(sellByAuction(auction("vickrey"), market.session(6e8)).units).toBe(0);
    expect(market.board.price[0]).toBe(0);
  });
});

describe("what sellers expect before there is a price", () => {
  const alone = (value: number, cash: number): TradingDay => ({
    count: 1,
    account: Int32Array.of(0),
    value: Float64Array.of(value),
    risk: new Float64Array(1),
    held: new Float64Array(1),
    cash: Float64Array.of(cash),
  });

  test("is what a buyer without risk aversion can pay, or what it is worth to it", () => {
    expect(indicativePrice(alone(1, 50), 100) / 0.5).toBeCloseTo(1, 9);
    expect(indicativePrice(alone(1, 500), 100)).toBeCloseTo(1, 9);
    expect(indicativePrice(alone(0, 500), 100)).toBe(0);
  });

  test("with risk aversion is where demand is what the plan issues: p = v (1 - 2 k v Q)", () => {
    const day = { ...alone(1e-3, 1e6), risk: Float64Array.of(1e-2) };
    expect(indicativePrice(day, 1e4) / (1e-3 * (1 - 2 * 1e-2 * 1e-3 * 1e4))).toBeCloseTo(1, 9);
    expect(netDemand(day, indicativePrice(day, 1e4)) / 1e4).toBeCloseTo(1, 6);
  });
});

test("a provider's view is its own valuation or the price, whichever is higher", () => {
  const { state } = marketOf([], []);
  const { population } = state.world;
  const unitValue = new Float64Array(population.discountRates.length).fill(2e-6);
  const beliefs = { unitValue } as unknown as Beliefs;
  const [i, j] = [population.blocksByPhase[0][0].first, population.blocksByPhase[0][0].first + 1];
  const base = new Float32Array(population.count).fill(1);
  base[j] = 4;
  const views = new Float32Array(population.count).fill(1);
  const believed = 2e-6 * population.optimism[i];
  raiseViews(state, beliefs, { views, base, price: Float64Array.of(3 * believed) });
  expect(views[i]).toBeCloseTo(3, 6);
  expect(views[j]).toBe(4);
  raiseViews(state, beliefs, { views, base: undefined, price: Float64Array.of(0.5 * believed) });
  expect([views[i], views[j]]).toEqual([1, 1]);
  unitValue.fill(0);
  raiseViews(state, beliefs, { views, base: undefined, price: Float64Array.of(7e-6) });
  const seen = views[i] * unitValue[population.discountClass[i]] * population.optimism[i];
  expect(seen / 7e-6).toBeCloseTo(1, 6);
});

test("speculators of a group differ by optimism alone, log-normally", () => {
  const world = buildWorld(
    economyWith({
      markets: { ownership: { kind: "constant-product" } },
      speculators: [
        { group: "many", count: 4000, optimism: 2, optimismSpread: 0.5, wealth: "$10k", riskAversion: 3 },
        { group: "alike", count: 2, optimismSpread: 0, discountRate: "3 %/y" },
      ],
    }),
    3,
  );
  const { optimism, riskPerDollar, discountClass, wealthMicros } = buildSpeculators(world);
  const logs = Array.from(optimism.subarray(0, 4000), Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / 4000;
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4000;
  expect(Math.abs(mean - Math.log(2))).toBeLessThan((4 * 0.5) / Math.sqrt(4000));
  expect(Math.abs(variance - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / 4000));
  expect([riskPerDollar[0], wealthMicros[0]]).toEqual([3 / 20_000, 1e10]);
  expect([optimism[4000], optimism[4001]]).toEqual([1, 1]);
  expect(world.population.discountRates[discountClass[4000]] * 365.25).toBeCloseTo(0.03, 12);
  expect(world.rates.providers).toBe(world.population.discountRates);
});

test("a bracket is found wherever an excess falls through nothing, and none where it does not", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (root, factor) => {
        const found = priceBracket((price) => root - price, root * factor);
        expect((found?.low ?? 0) / root).toBeCloseTo(1, 9);
        expect((found?.high ?? 0) / root).toBeCloseTo(1, 9);
      },
    ),
    { numRuns: 200, seed: 4 },
  );
  expect(priceBracket(() => 1, 1)).toBeUndefined();
  expect(priceBracket((price) => 1 - price, 8, 2)).toEqual({ low: 2, high: 2 });
  expect(priceBracket(() => -1, 1)).toBeUndefined();
});
