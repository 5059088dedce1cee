/** What working costs in cash. */
import { microsPerDollar } from "@shardlab/contracts";
import { costsPerName } from "./at-work.ts";
import type { DeliveryRows } from "./participation.ts";
import type { PathState } from "./path-state.ts";

/**
 * Running cost of a day of everybody at work, whether or not the work was found bad; who cheats saves a share of it, and every
 * name beyond a provider's first costs what its strategy says. Whoever runs out of cash within the period works on from other
 * means: the bill stops at zero.
 */
export function payBills(state: PathState): void {
  payFor(state, state.workDone);
  if (state.conduct) payFor(state, state.conduct.verdicts);
}

function payFor({ books, world, conduct }: PathState, rows: DeliveryRows): void {
  if (rows.count === 0) return;
  const { low, high } = books.ledger.balanceLimbs(books.cash);
  const { runningCost, groupOf } = world.population;
  const { account, count, bill: bills } = rows;
  const attack = conduct?.attack;
  const shareUsed = conduct?.conduct.shareUsed;
  const perName = costsPerName(conduct);
  const identities = perName === undefined ? undefined : conduct?.identities;
  for (let row = 0; row < count; row++) {
    const i = account[row];
    let due = runningCost[i];
    if (attack !== undefined && shareUsed !== undefined) due *= shareUsed[attack[i] + 1];
    if (identities !== undefined && perName !== undefined) due += (identities[i] - 1) * perName[groupOf[i]];
    const bill = Math.floor(due * microsPerDollar);
    bills[row] = high[i] === 0 ? Math.min(low[i], bill) : bill;
  }
  const from = account.subarray(0, count);
  const amount = bills.subarray(0, count);
  books.ledger.postBatch({ reason: "running cost", asset: books.cash, from, to: books.utility, amount });
}
