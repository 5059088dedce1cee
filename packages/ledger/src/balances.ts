/**
 * Balances as two limbs, value = high * 2^52 + low with low in [0, 2^52): exact between -2^83 and 2^83.
 *
 * A payment touches only the low limb unless it carries, which is what makes the loops below run at the speed of memory.
 * Every loop takes rows [0, end) and returns the first row that it could not apply, or `end`; rows before it are applied.
 * Crediting the rows that were debited (and the reverse) restores every limb exactly.
 */
import type { AccountId, AssetId } from "@shardlab/contracts";

/** Radix of the low limb, 2^52. */
export const limbRadix = 4_503_599_627_370_496;
const limbBits = 52n;
const lowMask = (1n << limbBits) - 1n;
const highest = 2_147_483_647;
const lowest = -2_147_483_648;

/** A non-negative amount of any size in two limbs, as a batch's total. */
export interface TwoLimbs {
  readonly high: number;
  readonly low: number;
}

/** Balances of one asset, one row per account; `mayOverdraw[account]` is 1 where the balance may be negative. */
export interface BalanceColumn {
  readonly low: Float64Array;
  readonly high: Int32Array;
  readonly mayOverdraw: Uint8Array;
}

export const toBigInt = (high: number, low: number): bigint => (BigInt(high) << limbBits) + BigInt(low);
/** Splits a non-negative amount below 2^83. */
export const toLimbs = (amount: bigint): TwoLimbs => ({
  high: Number(amount >> limbBits),
  low: Number(amount & lowMask),
});

/** Stores a balance whose low limb became negative: `rest` is low - amount. */
function borrow({ low, high, mayOverdraw }: BalanceColumn, account: AccountId, rest: number): boolean {
  const limb = high[account];
  if (limb <= 0 && mayOverdraw[account] === 0) return false;
  if (limb === lowest) return false;
  low[account] = rest + limbRadix;
  high[account] = limb - 1;
  return true;
}

/** Stores a balance whose low limb became too large: `sum` is low + amount. */
function carry({ low, high }: BalanceColumn, account: AccountId, sum: number): boolean {
  if (high[account] === highest) return false;
  low[account] = sum - limbRadix;
  high[account] += 1;
  return true;
}

/** Takes one amount of at most 2^52; false (and no change) where the balance does not allow it. */
export function debitOne(column: BalanceColumn, account: AccountId, amount: number): boolean {
  const rest = column.low[account] - amount;
  if (rest < 0) return borrow(column, account, rest);
  column.low[account] = rest;
  return true;
}

/** Adds one amount of at most 2^52; false (and no change) where the balance would not fit. */
export function creditOne(column: BalanceColumn, account: AccountId, amount: number): boolean {
  const sum = column.low[account] + amount;
  if (sum >= limbRadix) return carry(column, account, sum);
  column.low[account] = sum;
  return true;
}

/** Takes a total of any size. */
export function debitTotal(column: BalanceColumn, account: AccountId, total: TwoLimbs): boolean {
  let low = column.low[account] - total.low;
  let high = column.high[account] - total.high;
  if (low < 0) {
    low += limbRadix;
    high -= 1;
  }
  if (high < lowest || (high < 0 && column.mayOverdraw[account] === 0)) return false;
  column.low[account] = low;
  column.high[account] = high;
  return true;
}

/** Adds a total of any size. */
export function creditTotal(column: BalanceColumn, account: AccountId, total: TwoLimbs): boolean {
  let low = column.low[account] + total.low;
  let high = column.high[account] + total.high;
  if (low >= limbRadix) {
    low -= limbRadix;
    high += 1;
  }
  if (high > highest) return false;
  column.low[account] = low;
  column.high[account] = high;
  return true;
}

/** Takes `amount[row]` from account `first + row`. */
export function debitRange(column: BalanceColumn, first: AccountId, amount: Float64Array, end: number): number {
  const { low } = column;
  for (let row = 0; row < end; row++) {
    const rest = low[first + row] - amount[row];
    if (rest >= 0) low[first + row] = rest;
    else if (!borrow(column, first + row, rest)) return row;
  }
  return end;
}

/** Adds `amount[row]` to account `first + row`. */
export function creditRange(column: BalanceColumn, first: AccountId, amount: Float64Array, end: number): number {
  const { low } = column;
  for (let row = 0; row < end; row++) {
    const sum = low[first + row] + amount[row];
    if (sum < limbRadix) low[first + row] = sum;
    else if (!carry(column, first + row, sum)) return row;
  }
  return end;
}

/** Takes `amount[row]` from account `accounts[row]`. */
export function debitColumn(column: BalanceColumn, accounts: Int32Array, amount: Float64Array, end: number): number {
  const { low } = column;
  for (let row = 0; row < end; row++) {
    const account = accounts[row];
    const rest = low[account] - amount[row];
    if (rest >= 0) low[account] = rest;
    else if (!borrow(column, account, rest)) return row;
  }
  return end;
}

/** Adds `amount[row]` to account `accounts[row]`. */
export function creditColumn(column: BalanceColumn, accounts: Int32Array, amount: Float64Array, end: number): number {
  const { low } = column;
  for (let row = 0; row < end; row++) {
    const account = accounts[row];
    const sum = low[account] + amount[row];
    if (sum < limbRadix) low[account] = sum;
    else if (!carry(column, account, sum)) return row;
  }
  return end;
}

/** The account of row `row` is `accounts[row]`, or `first + step * row` without a column. */
export interface AccountRows {
  readonly accounts: Int32Array | undefined;
  readonly first: AccountId;
  readonly step: number;
}

/** Takes `amount[row]` of asset `assets[row]` from the account of that row. */
export function debitMixed(
  columns: readonly BalanceColumn[],
  assets: Int32Array | AssetId,
  { accounts, first, step }: AccountRows,
  amount: Float64Array,
  end: number,
): number {
  for (let row = 0; row < end; row++) {
    const account = accounts === undefined ? first + step * row : accounts[row];
    const asset = typeof assets === "number" ? assets : assets[row];
    if (!debitOne(columns[asset], account, amount[row])) return row;
  }
  return end;
}

/** Adds `amount[row]` of asset `assets[row]` to the account of that row. */
export function creditMixed(
  columns: readonly BalanceColumn[],
  assets: Int32Array | AssetId,
  { accounts, first, step }: AccountRows,
  amount: Float64Array,
  end: number,
): number {
  for (let row = 0; row < end; row++) {
    const account = accounts === undefined ? first + step * row : accounts[row];
    const asset = typeof assets === "number" ? assets : assets[row];
    if (!creditOne(columns[asset], account, amount[row])) return row;
  }
  return end;
}

/** Sum of a column over all accounts, exact. */
export function columnTotal({ low, high }: BalanceColumn): bigint {
  let sum = 0;
  let limbs = 0;
  for (let account = 0; account < low.length; account++) {
    sum += low[account];
    limbs += high[account];
    if (sum >= limbRadix) {
      sum -= limbRadix;
      limbs += 1;
    }
  }
  return toBigInt(limbs, sum);
}
