/** The accounts and assets of a ledger, and the columns that hold their balances. */
import type { AccountRange, AssetId } from "@shardlab/contracts";
import { type AccountNames, createAccountNames } from "./account-names.ts";
import type { BalanceColumn } from "./balances.ts";

/** What is counted: cash, a token, ownership of one model, stake. Amounts are integers of 10^-decimals `unit`. */
export interface AssetDefinition {
  readonly name: string;
  /** The unit for readers, such as `$`, `coin` or `share`. */
  readonly unit: string;
  /** Decimals of the unit that one smallest unit stands for: 6 for micro-dollars. */
  readonly decimals: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Book {
  readonly assets: AssetDefinition[];
  readonly columns: Mutable<BalanceColumn>[];
  readonly names: AccountNames;
  mayOverdraw: Uint8Array;
  accounts: number;
}

export function createBook(accounts: number): Book {
  checkCount(accounts);
  return {
    assets: [],
    columns: [],
    names: createAccountNames(),
    mayOverdraw: new Uint8Array(accounts),
    accounts,
  };
}

export function addAsset(book: Book, definition: AssetDefinition): AssetId {
  if (book.assets.some(({ name }) => name === definition.name)) throw new Error(`duplicate asset: ${definition.name}`);
  if (!(Number.isInteger(definition.decimals) && definition.decimals >= 0)) {
    throw new Error(`invalid decimals: ${definition.decimals} of ${definition.name}`);
  }
  const capacity = book.mayOverdraw.length;
  const { mayOverdraw } = book;
  book.columns.push({ low: new Float64Array(capacity), high: new Int32Array(capacity), mayOverdraw });
  return book.assets.push(definition) - 1;
}

/** Appends accounts with balances of zero; columns grow by half, so that adding accounts one by one stays linear. */
export function addAccounts(book: Book, count: number): AccountRange {
  checkCount(count);
  const first = book.accounts;
  const needed = first + count;
  if (needed > book.mayOverdraw.length) {
    const capacity = Math.max(needed, Math.ceil(1.5 * first));
    book.mayOverdraw = grown(book.mayOverdraw, new Uint8Array(capacity));
    for (const column of book.columns) {
      column.low = grown(column.low, new Float64Array(capacity));
      column.high = grown(column.high, new Int32Array(capacity));
      column.mayOverdraw = book.mayOverdraw;
    }
  }
  book.accounts = needed;
  return { first, count };
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(old: T, next: T): T {
  next.set(old);
  return next;
}

function checkCount(count: number): void {
  if (!(Number.isInteger(count) && count >= 0)) throw new Error(`invalid number of accounts: ${count}`);
}
