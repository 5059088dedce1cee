/** What a batch must satisfy before it may touch a balance: whole amounts, known accounts and assets, equal lengths. */
import type { AccountId, AccountRange, AssetId, PostingBatch } from "@shardlab/contracts";
import { type AccountRows, limbRadix, type TwoLimbs } from "./balances.ts";

type Side = PostingBatch["from"];

/** The largest amount of one row; `post` takes larger ones as bigint. */
export const largestAmount = limbRadix;

/** Checks every amount of a column and returns their total. */
export function checkedTotal(amount: Float64Array): TwoLimbs {
  let high = 0;
  let low = 0;
  for (let row = 0; row < amount.length; row++) {
    const value = amount[row];
    // Written so that NaN fails as well.
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
  for (let row = 0; row < ids.length; row++) {
    // An unsigned comparison refuses negative ids as well.
    if (ids[row] >>> 0 >= count) throw new Error(`unknown ${noun}: ${ids[row]} in row ${row}`);
  }
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
