/** What worlds and mechanisms say to the ledger. Amounts are integers in the smallest unit of the asset. */

/** Index of an account; the world lays accounts out when it opens. */
export type AccountId = number;
/** Index of an asset (cash, a token, ownership of one model, stake). */
export type AssetId = number;

/** Cash is counted in micro-dollars. */
export const microsPerDollar = 1_000_000;

/** A run of consecutive accounts, such as all compute providers. */
export interface AccountRange {
  readonly first: AccountId;
  readonly count: number;
}

/**
 * Postings of one reason, as columns. Row i moves `amount[i]` of `asset` from `from` to `to`, so that every row, and
 * therefore every batch, sums to zero. A side that is a number is the same account in every row; a side that is a range
 * is account `first + i` in row i; a side that is a column names the account of each row.
 *
 * @property amount non-negative integers up to 2^52 in the smallest unit; rows of zero are allowed and leave no trace.
 * @property isPay false where providers get (or lock) what is theirs already or what owning earns: dividends, buy-backs, stake.
 * What a mechanism gives to providers is pay for their work otherwise; rules that hold pay back leave the rest alone.
 */
export interface PostingBatch {
  readonly reason: string;
  readonly asset: AssetId | Int32Array;
  readonly from: AccountId | AccountRange | Int32Array;
  readonly to: AccountId | AccountRange | Int32Array;
  readonly amount: Float64Array;
  readonly isPay?: false;
}

/** Balances as a mechanism may read them. Values beyond 2^53 are rounded to the nearest double; `exactBalance` is not. */
export interface LedgerView {
  balance(account: AccountId, asset: AssetId): number;
  exactBalance(account: AccountId, asset: AssetId): bigint;
  /** Balances of `accounts` in `asset`, written to `out` (length `accounts.count`). */
  balancesInto(accounts: AccountRange, asset: AssetId, out: Float64Array): void;
}
