/** Applies a posting or a batch to the balances, whole or not at all: every payer first, then every receiver. */
import type { AccountId, AssetId, PostingBatch } from "@shardlab/contracts";
import {
  creditColumn,
  creditMixed,
  creditOne,
  creditRange,
  creditTotal,
  debitColumn,
  debitMixed,
  debitOne,
  debitRange,
  debitTotal,
  type TwoLimbs,
  toBigInt,
} from "./balances.ts";
import { accountAt, accountRows, checkAssets, checkedTotal, checkSide } from "./batch.ts";
import type { Book } from "./book.ts";

/** One posting; `amount` is a non-negative integer up to 2^52, or a non-negative bigint below 2^83. */
export interface Posting {
  readonly reason: string;
  readonly asset: AssetId;
  readonly from: AccountId;
  readonly to: AccountId;
  readonly amount: number | bigint;
}

/**
 * Applies a batch.
 *
 * @throws `invalid amount`, `unknown account`, `unknown asset`, `unequal lengths`, `overdraft`, `balance out of range`
 */
export function applyBatch(book: Book, batch: PostingBatch): void {
  const { asset, from, to, amount } = batch;
  const rows = amount.length;
  const total = checkedTotal(amount);
  checkAssets(asset, rows, book.columns.length);
  checkSide(from, rows, book.accounts, "from");
  checkSide(to, rows, book.accounts, "to");
  const debited = debit(book, asset, from, amount, rows, total);
  if (debited < rows) {
    credit(book, asset, from, amount, debited, total);
    throw refusedPayer(book, batch, debited);
  }
  const credited = credit(book, asset, to, amount, rows, total);
  if (credited < rows) {
    debit(book, asset, to, amount, credited, total);
    credit(book, asset, from, amount, rows, total);
    throw outOfRange(book, accountAt(to, credited), assetAt(asset, credited), batch.reason);
  }
}

/** Takes rows [0, end) from a side; a single account pays the batch's total at once, or nothing of it. */
function debit(
  book: Book,
  asset: PostingBatch["asset"],
  side: PostingBatch["from"],
  amount: Float64Array,
  end: number,
  total: TwoLimbs,
): number {
  if (end === 0) return 0;
  if (typeof asset !== "number") return debitMixed(book.columns, asset, accountRows(side), amount, end);
  const column = book.columns[asset];
  if (typeof side === "number") return debitTotal(column, side, total) ? end : 0;
  if (side instanceof Int32Array) return debitColumn(column, side, amount, end);
  return debitRange(column, side.first, amount, end);
}

/** The counterpart of `debit`. */
function credit(
  book: Book,
  asset: PostingBatch["asset"],
  side: PostingBatch["to"],
  amount: Float64Array,
  end: number,
  total: TwoLimbs,
): number {
  if (end === 0) return 0;
  if (typeof asset !== "number") return creditMixed(book.columns, asset, accountRows(side), amount, end);
  const column = book.columns[asset];
  if (typeof side === "number") return creditTotal(column, side, total) ? end : 0;
  if (side instanceof Int32Array) return creditColumn(column, side, amount, end);
  return creditRange(column, side.first, amount, end);
}

/** Applies one posting of checked accounts, asset and amount (at most 2^52). */
export function applyOne(book: Book, { reason, asset, from, to }: Posting, amount: number): void {
  const column = book.columns[asset];
  if (!debitOne(column, from, amount)) throw refused(book, from, asset, BigInt(amount), reason);
  if (creditOne(column, to, amount)) return;
  creditOne(column, from, amount);
  throw outOfRange(book, to, asset, reason);
}

/** Applies one posting of any size. */
export function applyLarge(book: Book, { reason, asset, from, to }: Posting, amount: TwoLimbs): void {
  const column = book.columns[asset];
  const needed = toBigInt(amount.high, amount.low);
  if (!debitTotal(column, from, amount)) throw refused(book, from, asset, needed, reason);
  if (creditTotal(column, to, amount)) return;
  creditTotal(column, from, amount);
  throw outOfRange(book, to, asset, reason);
}

const assetAt = (asset: PostingBatch["asset"], row: number): AssetId =>
  typeof asset === "number" ? asset : asset[row];

/** Says what the payer of a refused row has, and what it would have needed for all it pays in the batch. */
function refusedPayer(book: Book, { reason, asset, from, amount }: PostingBatch, row: number): Error {
  const payer = accountAt(from, row);
  const paid = assetAt(asset, row);
  let needed = 0n;
  for (let other = 0; other < amount.length; other++) {
    if (accountAt(from, other) === payer && assetAt(asset, other) === paid) needed += BigInt(amount[other]);
  }
  return refused(book, payer, paid, needed, reason);
}

function refused(book: Book, account: AccountId, asset: AssetId, needed: bigint, reason: string): Error {
  if (book.mayOverdraw[account] === 1) return outOfRange(book, account, asset, reason);
  const { low, high } = book.columns[asset];
  const held = toBigInt(high[account], low[account]);
  const name = book.names.nameOf(account);
  return new Error(`overdraft: ${name} has ${held} of ${book.assets[asset].name}, needs ${needed} (${reason})`);
}

const outOfRange = (book: Book, account: AccountId, asset: AssetId, reason: string): Error =>
  new Error(`balance out of range: ${book.names.nameOf(account)} in ${book.assets[asset].name} (${reason})`);
