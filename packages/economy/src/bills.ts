/** What working costs in cash. */
import { microsPerDollar } from "@shardlab/contracts";
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
  const { account, count } = rows;
  const amount = new Float64Array(count);
  const attack = conduct?.attack;
  const costSaved = conduct?.conduct.rates.costSaved;
  const costPerName = conduct?.conduct.strategies.map((strategy) => strategy?.identities.costDollarsPerEpoch ?? 0);
  const identities = costPerName?.some((cost) => cost > 0) ? conduct?.identities : undefined;
  for (let row = 0; row < count; row++) {
    const i = account[row];
    let due = runningCost[i];
    if (attack !== undefined && costSaved !== undefined && attack[i] >= 0) due *= 1 - costSaved[attack[i]];
    if (identities !== undefined && costPerName !== undefined) due += (identities[i] - 1) * costPerName[groupOf[i]];
    const bill = Math.floor(due * microsPerDollar);
    amount[row] = high[i] === 0 ? Math.min(low[i], bill) : bill;
  }
  const from = account.subarray(0, count);
  books.ledger.postBatch({ reason: "running cost", asset: books.cash, from, to: books.utility, amount });
}
