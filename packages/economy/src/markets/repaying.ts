/** Pays debts back: first from what collateral earns, then from cash that borrowers do not need. */
import { microsPerDollar } from "@shardlab/contracts";
import type { PathState } from "../path-state.ts";
import { type LoanDesk, repayFrom } from "./loan-desk.ts";

/** Shares what the collateral of each model has earned among those who put it up: debt first, the rest is theirs. */
export function collectForDebts(state: PathState, desk: LoanDesk): void {
  const { ledger, cash } = state.books;
  for (const [model, account] of desk.board.accounts.collateral.entries()) {
    const earned = ledger.balance(account, cash);
    const all = desk.pledged[model];
    if (earned === 0 || all === 0) continue;
    for (const [provider, { model: pledgedModel, collateral }] of [...desk.borrowers]) {
      if (pledgedModel !== model) continue;
      const part = Number((BigInt(earned) * BigInt(collateral)) / BigInt(all));
      const repaid = repayFrom(state, desk, { provider, account, most: part });
      const rest = { reason: "revenue of collateral", asset: cash, from: account, to: provider };
      ledger.post({ ...rest, amount: part - repaid });
    }
  }
}

/** Borrowers whose turn it is keep two periods' running cost, and pay with the rest. */
export function payBack(state: PathState, desk: LoanDesk): void {
  const { ledger, cash } = state.books;
  const { population, rule } = state.world;
  if (desk.borrowers.size === 0) return;
  for (const { first, count } of population.blocksByPhase[state.epoch % rule.revisionEpochs]) {
    for (let provider = first; provider < first + count; provider++) {
      if (!desk.borrowers.has(provider)) continue;
      const kept = Math.ceil(2 * population.runningCost[provider] * rule.revisionEpochs * microsPerDollar);
      const most = ledger.balance(provider, cash) - kept;
      if (most > 0) repayFrom(state, desk, { provider, account: provider, most });
    }
  }
}
