/**
 * Escrow: parties lock amounts into one account, which gives them back (release) or to somebody else (forfeit).
 *
 * The escrow account holds one balance; the deposits say whose it is. All three functions are pure: they return the next
 * deposits with the postings that follow, and the caller keeps the deposits once the ledger has taken the postings.
 */
import type { AccountId, AccountRange, AssetId, PostingBatch } from "@shardlab/contracts";
import { checkedTotal } from "./batch.ts";

/** What each party has locked in one asset. */
export interface Escrow {
  readonly asset: AssetId;
  readonly account: AccountId;
  readonly parties: AccountRange;
  /** Smallest units, one row per party; they sum to what the escrow account holds. */
  readonly deposits: Float64Array;
}

export interface EscrowMove {
  readonly escrow: Escrow;
  readonly posting: PostingBatch;
}

export function openEscrow(asset: AssetId, account: AccountId, parties: AccountRange): Escrow {
  return { asset, account, parties, deposits: new Float64Array(parties.count) };
}

/** Every party locks `amount[party]`. @throws `invalid amount`; the ledger refuses who cannot pay */
export function lockInEscrow(escrow: Escrow, reason: string, amount: Float64Array): EscrowMove {
  const deposits = moved(escrow, amount, 1);
  return {
    escrow: { ...escrow, deposits },
    posting: { reason, asset: escrow.asset, from: escrow.parties, to: escrow.account, amount },
  };
}

/** Every party gets back `amount[party]` of its deposit. @throws `deposit too small: party 3 has 5, needs 7` */
export function releaseFromEscrow(escrow: Escrow, reason: string, amount: Float64Array): EscrowMove {
  const deposits = moved(escrow, amount, -1);
  return {
    escrow: { ...escrow, deposits },
    posting: { reason, asset: escrow.asset, from: escrow.account, to: escrow.parties, amount },
  };
}

/** Every party loses `amount[party]` of its deposit to one account, a range, or an account of its own. Errors as release. */
export function forfeitFromEscrow(
  escrow: Escrow,
  reason: string,
  amount: Float64Array,
  to: PostingBatch["to"],
): EscrowMove {
  const deposits = moved(escrow, amount, -1);
  return {
    escrow: { ...escrow, deposits },
    posting: { reason, asset: escrow.asset, from: escrow.account, to, amount },
  };
}

function moved({ deposits, parties }: Escrow, amount: Float64Array, sign: 1 | -1): Float64Array {
  if (amount.length !== parties.count) {
    throw new Error(`unequal lengths: amount has ${amount.length} rows, parties has ${parties.count}`);
  }
  checkedTotal(amount);
  const next = new Float64Array(deposits.length);
  for (let party = 0; party < next.length; party++) {
    next[party] = deposits[party] + sign * amount[party];
    if (next[party] < 0) {
      throw new Error(`deposit too small: party ${party} has ${deposits[party]}, needs ${amount[party]}`);
    }
    if (next[party] > Number.MAX_SAFE_INTEGER) {
      throw new Error(`deposit too large: party ${party} would have ${next[party]}`);
    }
  }
  return next;
}
