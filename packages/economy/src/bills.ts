/** What working costs in cash. */
import { microsPerDollar } from "@shardlab/contracts";
import { costFactor } from "./conduct/work.ts";
import type { DeliveryRows } from "./participation.ts";
import type { PathState } from "./path-state.ts";

/**
 * Running cost of a day of everybody at work, whether or not the work was found bad; who cheats saves a share of it. Whoever runs
 * out of cash within the period works on from other means: the bill stops at zero.
 */
export function payBills(state: PathState): void {
  payFor(state, state.workDone);
  if (state.conduct) payFor(state, state.conduct.verdicts);
}

function payFor({ books, world, conduct }: PathState, rows: DeliveryRows): void {
  if (rows.count === 0) return;
  const { low, high } = books.ledger.balanceLimbs(books.cash);
  const { runningCost } = world.population;
  const amount = new Float64Array(rows.count);
  for (let row = 0; row < amount.length; row++) {
    const i = rows.account[row];
    const due = conduct === undefined ? runningCost[i] : runningCost[i] * costFactor(conduct, i);
    const bill = Math.floor(due * microsPerDollar);
    amount[row] = high[i] === 0 ? Math.min(low[i], bill) : bill;
  }
  const from = rows.account.slice(0, amount.length);
  books.ledger.postBatch({ reason: "running cost", asset: books.cash, from, to: books.utility, amount });
}
