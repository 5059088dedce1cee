/**
 * Loans for providers who are short of cash, against the ownership that they hold.
 *
 * Whoever decides today, would gain by working, and lacks the cash for the coming period's running cost puts up units
 * of the model of which its holding is worth most, and borrows what is missing (`collateral-loan`). Units put up lie on
 * an account of their model; what they earn pays back debt first. Borrowers with more than two periods' running cost
 * pay back the rest. When the pool's price has fallen so far that a position is unhealthy, a liquidator sells the
 * collateral it takes into the pool and pays the debt with that, as far as it does not lose by it: units that the pool
 * would not take at a gain stay, and can end as bad debt.
 *
 * Checked: lenders' cash is what they are owed less what is lent, after each day; collateral on the books is that of
 * all positions; nobody borrows beyond the limit. Not modelled: borrowers who default while they could pay, and loans
 * for anything else.
 */
import { microsPerDollar } from "@shardlab/contracts";
import { type ConstantProductSpec, collateralLoan, constantProduct } from "@shardlab/markets";
import { epochSeconds } from "../epoch.ts";
import { type Extension, extensionBy, measuresWith } from "../extension.ts";
import type { PathState, Stage } from "../path-state.ts";
import type { EconomySpec } from "../spec.ts";
import type { Beliefs } from "../valuation.ts";
import { lendToShort } from "./lending.ts";
import { liquidateUnhealthy } from "./liquidating.ts";
import { type LoanDesk, openDesk } from "./loan-desk.ts";
import { marketBoard } from "./market-board.ts";
import type { MarketsSpec } from "./markets-spec.ts";
import { collectForDebts, payBack } from "./repaying.ts";

const measures = [
  ["borrowed", "$"],
  ["liquidated", "$"],
  ["bad-debt", "$"],
] as const;

/** What lenders ask for, and the pool into which collateral is sold. */
interface LoanTerms {
  readonly loans: NonNullable<MarketsSpec["loans"]>;
  readonly pool: ConstantProductSpec;
}

function loansStage(terms: LoanTerms): Stage {
  const rule = collateralLoan(terms.loans);
  const pool = constantProduct(terms.pool);
  let desk: LoanDesk | undefined;
  const deskOf = (state: PathState): LoanDesk => {
    const { loanToValue, supply } = terms.loans;
    desk ??= openDesk(state, marketBoard(state), {
      rule,
      loanToValue,
      supplyMicros: Math.floor(supply * microsPerDollar),
    });
    return desk;
  };
  const offered = (state: PathState, beliefs: Beliefs): void => lendToShort(state, beliefs, deskOf(state));
  const settled = (state: PathState): void => {
    const now = deskOf(state);
    now.book = rule.accrue(now.book, epochSeconds);
    collectForDebts(state, now);
    payBack(state, now);
    liquidateUnhealthy(state, now, pool);
  };
  return {
    kind: "loans",
    begin: (state) => {
      deskOf(state);
    },
    offered,
    settled,
    measures: () => {
      const values = [desk?.borrowedMicros ?? 0, desk?.liquidatedMicros ?? 0, desk?.book.badDebt ?? 0];
      const dollars = values.map((micros) => micros / microsPerDollar);
      return measuresWith(measures, dollars);
    },
    trace: (hash) => {
      for (const value of [desk?.book.supplied ?? 0, desk?.book.borrowed ?? 0, desk?.book.badDebt ?? 0])
        hash.addFloat64(value);
    },
  };
}

const termsOf = ({ markets }: EconomySpec): LoanTerms | undefined =>
  markets?.loans !== undefined && markets.ownership?.kind === "constant-product"
    ? { loans: markets.loans, pool: markets.ownership }
    : undefined;

export const loans: Extension = extensionBy(termsOf, {
  create: (_, terms) => loansStage(terms),
  measures: () => measures,
  assumptions: () => [
    {
      statement:
        "Providers borrow for running cost alone, and only against ownership of one model at a time; liquidators act once a day.",
    },
  ],
});
