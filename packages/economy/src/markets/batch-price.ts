/** The price at which the orders of a day meet, and what everybody trades at it. */
import { type TradingDay, tradeOf } from "./traders.ts";

const widestBracket = 2 ** 40;
const bisections = 40;

/**
 * Neighbouring prices between which an excess that falls with the price changes sign; undefined where there are none.
 *
 * @param least a price that is taken where the excess changes sign below it
 */
export function priceBracket(
  excess: (price: number) => number,
  start: number,
  least = 0,
): { low: number; high: number } | undefined {
  if (least > 0 && !(excess(least) > 0)) return { low: least, high: least };
  let [low, high] = [start, start];
  while (!(excess(high) <= 0)) {
    high *= 2;
    if (high > start * widestBracket) return undefined;
  }
  while (!(excess(low) > 0)) {
    low /= 2;
    if (low < start / widestBracket) return undefined;
  }
  for (let step = 0; step < bisections && low < high; step++) {
    const middle = Math.sqrt(low * high);
    if (!(middle > low && middle < high)) break;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return { low, high };
}

/**
 * Whole units that everybody trades (positive for buying), so that they sum to about `target`. Where demand jumps
 * between the neighbouring prices, as that of somebody without risk aversion does, everybody trades the same mixture of
 * what it wants at both.
 */
export function tradesBetween(
  day: TradingDay,
  { low, high }: { low: number; high: number },
  target: number,
): Float64Array {
  let [atLow, atHigh] = [0, 0];
  for (let row = 0; row < day.count; row++) {
    atLow += tradeOf(day, row, low);
    atHigh += tradeOf(day, row, high);
  }
  const mixture = atLow > atHigh ? Math.min(1, Math.max(0, (target - atHigh) / (atLow - atHigh))) : 0;
  const trades = new Float64Array(day.count);
  for (let row = 0; row < day.count; row++) {
    const there = tradeOf(day, row, high);
    trades[row] = Math.trunc(there + mixture * (tradeOf(day, row, low) - there));
  }
  return trades;
}
