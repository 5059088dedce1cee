/**
 * The double-entry ledger: every posting moves an amount from one account to another, so every asset sums to zero.
 *
 * One rule decides about overdrafts, and it does not depend on the order of rows: **each paying account must hold, before
 * the batch, the sum of what it pays in the batch.** Money received within a batch cannot be spent in it (not even by a
 * transfer of an account to itself, which otherwise changes nothing). Accounts flagged `mayOverdraw` are exempt. A batch
 * that fails leaves no trace.
 */
import type { AccountId, AccountRange, AssetId, LedgerView, PostingBatch } from "@shardlab/contracts";
import { applyBatch, applyLarge, applyOne, type Posting } from "./apply.ts";
import { columnTotal, limbRadix, toBigInt, toLimbs } from "./balances.ts";
import { checkAccount, checkAsset, checkRange, largestAmount } from "./batch.ts";
import { type AssetDefinition, addAccounts, addAsset, type Book, createBook } from "./book.ts";
import { balanceAt, type ExplainedPosting, type ExplainOptions, explain } from "./explain.ts";
import { beginEpoch, createJournal, type Journal, recordBatch, recordLarge, recordOne } from "./journal.ts";

const defaultJournalRows = 10_000_000;

export interface LedgerOptions {
  /** Number of accounts to begin with. */
  readonly accounts: number;
  /** Assets to begin with; asset i is `assets[i]`. */
  readonly assets: readonly AssetDefinition[];
  /** Rows that the journal keeps (default 10^7; 0 keeps none). */
  readonly journalCapacity?: number;
  /** Contra accounts (issuer, customers, sponsor), whose balances may be negative. */
  readonly mayOverdraw?: readonly AccountId[];
}

/** Live balances of one asset: row i is account i, value = high * 2^52 + low. Valid until accounts are added. */
export interface BalanceLimbs {
  readonly low: Readonly<Float64Array>;
  readonly high: Readonly<Int32Array>;
}

export interface Ledger extends LedgerView {
  readonly assets: readonly AssetDefinition[];
  readonly accountCount: number;
  /** Appends accounts with balances of zero. */
  addAccounts(count: number): AccountRange;
  addAsset(definition: AssetDefinition): AssetId;
  /** Names accounts for messages: `provider/17` in a range, `issuer` alone. */
  nameAccounts(accounts: AccountRange, name: string): void;
  accountName(account: AccountId): string;
  /** Lets an account go negative from now on. */
  allowOverdraft(account: AccountId): void;
  /** Applies one posting. @throws as `postBatch` */
  post(posting: Posting): void;
  /** Applies a batch whole or not at all. @throws `overdraft`, `invalid amount`, `unknown account`, `balance out of range` */
  postBatch(batch: PostingBatch): void;
  /** Postings from now on belong to this epoch; epochs never go back. */
  beginEpoch(epoch: number): void;
  readonly epoch: number;
  /** The first epoch of which the journal holds every posting. */
  readonly journalBegins: number;
  /**
   * The postings that moved an account (in one asset, or in all), oldest first, with reasons and running balances.
   *
   * @throws `journal begins at epoch 120: replay the run to epoch 50` where the journal does not hold the asked epoch whole
   */
  explain(account: AccountId, asset?: AssetId, options?: ExplainOptions): ExplainedPosting[];
  /**
   * The balance at the end of an epoch. A journal that begins at epoch e still knows the end of epoch e - 1.
   *
   * @throws as `explain`
   */
  balanceAt(account: AccountId, asset: AssetId, epoch: number): bigint;
  balanceLimbs(asset: AssetId): BalanceLimbs;
  /** Exact sum of an asset over all accounts: 0n unless the ledger is broken. */
  total(asset: AssetId): bigint;
  /** @throws `conservation broken: cash sums to 3` */
  checkConservation(): void;
}

/** Creates a ledger whose balances are all zero. */
export function createLedger(options: LedgerOptions): Ledger {
  const book = createBook(options.accounts);
  for (const definition of options.assets) addAsset(book, definition);
  for (const account of options.mayOverdraw ?? []) allowOverdraft(book, account);
  const journal = createJournal(options.journalCapacity ?? defaultJournalRows);
  const view = viewOf(book);
  return {
    ...view,
    assets: book.assets,
    get accountCount() {
      return book.accounts;
    },
    get epoch() {
      return journal.epoch;
    },
    get journalBegins() {
      return Math.max(0, journal.lostEpoch + 1);
    },
    addAccounts: (count) => addAccounts(book, count),
    addAsset: (definition) => addAsset(book, definition),
    nameAccounts(accounts, name) {
      checkRange(accounts, book.accounts);
      book.names.name(accounts, name);
    },
    accountName: (account) => book.names.nameOf(account),
    allowOverdraft: (account) => allowOverdraft(book, account),
    post: (posting) => post(book, journal, posting),
    postBatch(batch) {
      applyBatch(book, batch);
      recordBatch(journal, batch);
    },
    beginEpoch: (next) => beginEpoch(journal, next),
    explain(account, asset, options = {}) {
      checkAccount(account, book.accounts);
      if (asset !== undefined) checkAsset(asset, book.columns.length);
      return explain(journal, { account, asset, ...options }, (moved) => view.exactBalance(account, moved));
    },
    balanceAt: (account, asset, epoch) =>
      balanceAt(journal, { account, asset, epoch }, view.exactBalance(account, asset)),
    balanceLimbs(asset) {
      checkAsset(asset, book.columns.length);
      return book.columns[asset];
    },
    total: (asset) => totalOf(book, asset),
    checkConservation() {
      for (const [asset, { name }] of book.assets.entries()) {
        const sum = totalOf(book, asset);
        if (sum !== 0n) throw new Error(`conservation broken: ${name} sums to ${sum}`);
      }
    },
  };
}

function post(book: Book, journal: Journal, posting: Posting): void {
  const { asset, from, to, amount } = posting;
  checkAsset(asset, book.columns.length);
  checkAccount(from, book.accounts);
  checkAccount(to, book.accounts);
  if (typeof amount === "number") {
    // Written so that NaN fails as well.
    if (!(amount >= 0 && amount <= largestAmount && Math.floor(amount) === amount)) {
      throw new Error(`invalid amount: ${amount}`);
    }
    applyOne(book, posting, amount);
    recordOne(journal, posting, amount);
    return;
  }
  if (amount < 0n || amount >> 83n !== 0n) throw new Error(`invalid amount: ${amount}`);
  const limbs = toLimbs(amount);
  applyLarge(book, posting, limbs);
  recordLarge(journal, posting, limbs);
}

function allowOverdraft(book: Book, account: AccountId): void {
  checkAccount(account, book.accounts);
  book.mayOverdraw[account] = 1;
}

function totalOf(book: Book, asset: AssetId): bigint {
  checkAsset(asset, book.columns.length);
  return columnTotal(book.columns[asset]);
}

function viewOf(book: Book): LedgerView {
  const check = (account: AccountId, asset: AssetId): void => {
    checkAsset(asset, book.columns.length);
    checkAccount(account, book.accounts);
  };
  return {
    balance(account, asset) {
      check(account, asset);
      const { low, high } = book.columns[asset];
      return high[account] * limbRadix + low[account];
    },
    exactBalance(account, asset) {
      check(account, asset);
      const { low, high } = book.columns[asset];
      return toBigInt(high[account], low[account]);
    },
    balancesInto(accounts, asset, out) {
      checkAsset(asset, book.columns.length);
      checkRange(accounts, book.accounts);
      if (out.length !== accounts.count) {
        throw new Error(`unequal lengths: out has ${out.length} rows, accounts has ${accounts.count}`);
      }
      const { low, high } = book.columns[asset];
      const { first, count } = accounts;
      for (let row = 0; row < count; row++) out[row] = high[first + row] * limbRadix + low[first + row];
    },
  };
}
