/**
 * Vesting: a grant is released in equal steps per epoch between its start and its end, with nothing before its cliff, at
 * which all that the line has reached by then comes at once.
 */
import type { AccountId, AssetId, PostingBatch } from "@shardlab/contracts";
import { checkedTotal, largestAmount } from "./batch.ts";

/** Grants as columns of one row per grant. */
export interface VestingGrants {
  /** Non-negative integers in the smallest unit of the asset, up to 2^52. */
  readonly amount: Float64Array;
  /** Epoch at whose end nothing is released yet. */
  readonly start: Int32Array;
  /** Epochs after the start before which nothing is released; at most the duration. */
  readonly cliff: Int32Array;
  /** Epochs after the start at whose end everything is released; 0 releases all at the start. */
  readonly duration: Int32Array;
}

/** Where released amounts come from and go to. */
export interface VestingAccounts {
  readonly asset: AssetId;
  readonly escrow: AccountId;
  /** The account of each grant. */
  readonly beneficiaries: PostingBatch["to"];
}

/** Refuses grants whose columns or numbers do not fit. @throws `unequal lengths`, `invalid amount`, `invalid vesting` */
export function checkGrants({ amount, start, cliff, duration }: VestingGrants): void {
  for (const [name, column] of Object.entries({ start, cliff, duration })) {
    if (column.length !== amount.length) {
      throw new Error(`unequal lengths: ${name} has ${column.length} rows, amount has ${amount.length}`);
    }
  }
  checkedTotal(amount);
  for (let grant = 0; grant < amount.length; grant++) {
    if (cliff[grant] < 0 || cliff[grant] > duration[grant]) {
      throw new Error(`invalid vesting: cliff ${cliff[grant]} of duration ${duration[grant]} in row ${grant}`);
    }
  }
}

/**
 * What each grant has released up to the end of an epoch: floor(amount * elapsed / duration) from the cliff on. It never
 * falls with the epoch, and reaches exactly the amount at the end.
 *
 * @param out receives integers, one per grant
 */
export function vestedUpTo(grants: VestingGrants, epoch: number, out: Float64Array): void {
  const { amount, start, cliff, duration } = grants;
  for (let grant = 0; grant < amount.length; grant++) {
    const elapsed = epoch - start[grant];
    if (elapsed < 0 || elapsed < cliff[grant]) out[grant] = 0;
    else if (elapsed >= duration[grant]) out[grant] = amount[grant];
    else out[grant] = floorOfShare(amount[grant], elapsed, duration[grant]);
  }
}

/**
 * The postings that release, in one epoch, what has vested since `sinceEpoch` (exclusive); `undefined` before the first
 * release takes all that has vested so far.
 */
export function vestingRelease(
  grants: VestingGrants,
  accounts: VestingAccounts,
  epochs: { readonly since: number | undefined; readonly upTo: number },
): PostingBatch {
  if (epochs.since !== undefined && epochs.since > epochs.upTo) {
    throw new Error(`epoch runs backwards: ${epochs.upTo} after ${epochs.since}`);
  }
  const amount = new Float64Array(grants.amount.length);
  vestedUpTo(grants, epochs.upTo, amount);
  if (epochs.since !== undefined) {
    const earlier = new Float64Array(amount.length);
    vestedUpTo(grants, epochs.since, earlier);
    for (let grant = 0; grant < amount.length; grant++) amount[grant] -= earlier[grant];
  }
  return { reason: "vesting", asset: accounts.asset, from: accounts.escrow, to: accounts.beneficiaries, amount };
}

/** floor(amount * elapsed / duration), exactly, for elapsed < duration. */
function floorOfShare(amount: number, elapsed: number, duration: number): number {
  // amount = whole * duration + rest keeps every product below 2^53: whole * elapsed < amount, and the second product
  // is of two numbers below 2^31, done in whole numbers of any size where it could exceed 2^53.
  const rest = amount % duration;
  const whole = (amount - rest) / duration;
  const product = rest * elapsed;
  const part =
    product < largestAmount
      ? (product - (product % duration)) / duration
      : Number((BigInt(rest) * BigInt(elapsed)) / BigInt(duration));
  return whole * elapsed + part;
}
