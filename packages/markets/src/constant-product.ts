/**
 * Constant product: a pool of cash and units that trades along x y = k, with a fee on what comes in.
 *
 * Whoever pays d into the side that holds x receives floor(y g / (x + g)) of the other, with g = d (1 - f): price and
 * slippage follow from the reserves alone, and the fee stays in the pool, so that k never falls. Whoever adds both
 * sides in proportion gets shares of the pool, sqrt(x y) for the first, and can take the same proportion out again.
 * Against holding what was put in, a provider of liquidity loses 1 - 2 sqrt(r) / (1 + r) when the price has moved by
 * the factor r, before fees.
 *
 * Source: Adams, Zinsmeister and Robinson, "Uniswap v2 Core" (2020), and its public contracts; arbitrage against an
 * outside price as in Angeris, Kao, Chiang, Noyes and Chitra, "An analysis of Uniswap markets" (2019, arXiv
 * 1911.03380). Every quotient is taken in whole numbers and rounded against the trader. Differs from v2 in that no
 * thousand shares are locked at the start (whoever is first holds all shares), and that there is no fee to the
 * protocol.
 *
 * Checked: k after random trades, round trips, the published loss, and arbitrage against a search over all trades.
 */
import { share } from "@shardlab/contracts";
import { z } from "zod";
import { ceilingOfQuotient, checkAmount, floorOfQuotient, integerSquareRoot, largestAmount } from "./whole-amount.ts";

const fullFee = 1_000_000;

export const constantProductSpec = z
  .strictObject({
    kind: z.literal("constant-product"),
    fee: share({ max: 0.5 }).prefault(0.003).describe("of what is paid in, kept in the pool; to a millionth"),
  })
  .describe("a pool that trades along x y = k");
export type ConstantProductSpec = z.output<typeof constantProductSpec>;

/** Reserves in their smallest units, and all shares of the pool. */
export interface Pool {
  readonly cash: number;
  readonly units: number;
  readonly shares: number;
}

/** What a trade pays in and gets out, and the pool after it. */
export interface Swap {
  readonly paidIn: number;
  readonly paidOut: number;
  readonly pool: Pool;
}

export interface ConstantProduct {
  readonly kind: "constant-product";
  /** Share of what is paid in that counts: 1 less the fee. */
  readonly keptShare: number;
  /** Cash for units. @throws `invalid cash` unless whole; `empty pool`; `reserve out of range` beyond 2^52 */
  buy(pool: Pool, cash: number): Swap;
  /** Units for cash. @throws as `buy` */
  sell(pool: Pool, units: number): Swap;
  /** The least cash that buys `units`. @throws `too many units` where the pool holds no more than that */
  cashToBuy(pool: Pool, units: number): number;
  /**
   * Adds at most these amounts, in the proportion of the pool; an empty pool takes them as they are.
   *
   * @returns the shares given for it, and what was taken
   * @throws `empty pool` where either side would be; `reserve out of range` beyond 2^52
   */
  add(pool: Pool, cash: number, units: number): { pool: Pool; shares: number; cash: number; units: number };
  /** Takes out what `shares` are entitled to. @throws `too many shares` */
  remove(pool: Pool, shares: number): { pool: Pool; cash: number; units: number };
}

export function constantProduct(spec: ConstantProductSpec): ConstantProduct {
  const kept = BigInt(fullFee - Math.round(spec.fee * fullFee));
  return {
    kind: spec.kind,
    keptShare: Number(kept) / fullFee,
    buy: (pool, cash) => {
      checkAmount(cash, "cash");
      const paidOut = outputOf({ x: pool.cash, y: pool.units }, cash, kept);
      return { paidIn: cash, paidOut, pool: { ...pool, cash: pool.cash + cash, units: pool.units - paidOut } };
    },
    sell: (pool, units) => {
      checkAmount(units, "units");
      const paidOut = outputOf({ x: pool.units, y: pool.cash }, units, kept);
      return { paidIn: units, paidOut, pool: { ...pool, cash: pool.cash - paidOut, units: pool.units + units } };
    },
    cashToBuy: (pool, units) => {
      checkAmount(units, "units");
      if (units === 0) return 0;
      if (units >= pool.units) throw new Error(`too many units: ${units} (expected fewer than ${pool.units})`);
      const [x, y, wanted] = [BigInt(pool.cash), BigInt(pool.units), BigInt(units)];
      return Number(ceilingOfQuotient(x * wanted, BigInt(fullFee), (y - wanted) * kept));
    },
    add,
    remove,
  };
}

function checkReserve(reserve: number, paidIn: number): void {
  if (reserve + paidIn <= largestAmount) return;
  throw new Error(`reserve out of range: ${reserve} + ${paidIn} (expected at most 2^52)`);
}

/** floor(y g / (x + g)) for g = paidIn kept / 10^6, in whole numbers. */
function outputOf({ x, y }: { x: number; y: number }, paidIn: number, kept: bigint): number {
  if (x <= 0 || y <= 0) throw new Error(`empty pool: ${x} and ${y} (expected both sides above 0)`);
  checkReserve(x, paidIn);
  const counted = BigInt(paidIn) * kept;
  return Number(floorOfQuotient(counted, BigInt(y), BigInt(x) * BigInt(fullFee) + counted));
}

export const emptyPool: Pool = { cash: 0, units: 0, shares: 0 };

function add(pool: Pool, cash: number, units: number) {
  checkAmount(cash, "cash");
  checkAmount(units, "units");
  if (pool.shares === 0) {
    const shares = Number(integerSquareRoot(BigInt(cash) * BigInt(units)));
    if (shares === 0) throw new Error(`empty pool: ${cash} and ${units} (expected both sides above 0)`);
    return { pool: { cash, units, shares }, shares, cash, units };
  }
  const [x, y, all] = [BigInt(pool.cash), BigInt(pool.units), BigInt(pool.shares)];
  let shares = floorOfQuotient(BigInt(cash), all, x);
  const byUnits = floorOfQuotient(BigInt(units), all, y);
  if (byUnits < shares) shares = byUnits;
  // What the shares stand for is taken, rounded against whoever adds.
  const [takenCash, takenUnits] = [x, y].map((reserve) => Number(ceilingOfQuotient(shares, reserve, all)));
  checkReserve(pool.cash, takenCash);
  checkReserve(pool.units, takenUnits);
  const next = {
    cash: pool.cash + takenCash,
    units: pool.units + takenUnits,
    shares: pool.shares + Number(shares),
  };
  return { pool: next, shares: Number(shares), cash: takenCash, units: takenUnits };
}

function remove(pool: Pool, shares: number) {
  checkAmount(shares, "shares");
  if (shares > pool.shares) throw new Error(`too many shares: ${shares} (expected at most ${pool.shares})`);
  if (shares === 0) return { pool, cash: 0, units: 0 };
  const part = (reserve: number) => Number(floorOfQuotient(BigInt(shares), BigInt(reserve), BigInt(pool.shares)));
  const [cash, units] = [part(pool.cash), part(pool.units)];
  return { pool: { cash: pool.cash - cash, units: pool.units - units, shares: pool.shares - shares }, cash, units };
}

/** Cash for one unit at the margin, before the fee. */
export const marginalPrice = (pool: Pool): number => pool.cash / pool.units;

/**
 * The trade that takes most out of a pool, for somebody who can trade units for `price` in cash elsewhere: cash to pay in
 * (positive), or units (negative), as a real number; 0 where the fee leaves nothing to gain.
 *
 * Cash d gains most where the marginal price after the fee is the outside one: (x + g d)^2 = g p k, with g = 1 - f.
 */
export function arbitrageTrade(pool: Pool, price: number, keptShare: number): number {
  const { cash, units } = pool;
  const paidIn = (Math.sqrt(keptShare * price * cash * units) - cash) / keptShare;
  if (paidIn > 0) return paidIn;
  const unitsIn = (Math.sqrt((keptShare * cash * units) / price) - units) / keptShare;
  return unitsIn > 0 ? -unitsIn : 0;
}

/** What liquidity is worth against holding what was put in, less 1, when the price has moved by `ratio`; never above 0. */
export const impermanentLoss = (ratio: number): number => (2 * Math.sqrt(ratio)) / (1 + ratio) - 1;
