/**
 * Collateral loan: cash is lent against units of ownership, and whoever's debt outgrows its collateral is liquidated.
 *
 * A borrower may owe up to `loanToValue` of its collateral at the market price p. Beyond `liquidationThreshold` T
 * anybody may repay debt and take collateral worth the repaid sum times the incentive, min(M, 1 / (b T + 1 - b)) with b
 * = 0.3 and M = 1.15. What is owed when the collateral is gone is bad debt, and the lenders' loss. Debt compounds
 * continuously, exp(r t), at a rate r that follows utilisation u: `adaptive-curve` asks (1 + x (C - 1)) r_T above the
 * target u_T and (1 + x (1 - 1 / C)) r_T below it, x being u - u_T over the room on that side, while r_T itself moves
 * as exp(v x t); `kinked` is base + slope u / u_T up to its kink u_T, and steeper beyond; `fixed` is constant.
 *
 * Source: Morpho Labs, "Morpho Blue" (2023) and its public contracts (constants of liquidation; AdaptiveCurveIRM: C =
 * 4, u_T = 90 %, r_T = 4 % at the start between 0.1 % and 200 %, v = 50 a year); Compound's JumpRateModel and Aave's
 * rate strategy for the kink. Morpho lends up to the threshold itself and approximates exp(x) - 1 by three terms; here the
 * two limits can differ, compounding is exact, and the average rate of an interval is the integral of the curve.
 *
 * Debts are shares of all that is owed, in whole numbers rounded against the borrower. Checked: accrual over a split interval,
 * the curve and its average against quadrature, Morpho's published factors, conservation of what lenders are owed, and that a
 * liquidation lowers the ratio of debt to collateral as long as the debt is below the collateral over the incentive (beyond the
 * threshold there is such debt only if threshold times incentive is below 1, which is asked for).
 */
import { quantity, share } from "@shardlab/contracts";
import { expm1 } from "@shardlab/numerics";
import { z } from "zod";
import { averageRate, rateRuleSpec } from "./borrow-rate.ts";
import { ceilingOfQuotient, checkAmount, floorOfQuotient } from "./whole-amount.ts";

const liquidationCursor = 0.3;
const largestIncentive = 1.15;

/** Morpho's liquidation incentive factor at a threshold. */
export const liquidationIncentive = (threshold: number): number =>
  Math.min(largestIncentive, 1 / (liquidationCursor * threshold + 1 - liquidationCursor));

export const collateralLoanSpec = z
  .strictObject({
    kind: z.literal("collateral-loan"),
    supply: quantity("money", { min: "$0" }).prefault("$100k").describe("cash that lenders put up"),
    loanToValue: share({ max: 0.99 }).prefault(0.6).describe("largest debt at the time of borrowing, in collateral"),
    liquidationThreshold: share({ min: 0.01, max: 0.99 })
      .prefault(0.77)
      .describe("debt in collateral beyond which it is sold"),
    incentive: z
      .number()
      .min(1)
      .max(2)
      .optional()
      .describe("collateral taken for repaid debt; by Morpho's formula unless given"),
    rate: rateRuleSpec.prefault({ kind: "adaptive-curve" }),
  })
  .superRefine(({ loanToValue, liquidationThreshold, incentive }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (liquidationThreshold < loanToValue) {
      refuse("liquidationThreshold", `below loanToValue: ${liquidationThreshold} (expected at least ${loanToValue})`);
    }
    const asked = incentive ?? liquidationIncentive(liquidationThreshold);
    if (asked * liquidationThreshold >= 1) {
      refuse("incentive", `too large: ${asked} (expected less than 1 / liquidationThreshold)`);
    }
  })
  .describe("cash lent against ownership");
export type CollateralLoanSpec = z.output<typeof collateralLoanSpec>;

/** All that lenders have lent. Amounts are whole smallest units of cash; rates per second. */
export interface LoanBook {
  /** What lenders are owed, lent out or not. */
  readonly supplied: number;
  readonly borrowed: number;
  readonly debtShares: number;
  /** Rate at target utilisation, for rules that move it. */
  readonly rateAtTarget: number;
  readonly badDebt: number;
}

/** One borrower's position: shares of the debt, and units of collateral. */
export interface LoanPosition {
  readonly debtShares: number;
  readonly collateral: number;
}

export interface Liquidation {
  readonly book: LoanBook;
  readonly position: LoanPosition;
  readonly repaid: number;
  readonly seized: number;
  /** Debt written off because no collateral is left. */
  readonly badDebt: number;
}

export interface CollateralLoan {
  readonly kind: "collateral-loan";
  readonly incentive: number;
  open(supplied: number): LoanBook;
  /** The rate at which debt grows now, per second. */
  rate(book: LoanBook): number;
  /** @throws `invalid debt` where what lenders are owed exceeds 2^52 */
  accrue(book: LoanBook, seconds: number): LoanBook;
  debtOf(book: LoanBook, position: LoanPosition): number;
  /** The most that a position may still borrow at a price (cash per unit), given what is left to lend. */
  room(book: LoanBook, position: LoanPosition, price: number): number;
  /** @throws `loan beyond its limit` */
  borrow(book: LoanBook, position: LoanPosition, loan: { cash: number; price: number }): Moved;
  /** Repays at most what is owed. */
  repay(book: LoanBook, position: LoanPosition, cash: number): Moved & { readonly repaid: number };
  /** @throws `healthy position` */
  liquidate(book: LoanBook, position: LoanPosition, offer: { price: number; mostRepaid: number }): Liquidation;
  isUnhealthy(book: LoanBook, position: LoanPosition, price: number): boolean;
}

export interface Moved {
  readonly book: LoanBook;
  readonly position: LoanPosition;
}

export function collateralLoan(spec: CollateralLoanSpec): CollateralLoan {
  const incentive = spec.incentive ?? liquidationIncentive(spec.liquidationThreshold);
  const room = (book: LoanBook, position: LoanPosition, price: number) => {
    const limit = Math.floor(spec.loanToValue * position.collateral * price);
    // Rounding can add a share's worth to the debt, which must not make the loan that is taken a case for liquidation.
    const healthy = Math.floor(spec.liquidationThreshold * position.collateral * price) - roundingOf(book);
    return Math.max(0, Math.min(Math.min(limit, healthy) - debtOf(book, position), book.supplied - book.borrowed));
  };
  const isUnhealthy = (book: LoanBook, position: LoanPosition, price: number) =>
    debtOf(book, position) > spec.liquidationThreshold * position.collateral * price;
  const rateOver = (book: LoanBook, seconds: number) =>
    averageRate(spec.rate, { used: utilization(book), rateAtTarget: book.rateAtTarget }, seconds);
  return {
    kind: spec.kind,
    incentive,
    open: (supplied) => {
      checkAmount(supplied, "supply");
      const rateAtTarget = spec.rate.kind === "adaptive-curve" ? spec.rate.rateAtTarget : 0;
      return { supplied, borrowed: 0, debtShares: 0, rateAtTarget, badDebt: 0 };
    },
    rate: (book) => rateOver(book, 0).now,
    accrue: (book, seconds) => {
      const { average, rateAtTarget } = rateOver(book, seconds);
      const interest = Math.floor(book.borrowed * expm1(average * seconds));
      checkAmount(book.supplied + interest, "debt");
      return { ...book, supplied: book.supplied + interest, borrowed: book.borrowed + interest, rateAtTarget };
    },
    debtOf,
    room,
    borrow: (book, position, { cash, price }) => {
      checkAmount(cash, "loan");
      const limit = room(book, position, price);
      if (cash > limit) throw new Error(`loan beyond its limit: ${cash} (expected at most ${limit})`);
      return owe(book, position, cash);
    },
    repay,
    isUnhealthy,
    liquidate: (book, position, offer) => {
      if (!isUnhealthy(book, position, offer.price)) {
        throw new Error(`healthy position: ${debtOf(book, position)} owed (expected more than the threshold)`);
      }
      return liquidate(book, position, { ...offer, incentive });
    },
  };
}

/** Share of what is supplied that is lent out. */
export const utilization = ({ supplied, borrowed }: LoanBook): number => (supplied > 0 ? borrowed / supplied : 0);

function debtOf({ borrowed, debtShares }: LoanBook, position: LoanPosition): number {
  if (position.debtShares === 0) return 0;
  return Number(ceilingOfQuotient(BigInt(position.debtShares), BigInt(borrowed), BigInt(debtShares)));
}

/** The most by which a further loan can add more to a debt than was lent: nothing while shares are worth 1 each. */
const roundingOf = ({ borrowed, debtShares }: LoanBook): number =>
  borrowed > debtShares ? Math.ceil(borrowed / debtShares) : 0;

/** A share stands for a unit of cash at first, and for more as debt grows: there are never more shares than cash owed. */
function owe(book: LoanBook, position: LoanPosition, cash: number): Moved {
  const shares =
    book.debtShares === 0
      ? cash
      : Number(ceilingOfQuotient(BigInt(cash), BigInt(book.debtShares), BigInt(book.borrowed)));
  return {
    book: { ...book, borrowed: book.borrowed + cash, debtShares: book.debtShares + shares },
    position: { ...position, debtShares: position.debtShares + shares },
  };
}

function repay(book: LoanBook, position: LoanPosition, cash: number): Moved & { readonly repaid: number } {
  checkAmount(cash, "repayment");
  const debt = debtOf(book, position);
  const repaid = Math.min(cash, debt);
  const shares =
    repaid === debt
      ? position.debtShares
      : Number(floorOfQuotient(BigInt(cash), BigInt(book.debtShares), BigInt(book.borrowed)));
  return { ...settle(book, position, { cash: repaid, shares }), repaid };
}

function settle(
  book: LoanBook,
  position: LoanPosition,
  { cash, shares }: { readonly cash: number; readonly shares: number },
): Moved {
  const debtShares = book.debtShares - shares;
  // Where no share is left, what is left of the debt is dust of rounding that nobody owes: the lenders' loss.
  const borrowed = book.borrowed - cash;
  const dust = debtShares === 0 ? borrowed : 0;
  return {
    book: { ...book, supplied: book.supplied - dust, borrowed: borrowed - dust, debtShares },
    position: { ...position, debtShares: position.debtShares - shares },
  };
}

function liquidate(
  book: LoanBook,
  position: LoanPosition,
  { price, mostRepaid, incentive }: { price: number; mostRepaid: number; incentive: number },
): Liquidation {
  checkAmount(mostRepaid, "repayment");
  const debt = debtOf(book, position);
  const worth = Math.floor((position.collateral * price) / incentive);
  const wanted = Math.min(debt, mostRepaid);
  const takesAll = wanted >= worth;
  const cash = takesAll ? worth : wanted;
  const seized = takesAll ? position.collateral : Math.min(position.collateral, Math.floor((cash * incentive) / price));
  const paid = repay(book, position, cash);
  const left = { ...paid.position, collateral: position.collateral - seized };
  if (left.collateral > 0 || left.debtShares === 0) {
    return { book: paid.book, position: left, repaid: paid.repaid, seized, badDebt: 0 };
  }
  const badDebt = debtOf(paid.book, left);
  const written = settle(paid.book, left, { cash: badDebt, shares: left.debtShares });
  return {
    book: {
      ...written.book,
      supplied: written.book.supplied - badDebt,
      badDebt: written.book.badDebt + badDebt,
    },
    position: written.position,
    repaid: paid.repaid,
    seized,
    badDebt,
  };
}
