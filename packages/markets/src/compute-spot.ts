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
  return { kind: spec.kind, clear: (bids, asks, classes) => clear(spec, { bids, asks }, classes) };
}

interface ComputeOrders {
  readonly bids: readonly ComputeOrder[];
  readonly asks: readonly ComputeOrder[];
}

function clear(spec: ComputeSpotSpec, { bids, asks }: ComputeOrders, classes: number): ComputeClearing {
  checkOrders(bids, classes);
  checkOrders(asks, classes);
  const book = buildBook(bids, asks, classes);
  const flow = maximizeSurplus(book);
  const prices = clearingPrices(book, flow, spec.split);
  const ration = rationing[spec.ties];
  const bought = filledOrders({ levels: book.bids, filled: flow.bidFilled, ration }, bids);
  const sold = filledOrders({ levels: book.asks, filled: flow.askFilled, ration }, asks);
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

/** One side of the book, what each of its levels got, and how a level shares it. */
interface FilledSide {
  readonly levels: readonly (readonly Level[])[];
  readonly filled: Flow["bidFilled"];
  readonly ration: Rationing;
}

/** What each order got. */
function filledOrders({ levels, filled, ration }: FilledSide, orders: readonly ComputeOrder[]): Float64Array {
  const out = new Float64Array(orders.length);
  for (const [quality, column] of levels.entries()) {
    for (const [index, { rows, quantity }] of column.entries()) {
      const got = filled[quality][index];
      if (got === 0) continue;
      const wanted = rows.map((row) => orders[row].quantity);
      const parts = got === quantity ? wanted : ration(wanted, got);
      for (const [place, row] of rows.entries()) out[row] = parts[place];
    }
  }
  return out;
}

/** Shares so many units, fewer than are wanted, among orders in the order of the list. */
type Rationing = (wanted: readonly number[], units: number) => number[];

const rationing: Readonly<Record<ComputeSpotSpec["ties"], Rationing>> = { time: inTurn, "pro-rata": inProportion };

function inTurn(wanted: readonly number[], units: number): number[] {
  let left = units;
  return wanted.map((quantity) => {
    const part = Math.min(left, quantity);
    left -= part;
    return part;
  });
}

/** Largest remainders (Hamilton's rule), so that whole units add up; earlier orders first among equal remainders. */
function inProportion(wanted: readonly number[], units: number): number[] {
  const whole = BigInt(wanted.reduce((sum, quantity) => sum + quantity, 0));
  const exact = wanted.map((quantity) => BigInt(quantity) * BigInt(units));
  const parts = exact.map((part) => Number(part / whole));
  const left = parts.reduce((rest, part) => rest - part, units);
  const byRemainder = [...wanted.keys()].sort((a, b) => Number((exact[b] % whole) - (exact[a] % whole)) || a - b);
  for (const place of byRemainder.slice(0, left)) parts[place]++;
  return parts;
}
