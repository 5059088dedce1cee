/** What working costs in cash. */
import { microsPerDollar } from "@shardlab/contracts";
import { costsPerName, rowsAtWork, spent } from "./at-work.ts";
import type { DeliveryRows } from "./participation.ts";
import type { PathState } from "./path-state.ts";

/**
 * Running cost of a day of everybody at work, whether or not the work was found bad; who cheats saves a share of it, and every
 * name beyond a provider's first costs what its strategy says. Whoever runs out of cash within the period works on from other
 * means: the bill stops at zero.
 */
export function payBills(state: PathState): void {
  for (const rows of rowsAtWork(state)) payFor(state, rows);
}

function payFor(state: PathState, { count, account, bill: bills }: DeliveryRows): void {
  if (count === 0) return;
  const { books, conduct } = state;
  const { low, high } = books.ledger.balanceLimbs(books.cash);
  const perName = costsPerName(conduct);
  for (let row = 0; row < count; row++) {
    const i = account[row];
    const bill = Math.floor(spent(state, i, perName) * microsPerDollar);
    bills[row] = high[i] === 0 ? Math.min(low[i], bill) : bill;
  }
  const [from, amount] = [account.subarray(0, count), bills.subarray(0, count)];
  books.ledger.postBatch({ reason: "running cost", asset: books.cash, from, to: books.utility, amount });
}
