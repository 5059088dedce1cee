/** Questions to the journal: which postings moved an account, and what it held at the end of an earlier epoch. */
import type { AccountId, AssetId } from "@shardlab/contracts";
import { headerField, headerSize, type Journal, sideKind } from "./journal.ts";

/** One posting that moved an account. */
export interface ExplainedPosting {
  readonly epoch: number;
  readonly reason: string;
  readonly asset: AssetId;
  /** The account on the other side. */
  readonly counterparty: AccountId;
  /** What the account gained (or lost, where negative), in the smallest unit. */
  readonly amount: bigint;
  /** Balance of the account in this asset after the posting. */
  readonly balance: bigint;
}

export interface ExplainOptions {
  /** Only the postings of this epoch. */
  readonly epoch?: number;
  /** Only the latest so many postings. */
  readonly limit?: number;
}

interface Question {
  readonly account: AccountId;
  readonly asset: AssetId | undefined;
  readonly fromEpoch: number;
}

type Move = Omit<ExplainedPosting, "balance">;

/**
 * The postings that moved an account, oldest first; transfers to itself and amounts of zero move nothing.
 *
 * @param exactBalance present balances of the account, from which the running balances are walked back.
 * @throws `journal begins at epoch 120: replay the run to epoch 50` where `epoch` is not held whole
 */
export function explain(
  journal: Journal,
  {
    account,
    asset,
    epoch,
    limit = Number.POSITIVE_INFINITY,
  }: ExplainOptions & { readonly account: AccountId; readonly asset: AssetId | undefined },
  exactBalance: (asset: AssetId) => bigint,
): ExplainedPosting[] {
  if (epoch !== undefined) checkReach(journal, epoch, journal.lostEpoch + 1);
  const balances = new Map<AssetId, bigint>();
  const found: ExplainedPosting[] = [];
  walkBack(journal, { account, asset, fromEpoch: epoch ?? Number.NEGATIVE_INFINITY }, (move) => {
    const balance = balances.get(move.asset) ?? exactBalance(move.asset);
    balances.set(move.asset, balance - move.amount);
    if (epoch === undefined || move.epoch === epoch) found.push({ ...move, balance });
    return found.length < limit;
  });
  return found.reverse();
}

/** The balance at the end of an epoch, by undoing on paper what came later. Errors as `explain`. */
export function balanceAt(
  journal: Journal,
  { account, asset, epoch }: { readonly account: AccountId; readonly asset: AssetId; readonly epoch: number },
  presentBalance: bigint,
): bigint {
  checkReach(journal, epoch, journal.lostEpoch);
  let balance = presentBalance;
  walkBack(journal, { account, asset, fromEpoch: epoch + 1 }, (move) => {
    balance -= move.amount;
    return true;
  });
  return balance;
}

function checkReach(journal: Journal, epoch: number, firstEpoch: number): void {
  if (!Number.isInteger(epoch) || epoch > journal.epoch) {
    throw new Error(`unknown epoch: ${epoch} (the ledger is in epoch ${journal.epoch})`);
  }
  if (epoch >= firstEpoch) return;
  throw new Error(`journal begins at epoch ${journal.lostEpoch + 1}: replay the run to epoch ${epoch}`);
}

/** Visits the moves of an account from the newest back, until an epoch before `fromEpoch` or until `visit` says no. */
function walkBack(journal: Journal, question: Question, visit: (move: Move) => boolean): void {
  const { headers } = journal;
  for (let header = headers.end - headerSize; header >= headers.start; header -= headerSize) {
    const slot = header % headers.data.length;
    const fields = headers.data.subarray(slot, slot + headerSize);
    if (fields[headerField.epoch] < question.fromEpoch) return;
    if (!visitBatch(journal, fields, question, visit)) return;
  }
}

/** Visits the rows of one header that move the account, last first; false once `visit` says no. */
function visitBatch(
  journal: Journal,
  fields: Float64Array,
  { account, asset }: Question,
  visit: (move: Move) => boolean,
): boolean {
  if (asset !== undefined && fields[headerField.assetKind] === sideKind.scalar && fields[headerField.asset] !== asset) {
    return true;
  }
  const [firstPaid, endPaid] = candidateRows(fields, headerField.fromKind, account);
  const [firstGot, endGot] = candidateRows(fields, headerField.toKind, account);
  const begin = Math.max(0, Math.min(firstPaid, firstGot));
  const batch = readBatch(journal, fields);
  for (let row = Math.max(endPaid, endGot) - 1; row >= begin; row--) {
    const paid = readSide(batch.from, row) === account;
    if (paid === (readSide(batch.to, row) === account)) continue;
    const move = moveOf(journal, batch, row, paid);
    if (move.amount === 0n || (asset !== undefined && move.asset !== asset)) continue;
    if (!visit(move)) return false;
    if (batch.large) return true;
  }
  return true;
}

function moveOf(journal: Journal, batch: BatchReader, row: number, paid: boolean): Move {
  const { data } = journal.amounts;
  const amountAt = (index: number): bigint => BigInt(data[(batch.firstRow + index) % data.length]);
  const amount = batch.large ? amountAt(0) + amountAt(1) : amountAt(row);
  return {
    epoch: batch.epoch,
    reason: journal.reasons[readSide(batch.reason, row)],
    asset: readSide(batch.asset, row),
    counterparty: readSide(paid ? batch.to : batch.from, row),
    amount: paid ? -amount : amount,
  };
}

/** Rows [first, end) in which a side may be this account; an empty interval is [Infinity, -Infinity). */
function candidateRows(fields: Float64Array, kindField: number, account: AccountId): [number, number] {
  const rows = fields[headerField.rows];
  const value = fields[kindField + 1];
  if (fields[kindField] === sideKind.column) return [0, rows];
  if (fields[kindField] === sideKind.scalar && value === account) return [0, rows];
  const row = account - value;
  if (fields[kindField] === sideKind.range && row >= 0 && row < rows) return [row, row + 1];
  return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
}

/** Ids of a side: `ids` read from slot `first` with a stride, or `first + stride * row` without ids. */
interface SideReader {
  readonly ids: Int32Array | undefined;
  readonly first: number;
  readonly stride: number;
}

interface BatchReader {
  readonly firstRow: number;
  readonly epoch: number;
  readonly large: boolean;
  readonly reason: SideReader;
  readonly asset: SideReader;
  readonly from: SideReader;
  readonly to: SideReader;
}

function readBatch({ ids }: Journal, fields: Float64Array): BatchReader {
  const side = (kindField: number): SideReader => {
    const kind = fields[kindField];
    const value = fields[kindField + 1];
    if (kind !== sideKind.column) return { ids: undefined, first: value, stride: kind === sideKind.range ? 1 : 0 };
    return { ids: ids.data, first: value % ids.data.length, stride: fields[headerField.stride] };
  };
  return {
    firstRow: fields[headerField.row],
    epoch: fields[headerField.epoch],
    large: fields[headerField.large] === 1,
    reason: side(headerField.reasonKind),
    asset: side(headerField.assetKind),
    from: side(headerField.fromKind),
    to: side(headerField.toKind),
  };
}

function readSide({ ids, first, stride }: SideReader, row: number): number {
  const slot = first + stride * row;
  if (ids === undefined) return slot;
  return ids[slot < ids.length ? slot : slot - ids.length];
}
