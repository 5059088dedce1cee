/**
 * A sale of one model's ownership by auction, once a revision period.
 *
 * The reserve is the lowest price at which providers offer `float` of the units that exist, and at least a thousandth of
 * the highest value; whoever offers units at it
 * sells them to the speculators' bids, each at a share of what the sale brings. Speculators bid their decreasing values
 * in steps; units are sold in lots of about a cent, whose price in micro-dollars has four digits.
 * Speculators buy at auctions and do not sell at them.
 */
import { microsPerDollar } from "@shardlab/contracts";
import type { OwnershipAuction, UnitBid } from "@shardlab/markets";
import { priceBracket } from "./batch-price.ts";
import type { DayTrade, Session } from "./pool-trading.ts";
import { type TradingDay, tradeOf, wantedUnits } from "./traders.ts";

const bidSteps = 16;
/** Of the highest value: whoever holds more than it would even for nothing still asks for something. */
const leastPrice = 1e-3;
/** Micro-dollars that a lot is about worth. */
const lotMicros = 1e4;

const nothing: DayTrade = { units: 0, dollars: 0 };

/** What providers offer at a price: units of each row, 0 for those who do not sell. */
const offeredBy = (day: TradingDay, row: number, price: number): number =>
  day.cash[row] > 0 ? 0 : Math.max(0, -tradeOf(day, row, price));

export function sellByAuction(auction: OwnershipAuction, session: Session): DayTrade {
  // An auction that sells nothing leaves no price.
  session.board.price[session.model] = 0;
  const { board, model, day, target } = session;
  const firstSpeculator = board.accounts.speculators.first;
  const isSeller = (row: number) => day.account[row] < firstSpeculator;
  const supply = (price: number) => {
    let sum = 0;
    for (let row = 0; row < day.count; row++) if (isSeller(row)) sum += offeredBy(day, row, price);
    return sum;
  };
  const start = day.value.reduce((most, value) => Math.max(most, value), 0);
  if (!(start > 0) || !(target > 0)) return nothing;
  // Where providers hold less than that in all, the reserve is where they offer half of it.
  const wanted = Math.min(target, supply(start * 2) / 2);
  const reserve = priceBracket((price) => wanted - supply(price), start, leastPrice * start)?.high;
  if (reserve === undefined) return nothing;
  const lotUnits = Math.max(1, Math.ceil(lotMicros / (reserve * microsPerDollar)));
  const reserveMicros = Math.ceil(reserve * lotUnits * microsPerDollar);
  const offers = Float64Array.from({ length: day.count }, (_, row) =>
    isSeller(row) ? Math.floor(offeredBy(day, row, reserve) / lotUnits) : 0,
  );
  const lots = offers.reduce((sum, offer) => sum + offer, 0);
  if (lots === 0) return nothing;
  const bids: UnitBid[] = [];
  for (let row = 0; row < day.count; row++) if (!isSeller(row)) bids.push(...bidsOf(day, row, { reserve, lotUnits }));
  const outcome = auction.allot(bids, { units: lots, bidders: day.count, reserve: reserveMicros });
  if (outcome.sold === 0) return nothing;
  post(session, { outcome, offers, lots, lotUnits });
  board.price[model] = outcome.revenue / outcome.sold / lotUnits / microsPerDollar;
  return { units: outcome.sold * lotUnits, dollars: outcome.revenue / microsPerDollar };
}

/** A speculator's values for further lots: in each step what the last unit of it is worth, as far as its cash goes. */
function bidsOf(day: TradingDay, row: number, { reserve, lotUnits }: { reserve: number; lotUnits: number }): UnitBid[] {
  const { value, risk, held } = day;
  const most = Math.min(wantedUnits(value[row], reserve, risk[row]) - held[row], day.cash[row] / reserve);
  const quantity = Math.floor(most / bidSteps / lotUnits);
  if (!(quantity > 0)) return [];
  const bids: UnitBid[] = [];
  let left = day.cash[row] * microsPerDollar;
  for (let step = 1; step <= bidSteps; step++) {
    const units = held[row] + step * quantity * lotUnits;
    const marginal = value[row] * (1 - 2 * risk[row] * value[row] * units);
    const price = Math.floor(marginal * lotUnits * microsPerDollar);
    const affordable = Math.min(quantity, Math.floor(left / price));
    if (!(price > 0 && affordable > 0)) break;
    bids.push({ bidder: row, quantity: affordable, price });
    left -= affordable * price;
  }
  return bids;
}

interface Sale {
  readonly outcome: ReturnType<OwnershipAuction["allot"]>;
  readonly offers: Float64Array;
  readonly lots: number;
  readonly lotUnits: number;
}

/** Moves units and cash through the market maker's account: sellers share the revenue by what they sold. */
function post({ state, board, model, day }: Session, sale: Sale): void {
  const { ledger, cash, models } = state.books;
  const { outcome, offers, lots, lotUnits } = sale;
  const through = board.accounts.marketMaker;
  const account = day.account.slice(0, day.count);
  const soldLots = inProportion(offers, lots, outcome.sold);
  const revenue = BigInt(outcome.revenue);
  const received = soldLots.map((sold) => Number((BigInt(sold) * revenue) / BigInt(outcome.sold)));
  const inUnits = (column: Float64Array) => column.map((count) => count * lotUnits);
  const asset = models[model].ownership;
  ledger.postBatch({ reason: "ownership bought", asset: cash, from: account, to: through, amount: outcome.payment });
  ledger.postBatch({ reason: "ownership sold", asset, from: account, to: through, amount: inUnits(soldLots) });
  ledger.postBatch({ reason: "ownership sold", asset: cash, from: through, to: account, amount: received });
  ledger.postBatch({ reason: "ownership bought", asset, from: through, to: account, amount: inUnits(outcome.won) });
}

/** Whole parts of `sold` in proportion to what was offered; what rounding leaves goes to the first who offered more. */
function inProportion(offers: Float64Array, all: number, sold: number): Float64Array {
  const parts = offers.map((offer) => Number((BigInt(offer) * BigInt(sold)) / BigInt(all)));
  let left = sold - parts.reduce((sum, part) => sum + part, 0);
  for (let row = 0; left > 0; row++) {
    if (parts[row] >= offers[row]) continue;
    parts[row]++;
    left--;
  }
  return parts;
}
