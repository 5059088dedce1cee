/** What the loans of one path are at a moment, and the postings that change a position. */
import { microsPerDollar } from "@shardlab/contracts";
import type { CollateralLoan, LoanBook, LoanPosition } from "@shardlab/markets";
import type { Books } from "../books.ts";
import type { PathState } from "../path-state.ts";
import type { MarketBoard } from "./market-board.ts";

/** A borrower's position, and the model whose ownership stands for it. */
export interface Borrower extends LoanPosition {
  readonly model: number;
}

export interface LoanDesk {
  readonly rule: CollateralLoan;
  readonly loanToValue: number;
  readonly board: MarketBoard;
  book: LoanBook;
  /** By provider, in the order in which they first borrowed. */
  readonly borrowers: Map<number, Borrower>;
  /** Units of each model that stand for loans. */
  readonly pledged: Float64Array;
  borrowedMicros: number;
  liquidatedMicros: number;
}

const desks = new WeakMap<Books, LoanDesk>();

/** The desk of a path; undefined before it opens. */
export const loanDesk = ({ books }: PathState): LoanDesk | undefined => desks.get(books);

/** Opens the desk of a path, with what lenders put up on their account. */
export function openDesk(
  { books }: PathState,
  board: MarketBoard,
  terms: { rule: CollateralLoan; loanToValue: number; supplyMicros: number },
): LoanDesk {
  const { rule, loanToValue, supplyMicros } = terms;
  const desk = {
    ...{ rule, loanToValue, board, book: rule.open(supplyMicros), borrowers: new Map() },
    ...{ pledged: new Float64Array(board.price.length), borrowedMicros: 0, liquidatedMicros: 0 },
  };
  const [reason, asset, from, to] = ["wealth at the start", books.cash, books.customers, board.accounts.lenders];
  books.ledger.post({ reason, asset, from, to, amount: supplyMicros });
  desks.set(books, desk);
  return desk;
}

/** Price of a unit in micro-dollars, as loans reckon. */
export const priceMicros = ({ board }: LoanDesk, model: number): number => board.price[model] * microsPerDollar;

/** Repays from an account what a borrower owes, at most; whoever owes nothing any more gets its collateral back. Returns what was paid. */
export function repayFrom(
  state: PathState,
  desk: LoanDesk,
  { provider, account, most }: { provider: number; account: number; most: number },
): number {
  const borrower = desk.borrowers.get(provider);
  if (borrower === undefined) return 0;
  const { book, position, repaid } = desk.rule.repay(desk.book, borrower, most);
  desk.book = book;
  const { ledger, cash, models } = state.books;
  const { lenders, collateral } = desk.board.accounts;
  ledger.post({ reason: "loan repaid", asset: cash, from: account, to: lenders, amount: repaid });
  if (position.debtShares > 0) {
    desk.borrowers.set(provider, { ...position, model: borrower.model });
    return repaid;
  }
  const [from, asset] = [collateral[borrower.model], models[borrower.model].ownership];
  ledger.post({ reason: "collateral returned", asset, from, to: provider, amount: position.collateral });
  desk.pledged[borrower.model] -= position.collateral;
  desk.borrowers.delete(provider);
  return repaid;
}
