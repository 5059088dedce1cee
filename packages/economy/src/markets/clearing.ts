/** Moves what the orders of a day come to: cash and units pass through one account, which keeps the rounding. */
import type { PathState } from "../path-state.ts";
import { costAt, type ExactPrice, proceedsAt } from "./market-board.ts";

/** Rows: who trades how many whole units (positive for buying). */
export interface Trades {
  readonly account: Int32Array;
  readonly units: Float64Array;
}

/**
 * Posts trades at one price. Buyers pay first and sellers deliver first, so that the account in between needs nothing
 * of its own but what it adds to either side.
 */
export function clearTrades(
  { books }: PathState,
  { account, units }: Trades,
  { model, price, through }: { model: number; price: ExactPrice; through: number },
): void {
  const { ledger, cash, models } = books;
  const { ownership } = models[model];
  const rows = (isBuying: boolean) => {
    const chosen: number[] = [];
    for (const [row, quantity] of units.entries()) if (isBuying ? quantity > 0 : quantity < 0) chosen.push(row);
    return {
      who: Int32Array.from(chosen, (row) => account[row]),
      quantity: Float64Array.from(chosen, (row) => Math.abs(units[row])),
    };
  };
  const [buyers, sellers] = [rows(true), rows(false)];
  const reason = { bought: "ownership bought", sold: "ownership sold" };
  const paid = buyers.quantity.map((quantity) => costAt(price, quantity));
  const received = sellers.quantity.map((quantity) => proceedsAt(price, quantity));
  ledger.postBatch({ reason: reason.bought, asset: cash, from: buyers.who, to: through, amount: paid });
  ledger.postBatch({ reason: reason.sold, asset: ownership, from: sellers.who, to: through, amount: sellers.quantity });
  ledger.postBatch({ reason: reason.sold, asset: cash, from: through, to: sellers.who, amount: received });
  ledger.postBatch({ reason: reason.bought, asset: ownership, from: through, to: buyers.who, amount: buyers.quantity });
}
