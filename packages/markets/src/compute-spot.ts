/**
 * Compute spot market: a call auction for GPU-hours of several quality classes, in which better compute may serve for
 * worse.
 *
 * A bid names a class, a quantity and the most it pays for a unit; an ask the least it takes. Compute of class q serves
 * bids of class q and below. The allocation is the one of greatest surplus, sum of (bid - ask) over what is traded:
 * units are matched one path after another along the chain of classes, always where bid less ask is largest (successive
 * shortest paths, which is optimal for flows of least cost: Ahuja, Magnanti and Orlin, "Network Flows", 1993, chapter
 * 9). `uniform` gives each class one price, non-decreasing in class and equal for classes between which compute is
 * substituted, between the lowest and the highest prices that support the allocation (the k-double auction of
 * Rustichini, Satterthwaite and Williams 1994, Econometrica 62(5): `split` is k). `pay-as-bid` lets every buyer pay its
 * bid and every seller get its ask; what is between is the operator's.
 *
 * At one price of one class, orders are filled in proportion (`pro-rata`, the remainder by largest fraction and then by
 * time) or in the order of the list (`time`). Trades without surplus happen. Between classes, a tie goes to the ask of
 * the lowest class, and to the bid of the highest.
 *
 * Checked: the price against a search over all prices, surplus against every allocation of small books and against the bound
 * that prices put on it in larger ones; budget balance, no loss for anybody, and both rules of rationing. Not modelled: sellers
 * who bid strategically, who stands behind an order (whoever bids and asks may trade with itself), and durations (a unit is a
 * unit).
 */
import { share } from "@shardlab/contracts";
import { z } from "zod";
import { clearingPrices } from "./clearing-prices.ts";
import { buildBook, type Flow, type Level, maximizeSurplus } from "./order-book.ts";
import { checkAmount } from "./whole-amount.ts";

export const computeSpotSpec = z
  .strictObject({
    kind: z.literal("compute-spot"),
    pricing: z.enum(["uniform", "pay-as-bid"]).default("uniform"),
    ties: z.enum(["pro-rata", "time"]).default("pro-rata").describe("who is served first at the same price"),
    split: share()
      .prefault(0.5)
      .describe("where a uniform price lies between the lowest and the highest that clear the market"),
  })
  .describe("a call auction for compute");
export type ComputeSpotSpec = z.output<typeof computeSpotSpec>;

/** Whole units of compute of a quality class (0 is the lowest), at a whole price for each. */
export interface ComputeOrder {
  readonly quality: number;
  readonly quantity: number;
  readonly price: number;
}

/** Columns have one row per order, in the order given; money in the unit of the prices. */
export interface ComputeClearing {
  readonly bought: Float64Array;
  readonly paid: Float64Array;
  readonly sold: Float64Array;
  readonly received: Float64Array;
  /** Price of each class; under `pay-as-bid` the price that `uniform` would have set. */
  readonly prices: Float64Array;
  readonly volume: number;
  /** Sum of bid less ask over what is traded. */
  readonly surplus: number;
  /** What the operator keeps: 0 under `uniform`. */
  readonly kept: number;
}

export interface ComputeSpot {
  readonly kind: "compute-spot";
  /** @throws `unknown class`, `invalid quantity`, `invalid price`, `payment out of range` */
  clear(bids: readonly ComputeOrder[], asks: readonly ComputeOrder[], classes: number): ComputeClearing;
}

export function computeSpot(spec: ComputeSpotSpec): ComputeSpot {
  return { kind: spec.kind, clear: (bids, asks, classes) => clear(spec, bids, asks, classes) };
}

function clear(
  spec: ComputeSpotSpec,
  bids: readonly ComputeOrder[],
  asks: readonly ComputeOrder[],
  classes: number,
): ComputeClearing {
  checkOrders(bids, classes);
  checkOrders(asks, classes);
  const book = buildBook(bids, asks, classes);
  const flow = maximizeSurplus(book);
  const prices = clearingPrices(book, flow, spec.split);
  const bought = ration(book.bids, flow.bidFilled, bids, spec.ties);
  const sold = ration(book.asks, flow.askFilled, asks, spec.ties);
  const money = (orders: readonly ComputeOrder[], filled: Float64Array) =>
    filled.map((quantity, row) => {
      const { quality, price } = orders[row];
      const amount = quantity * (spec.pricing === "uniform" ? prices[quality] : price);
      checkAmount(amount, "payment");
      return amount;
    });
  const [paid, received] = [money(bids, bought), money(asks, sold)];
  const sum = (column: Float64Array) => column.reduce((total, value) => total + value, 0);
  return { bought, paid, sold, received, prices, ...flow.totals, kept: sum(paid) - sum(received) };
}

function checkOrders(orders: readonly ComputeOrder[], classes: number): void {
  for (const { quality, quantity, price } of orders) {
    if (!(Number.isInteger(quality) && quality >= 0 && quality < classes)) {
      throw new Error(`unknown class: ${quality} (expected 0 to ${classes - 1})`);
    }
    checkAmount(quantity, "quantity");
    checkAmount(price, "price");
  }
}

/** Shares what each level got among its orders. */
function ration(
  levels: readonly (readonly Level[])[],
  filled: Flow["bidFilled"],
  orders: readonly ComputeOrder[],
  ties: ComputeSpotSpec["ties"],
): Float64Array {
  const out = new Float64Array(orders.length);
  for (const [quality, column] of levels.entries()) {
    for (const [index, level] of column.entries()) {
      const got = filled[quality][index];
      if (got === 0) continue;
      if (got === level.quantity) for (const row of level.rows) out[row] = orders[row].quantity;
      else if (ties === "time") fillInTurn(level.rows, orders, got, out);
      else fillInProportion(level, orders, got, out);
    }
  }
  return out;
}

function fillInTurn(rows: readonly number[], orders: readonly ComputeOrder[], got: number, out: Float64Array): void {
  let left = got;
  for (const row of rows) {
    out[row] = Math.min(left, orders[row].quantity);
    left -= out[row];
  }
}

/** Largest remainders (Hamilton's rule), so that whole units add up; earlier orders first among equal remainders. */
function fillInProportion(level: Level, orders: readonly ComputeOrder[], got: number, out: Float64Array): void {
  const [part, whole] = [BigInt(got), BigInt(level.quantity)];
  let left = got;
  const remainders = level.rows.map((row) => {
    const exact = BigInt(orders[row].quantity) * part;
    out[row] = Number(exact / whole);
    left -= out[row];
    return { row, remainder: exact % whole };
  });
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.row - b.row : a.remainder > b.remainder ? -1 : 1));
  for (const { row } of remainders.slice(0, left)) out[row]++;
}
