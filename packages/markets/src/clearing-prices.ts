/** Prices of quality classes that support an allocation. */
import type { Book, Flow } from "./order-book.ts";

/**
 * Whole prices, non-decreasing in class and equal where compute is substituted, at which nobody wants another allocation.
 *
 * The lowest price of a class is what filled asks took and unfilled bids offered, of its class and those below; the
 * highest what filled bids offered and unfilled asks took, of its class and those above; classes linked by substitution
 * share both. A class whose price nothing bounds from above has the lowest.
 *
 * @param split 0 for the lowest prices, 1 for the highest; rounded down
 */
export function clearingPrices(book: Book, flow: Flow, split: number): Float64Array {
  const classes = book.bids.length;
  const lowest = new Float64Array(classes);
  const highest = new Float64Array(classes).fill(Number.POSITIVE_INFINITY);
  for (let quality = 0; quality < classes; quality++) {
    for (const [index, { price, quantity }] of book.bids[quality].entries()) {
      const filled = flow.bidFilled[quality][index];
      if (filled < quantity) lowest[quality] = Math.max(lowest[quality], price);
      if (filled > 0) highest[quality] = Math.min(highest[quality], price);
    }
    for (const [index, { price, quantity }] of book.asks[quality].entries()) {
      const filled = flow.askFilled[quality][index];
      if (filled > 0) lowest[quality] = Math.max(lowest[quality], price);
      if (filled < quantity) highest[quality] = Math.min(highest[quality], price);
    }
  }
  spread(lowest, highest, flow.substituted);
  const prices = new Float64Array(classes);
  for (let quality = 0; quality < classes; quality++) {
    const [low, high] = [lowest[quality], highest[quality]];
    const mixed = high === Number.POSITIVE_INFINITY ? low : low + Math.floor(split * (high - low));
    prices[quality] = quality === 0 ? mixed : Math.max(mixed, prices[quality - 1]);
  }
  return prices;
}

/** Passes bounds along the chain: the lowest upwards, the highest downwards, and both where substitution links classes. */
function spread(lowest: Float64Array, highest: Float64Array, substituted: Float64Array): void {
  const last = lowest.length - 1;
  // Linked classes pass bounds both ways, and two passes reach everything on a chain.
  for (let edge = last - 1; edge >= 0; edge--) {
    if (substituted[edge] > 0) lowest[edge] = Math.max(lowest[edge], lowest[edge + 1]);
    highest[edge] = Math.min(highest[edge], highest[edge + 1]);
  }
  for (let edge = 0; edge < last; edge++) {
    lowest[edge + 1] = Math.max(lowest[edge + 1], lowest[edge]);
    if (substituted[edge] > 0) highest[edge + 1] = Math.min(highest[edge + 1], highest[edge]);
  }
  // What came up along the chain goes down again where classes are linked.
  for (let edge = last - 1; edge >= 0; edge--) {
    if (substituted[edge] > 0) lowest[edge] = Math.max(lowest[edge], lowest[edge + 1]);
    highest[edge] = Math.min(highest[edge], highest[edge + 1]);
  }
}
