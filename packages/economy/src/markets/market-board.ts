/** What the stages of one path know of its markets for ownership. */
import { emptyPool, type Pool } from "@shardlab/markets";
import type { Books } from "../books.ts";
import type { PathState } from "../path-state.ts";
import { type MarketAccounts, marketAccounts } from "./market-accounts.ts";

/** Columns have one row per model. */
export interface MarketBoard {
  readonly accounts: MarketAccounts;
  /** Dollars per unit at the margin; 0 where there is no market (yet). */
  readonly price: Float64Array;
  /** Reserves as the pool's own rules count them: revenue that reaches a pool's account is not part of them. */
  readonly pools: Pool[];
}

const boards = new WeakMap<Books, MarketBoard>();

/** The board of a path, made when it is first asked for. */
export function marketBoard({ world, books }: PathState): MarketBoard {
  const known = boards.get(books);
  if (known) return known;
  const board = {
    accounts: marketAccounts(world.spec, books),
    price: new Float64Array(world.terms.length),
    pools: world.terms.map(() => emptyPool),
  };
  boards.set(books, board);
  return board;
}

/** A price as a quotient of whole numbers, smallest units of cash for a unit. */
export interface ExactPrice {
  readonly cash: bigint;
  readonly units: bigint;
}

/** What a buyer pays for whole units, rounded up, and what a seller gets, rounded down. */
export const costAt = (price: ExactPrice, units: number): number =>
  Number((BigInt(units) * price.cash + price.units - 1n) / price.units);
export const proceedsAt = (price: ExactPrice, units: number): number =>
  Number((BigInt(units) * price.cash) / price.units);
