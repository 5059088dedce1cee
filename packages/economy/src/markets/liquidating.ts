/** Sells the collateral of positions that are no longer healthy. */
import type { ConstantProduct, Liquidation } from "@shardlab/markets";
import type { PathState } from "../path-state.ts";
import { type Borrower, type LoanDesk, priceMicros } from "./loan-desk.ts";
import { restate } from "./pool-trading.ts";

/** How often a liquidator halves the sum that it repays before it gives up for the day. */
const halvings = 20;

export function liquidateUnhealthy(state: PathState, desk: LoanDesk, pool: ConstantProduct): void {
  for (const [provider, borrower] of [...desk.borrowers]) {
    const price = priceMicros(desk, borrower.model);
    if (!desk.rule.isUnhealthy(desk.book, borrower, price)) continue;
    if (price === 0) {
      // Nothing can be had for it any more: the project has ended.
      if (state.alive[borrower.model] === 0)
        settle(state, desk, { provider, borrower, ...withoutPrice(desk, borrower) });
      continue;
    }
    const found = profitable(desk, pool, borrower, price);
    if (found !== undefined) settle(state, desk, { provider, borrower, ...found });
  }
}

interface Sale {
  readonly done: Liquidation;
  readonly proceeds: number;
}

const withoutPrice = (desk: LoanDesk, borrower: Borrower): Sale => ({
  done: desk.rule.liquidate(desk.book, borrower, { price: 0, mostRepaid: 0 }),
  proceeds: 0,
});

/** The largest part of the debt whose collateral fetches at least what is repaid for it. */
function profitable(desk: LoanDesk, pool: ConstantProduct, borrower: Borrower, price: number): Sale | undefined {
  let mostRepaid = desk.rule.debtOf(desk.book, borrower);
  for (let attempt = 0; attempt < halvings && mostRepaid > 0; attempt++) {
    const done = desk.rule.liquidate(desk.book, borrower, { price, mostRepaid });
    const proceeds = done.seized > 0 ? pool.sell(desk.board.pools[borrower.model], done.seized).paidOut : 0;
    if (done.seized > 0 && done.repaid > 0 && proceeds >= done.repaid) return { done, proceeds };
    mostRepaid = Math.floor(mostRepaid / 2);
  }
  return undefined;
}

/** Posts a liquidation: collateral into the pool, its proceeds to the liquidator, and what is repaid to the lenders. */
function settle(
  state: PathState,
  desk: LoanDesk,
  { provider, borrower, done, proceeds }: Sale & { provider: number; borrower: Borrower },
): void {
  const { ledger, cash, models } = state.books;
  const { model } = borrower;
  const { collateral, pools, liquidator, lenders } = desk.board.accounts;
  const [reason, asset] = ["liquidation", models[model].ownership];
  const buyer = proceeds > 0 ? pools[model] : liquidator;
  ledger.post({ reason, asset, from: collateral[model], to: buyer, amount: done.seized });
  ledger.post({ reason, asset: cash, from: pools[model], to: liquidator, amount: proceeds });
  ledger.post({ reason, asset: cash, from: liquidator, to: lenders, amount: done.repaid });
  if (proceeds > 0) restate({ state, board: desk.board, model }, desk.board.pools[model].shares);
  desk.book = done.book;
  desk.pledged[model] -= done.seized;
  desk.liquidatedMicros += done.repaid;
  if (done.position.debtShares > 0) {
    desk.borrowers.set(provider, { ...done.position, model });
    return;
  }
  const rest = { reason: "collateral returned", asset, from: collateral[model], to: provider };
  ledger.post({ ...rest, amount: done.position.collateral });
  desk.pledged[model] -= done.position.collateral;
  desk.borrowers.delete(provider);
}
