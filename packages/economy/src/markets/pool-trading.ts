/**
 * A day of trade in one model's pool.
 *
 * Orders of a day are netted at one price, and what is left over goes through the pool in one swap, whose mean price
 * all get: the order in which people come cannot matter. The pool opens with a call: a market maker bids half its cash
 * for `float` of the units that exist, beside the speculators, and puts what it got into the pool with as much cash as
 * it is worth. Later it takes up, half of its cash at a time, what people sell beyond what others buy, until it has
 * that share again, and adds that to the pool.
 *
 * People want no more at the mean price p of a swap, which leaves the pool's own price as far beyond p as it was short of it: with
 * orders that are large beside the pool, the price swings around p from day to day, and the less the more wants answer to it.
 */
import { microsPerDollar } from "@shardlab/contracts";
import { type ConstantProduct, emptyPool, marginalPrice, type Pool } from "@shardlab/markets";
import type { PathState } from "../path-state.ts";
import { priceBracket, tradesBetween } from "./batch-price.ts";
import { clearTrades } from "./clearing.ts";
import { costAt, type ExactPrice, type MarketBoard } from "./market-board.ts";
import { netDemand, type TradingDay } from "./traders.ts";

/** The least number of units that a pool opens with; fewer would make its price jump by their rounding. */
const leastUnits = 1000;
/** The lowest price that a pool opens at, in the highest value: some hold more than they would even for nothing. */
const leastOpening = 1e-3;

/** What the day came to, units and dollars. */
export interface DayTrade {
  readonly units: number;
  readonly dollars: number;
}

const nothing: DayTrade = { units: 0, dollars: 0 };

/** Units that the pool gives away at a mean price (negative: takes), in dollars per unit. */
function poolSupply(cashDollars: number, units: number, keptShare: number): (price: number) => number {
  return (price) => {
    if (price * units * keptShare > cashDollars) return units - cashDollars / (price * keptShare);
    if (price * units < cashDollars * keptShare) return (units - (cashDollars * keptShare) / price) / keptShare;
    return 0;
  };
}

/** One model's market on one day. */
export interface Session {
  readonly state: PathState;
  readonly board: MarketBoard;
  readonly model: number;
  readonly day: TradingDay;
  /** Units that the market maker aims at, or that an auction puts up. */
  readonly target: number;
}

type Place = Omit<Session, "day" | "target">;

/** Trades a day's orders. */
export function tradeInPool(rule: ConstantProduct, session: Session): DayTrade {
  const { board, model, day, target } = session;
  const pool = board.pools[model];
  const spare = makerCash(session) / (2 * microsPerDollar) / openModels(session);
  const missing = Math.max(0, target - pool.units);
  const isOpen = pool.shares > 0;
  const makerDemand = (price: number) => {
    const most = Math.min(spare / price, missing);
    return isOpen ? Math.min(most, Math.max(0, -netDemand(day, price))) : most;
  };
  if (!isOpen && target < leastUnits) return nothing;
  const supply = isOpen ? poolSupply(pool.cash / microsPerDollar, pool.units, rule.keptShare) : () => 0;
  const start = isOpen ? marginalPrice(pool) / microsPerDollar : highest(day);
  if (!(start > 0)) return nothing;
  const excess = (price: number) => netDemand(day, price) + makerDemand(price) - supply(price);
  const bracket = priceBracket(excess, start, isOpen ? 0 : leastOpening * start);
  if (bracket === undefined) return nothing;
  const wanted = Math.floor(makerDemand(bracket.high));
  const units = tradesBetween(day, bracket, supply(bracket.high) - wanted);
  const orders = { units, maker: wanted, price: bracket.high };
  return isOpen ? swapRest(rule, session, orders) : openPool(rule, session, orders);
}

const highest = ({ value }: TradingDay): number => value.reduce((most, one) => Math.max(most, one), 0);

/** Models whose pool is still to open: the market maker keeps its cash for all of them. */
function openModels({ state, board, model }: Place): number {
  let models = 0;
  for (const [other, { shares }] of board.pools.entries()) {
    if (state.alive[other] === 1 && (shares === 0 || other === model)) models++;
  }
  return models;
}

const exactPrice = (dollars: number): ExactPrice => ({ cash: BigInt(Math.round(dollars * 1e12)), units: 1_000_000n });

/** What everybody trades, what the market maker buys, and the price in dollars at which they decided so. */
interface Orders {
  readonly units: Float64Array;
  readonly maker: number;
  readonly price: number;
}

/** The opening call: the market maker takes what the sellers offer beyond what speculators buy. */
function openPool(rule: ConstantProduct, session: Session, { units, price }: Orders): DayTrade {
  const maker = -units.reduce((sum, quantity) => sum + quantity, 0);
  const exact = exactPrice(price);
  if (maker < leastUnits || exact.cash === 0n) return nothing;
  const worth = costAt(exact, maker);
  if (2 * worth > makerCash(session) || trim(session, units, exact)) return nothing;
  clearWithMaker(session, units, { maker, exact });
  deposit(rule, session, { units: maker, mostCash: worth });
  return volumeOf(units, maker, exact);
}

/** Nets the orders and swaps the rest. Whoever has too little cash by the rounding of a price buys less, which lowers it for all. */
function swapRest(rule: ConstantProduct, session: Session, orders: Orders): DayTrade {
  const { units, price } = orders;
  const pool = session.board.pools[session.model];
  let { maker } = orders;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const net = units.reduce((sum, quantity) => sum + quantity, maker);
    const exact = net < pool.units ? netPrice(rule, pool, net, price) : undefined;
    if (exact === undefined) break;
    const isMakerShort = costAt(exact, maker) > makerCash(session);
    if (isMakerShort) maker = 0;
    if (trim(session, units, exact) || isMakerShort) continue;
    clearWithMaker(session, units, { maker, exact });
    restate(session, pool.shares);
    if (maker > 0) deposit(rule, session, { units: maker, mostCash: makerCash(session) });
    return volumeOf(units, maker, exact);
  }
  return nothing;
}

const mostAttempts = 5;

const makerCash = ({ state: { books }, board }: Place): number =>
  books.ledger.balance(board.accounts.marketMaker, books.cash);

/** The mean price of the swap that takes up the net order; the day's own price where nothing is left over. */
function netPrice(rule: ConstantProduct, pool: Pool, net: number, price: number): ExactPrice | undefined {
  let exact = exactPrice(price);
  if (net > 0) exact = { cash: BigInt(rule.cashToBuy(pool, net)), units: BigInt(net) };
  if (net < 0) exact = { cash: BigInt(rule.sell(pool, -net).paidOut), units: BigInt(-net) };
  return exact.cash > 0n ? exact : undefined;
}

/** Cuts what buyers cannot pay. Returns whether anybody's order was cut. */
function trim({ state: { books }, day: { account } }: Session, units: Float64Array, price: ExactPrice): boolean {
  let isShort = false;
  for (const [row, quantity] of units.entries()) {
    if (!(quantity > 0)) continue;
    const has = books.ledger.balance(account[row], books.cash);
    if (costAt(price, quantity) <= has) continue;
    units[row] = Number((BigInt(has) * price.units) / price.cash);
    isShort = true;
  }
  return isShort;
}

function volumeOf(units: Float64Array, maker: number, price: ExactPrice): DayTrade {
  let [bought, sold] = [maker, 0];
  for (const quantity of units) {
    if (quantity > 0) bought += quantity;
    else sold -= quantity;
  }
  const volume = Math.max(bought, sold);
  return { units: volume, dollars: (volume * Number(price.cash)) / Number(price.units) / microsPerDollar };
}

function clearWithMaker(
  { state, board: { accounts }, model, day }: Session,
  units: Float64Array,
  { maker, exact }: { maker: number; exact: ExactPrice },
): void {
  const trades = { account: new Int32Array(day.count + 1), units: new Float64Array(day.count + 1) };
  trades.account.set(day.account.subarray(0, day.count));
  trades.units.set(units);
  trades.account[day.count] = accounts.marketMaker;
  trades.units[day.count] = maker;
  clearTrades(state, trades, { model, price: exact, through: accounts.pools[model] });
}

/** Reads the pool's reserves off the books, where rounding has left a little more than its rules ask for. */
export function restate({ state: { books }, board, model }: Place, shares: number): void {
  const account = board.accounts.pools[model];
  const pool = {
    cash: books.ledger.balance(account, books.cash),
    units: books.ledger.balance(account, books.models[model].ownership),
    shares,
  };
  board.pools[model] = pool;
  board.price[model] = pool.units > 0 ? marginalPrice(pool) / microsPerDollar : 0;
}

/** Puts the market maker's units into the pool, with as much cash as they are worth there. */
function deposit(
  rule: ConstantProduct,
  session: Session,
  { units, mostCash }: { units: number; mostCash: number },
): void {
  const { state, board, model } = session;
  const { ledger, cash, models } = state.books;
  const { marketMaker, pools } = board.accounts;
  const [reason, from, to] = ["liquidity", marketMaker, pools[model]];
  const added = rule.add(board.pools[model], mostCash, units);
  ledger.post({ reason, asset: cash, from, to, amount: added.cash });
  ledger.post({ reason, asset: models[model].ownership, from, to, amount: added.units });
  restate(session, added.pool.shares);
}

/** Takes all liquidity out again: the project has ended. */
export function closePool({ state, board, model }: Place): void {
  const { ledger, cash, models } = state.books;
  const { marketMaker, pools } = board.accounts;
  const [reason, from, to] = ["liquidity returned", pools[model], marketMaker];
  for (const asset of [cash, models[model].ownership]) {
    ledger.post({ reason, asset, from, to, amount: ledger.balance(from, asset) });
  }
  board.pools[model] = emptyPool;
  board.price[model] = 0;
}
