/** What a batch must satisfy before it may touch a balance: whole amounts, known accounts and assets, equal lengths. */
import type { AccountId, AccountRange, AssetId, PostingBatch } from "@shardlab/contracts";
import { type AccountRows, limbRadix, type TwoLimbs } from "./balances.ts";

type Side = PostingBatch["from"];

/** The largest amount of one row; `post` takes larger ones as bigint. */
export const largestAmount = limbRadix;

/** A block of so many amounts up to 2^42 sums to less than 2^52, so that it needs no carry within. */
const blockRows = 1024;
const smallAmount = 4_398_046_511_104;

/** Checks every amount of a column and returns their total. */
export function checkedTotal(amount: Float64Array): TwoLimbs {
  let high = 0;
  let low = 0;
  for (let begin = 0; begin < amount.length; begin += blockRows) {
    const end = Math.min(begin + blockRows, amount.length);
    const sum = smallTotal(amount, begin, end);
    const { high: carried, low: rest } = sum >= 0 ? { high: 0, low: sum } : carriedTotal(amount, begin, end);
    low += rest;
    high += carried;
    if (low >= limbRadix) {
      low -= limbRadix;
      high += 1;
    }
  }
  return { high, low };
}

/** Sum of amounts up to 2^42, or -1 where one of them is larger or invalid. */
function smallTotal(amount: Float64Array, begin: number, end: number): number {
  let sum = 0;
  for (let row = begin; row < end; row++) {
    const value = amount[row];
    // Written so that NaN fails as well.
    if (!(value >= 0 && value <= smallAmount && Math.floor(value) === value)) return -1;
    sum += value;
  }
  return sum;
}

/** The same for amounts up to 2^52. */
function carriedTotal(amount: Float64Array, begin: number, end: number): TwoLimbs {
  let high = 0;
  let low = 0;
  for (let row = begin; row < end; row++) {
    const value = amount[row];
    if (!(value >= 0 && value <= largestAmount && Math.floor(value) === value)) {
      throw new Error(`invalid amount: ${value} in row ${row}`);
    }
    low += value;
    if (low >= limbRadix) {
      low -= limbRadix;
      high += 1;
    }
  }
  return { high, low };
}

function checkColumn(ids: Int32Array, count: number, noun: string): void {
  // The sign bit collects ids below 0 and above the last; the row is looked for only once there is one.
  let outside = 0;
  for (let row = 0; row < ids.length; row++) outside |= ids[row] | (count - 1 - ids[row]);
  if (outside >= 0) return;
  const row = ids.findIndex((id) => id < 0 || id >= count);
  throw new Error(`unknown ${noun}: ${ids[row]} in row ${row}`);
}

function checkLength(found: number, rows: number, what: string): void {
  if (found !== rows) throw new Error(`unequal lengths: ${what} has ${found} rows, amount has ${rows}`);
}

export function checkAccount(account: AccountId, accounts: number): void {
  if (!(Number.isInteger(account) && account >= 0 && account < accounts)) {
    throw new Error(`unknown account: ${account}`);
  }
}

/** Refuses a range that is not within [0, accounts). */
export function checkRange({ first, count }: AccountRange, accounts: number): void {
  const whole = Number.isInteger(first) && Number.isInteger(count);
  if (!(whole && first >= 0 && count >= 0 && first + count <= accounts)) {
    throw new Error(`unknown accounts: ${first} to ${first + count - 1}`);
  }
}

export function checkAsset(asset: AssetId, assets: number): void {
  if (!(Number.isInteger(asset) && asset >= 0 && asset < assets)) throw new Error(`unknown asset: ${asset}`);
}

/** Refuses a side of another length than the amounts, or one that names an account that does not exist. */
export function checkSide(side: Side, rows: number, accounts: number, name: "from" | "to"): void {
  if (typeof side === "number") {
    checkAccount(side, accounts);
  } else if (side instanceof Int32Array) {
    checkLength(side.length, rows, name);
    checkColumn(side, accounts, "account");
  } else {
    checkLength(side.count, rows, name);
    checkRange(side, accounts);
  }
}

/** Refuses assets that do not exist. */
export function checkAssets(asset: PostingBatch["asset"], rows: number, assets: number): void {
  if (typeof asset === "number") {
    checkAsset(asset, assets);
  } else {
    checkLength(asset.length, rows, "asset");
    checkColumn(asset, assets, "asset");
  }
}

export function accountRows(side: Side): AccountRows {
  if (typeof side === "number") return { accounts: undefined, first: side, step: 0 };
  if (side instanceof Int32Array) return { accounts: side, first: 0, step: 0 };
  return { accounts: undefined, first: side.first, step: 1 };
}

/** The account of one row of a side. */
export function accountAt(side: Side, row: number): AccountId {
  const { accounts, first, step } = accountRows(side);
  return accounts === undefined ? first + step * row : accounts[row];
}
