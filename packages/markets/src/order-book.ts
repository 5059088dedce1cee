/** A book of compute orders by class and price, and the allocation of greatest surplus within it. */

interface Order {
  readonly quality: number;
  readonly quantity: number;
  readonly price: number;
}

/** All orders of one side and class at one price; `rows` in the order of the list. */
export interface Level {
  readonly price: number;
  readonly quantity: number;
  readonly rows: readonly number[];
}

/** Levels of each class, best first: bids from the highest price down, asks from the lowest up. */
export interface Book {
  readonly bids: readonly (readonly Level[])[];
  readonly asks: readonly (readonly Level[])[];
}

/** What is filled of each level; `substituted[q]` units of class q + 1 or better serve bids of class q or below. */
export interface Flow {
  readonly bidFilled: readonly Float64Array[];
  readonly askFilled: readonly Float64Array[];
  readonly substituted: Float64Array;
  readonly totals: { readonly volume: number; readonly surplus: number };
}

export function buildBook(bids: readonly Order[], asks: readonly Order[], classes: number): Book {
  return { bids: levelsOf(bids, classes, -1), asks: levelsOf(asks, classes, 1) };
}

function levelsOf(orders: readonly Order[], classes: number, direction: 1 | -1): Level[][] {
  const byClass = Array.from({ length: classes }, () => new Map<number, { quantity: number; rows: number[] }>());
  for (const [row, { quality, quantity, price }] of orders.entries()) {
    if (quantity === 0) continue;
    const level = byClass[quality].get(price) ?? { quantity: 0, rows: [] };
    byClass[quality].set(price, level);
    level.quantity += quantity;
    level.rows.push(row);
  }
  return byClass.map((levels) =>
    [...levels].map(([price, level]) => ({ price, ...level })).sort((a, b) => direction * (a.price - b.price)),
  );
}

/** The first level of each class that is not full; a class whose levels are all full points past its last. */
type Cursor = Int32Array;

/**
 * Fills the book along the best path again and again. A path leads from an ask's class to a bid's: downwards it is
 * always open, upwards as far as earlier substitution can be undone.
 */
export function maximizeSurplus({ bids, asks }: Book): Flow {
  const classes = bids.length;
  const bidFilled = bids.map((levels) => new Float64Array(levels.length));
  const askFilled = asks.map((levels) => new Float64Array(levels.length));
  const substituted = new Float64Array(Math.max(0, classes - 1));
  const [nextBid, nextAsk]: Cursor[] = [new Int32Array(classes), new Int32Array(classes)];
  let [volume, surplus] = [0, 0];
  for (;;) {
    const path = bestPath({ bids, asks }, nextBid, nextAsk, substituted);
    if (path === undefined) break;
    const { from, to, gain } = path;
    const [bid, ask] = [nextBid[to], nextAsk[from]];
    let units = Math.min(bids[to][bid].quantity - bidFilled[to][bid], asks[from][ask].quantity - askFilled[from][ask]);
    for (let edge = from; edge < to; edge++) units = Math.min(units, substituted[edge]);
    for (let edge = from; edge < to; edge++) substituted[edge] -= units;
    for (let edge = to; edge < from; edge++) substituted[edge] += units;
    bidFilled[to][bid] += units;
    askFilled[from][ask] += units;
    if (bidFilled[to][bid] === bids[to][bid].quantity) nextBid[to]++;
    if (askFilled[from][ask] === asks[from][ask].quantity) nextAsk[from]++;
    volume += units;
    surplus += gain * units;
  }
  return { bidFilled, askFilled, substituted, totals: { volume, surplus } };
}

/** The pair of classes whose next bid exceeds the next ask by most, and by at least nothing. */
function bestPath(
  { bids, asks }: Book,
  nextBid: Cursor,
  nextAsk: Cursor,
  substituted: Float64Array,
): { from: number; to: number; gain: number } | undefined {
  let best: { from: number; to: number; gain: number } | undefined;
  for (let from = 0; from < asks.length; from++) {
    const ask = asks[from][nextAsk[from]];
    if (ask === undefined) continue;
    let top = from;
    while (top < substituted.length && substituted[top] > 0) top++;
    for (let to = top; to >= 0; to--) {
      const bid = bids[to][nextBid[to]];
      if (bid === undefined) continue;
      const gain = bid.price - ask.price;
      if (gain >= 0 && (best === undefined || gain > best.gain)) best = { from, to, gain };
    }
  }
  return best;
}
