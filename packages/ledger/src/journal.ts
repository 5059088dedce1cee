/**
 * The journal: recent postings whole, in columns. A batch costs one header and a copy of the columns that it brings; a side
 * that is one account or a range costs two numbers. Single postings share headers, with their four ids side by side.
 *
 * Old batches are dropped whole when the rows run out, so what the journal holds is always a suffix of what happened.
 */
import type { AccountId, AssetId, PostingBatch } from "@shardlab/contracts";
import type { Posting } from "./apply.ts";
import { limbRadix, type TwoLimbs } from "./balances.ts";
import { append, appendOne, createRing, type Ring, reserve } from "./ring.ts";

/** How a header tells the ids of its rows: the same in all, counting up, or in a column of the id ring. */
export const sideKind = { scalar: 0, range: 1, column: 2 } as const;

/** Offsets within a header. A side has a kind and a value: the id, the first id, or the position of the first id. */
export const headerField = {
  row: 0,
  rows: 1,
  epoch: 2,
  /** Distance of two ids of one column in the id ring: 1 in a batch, 4 among single postings. */
  stride: 3,
  /** 1 where all rows are limbs of one large amount. */
  large: 4,
  reasonKind: 5,
  reason: 6,
  assetKind: 7,
  asset: 8,
  fromKind: 9,
  from: 10,
  toKind: 11,
  to: 12,
} as const;
export const headerSize = 13;

const singleIds = 4;
/** Headers of single postings cover at most this many rows, so that dropping one loses little. */
const mostSingleRows = 4096;

export interface Journal {
  readonly capacity: number;
  readonly amounts: Ring<Float64Array>;
  readonly ids: Ring<Int32Array>;
  readonly headers: Ring<Float64Array>;
  readonly reasons: string[];
  readonly reasonIds: Map<string, number>;
  latestReason: number;
  /** Epoch of the newest posting that was dropped; -Infinity while all are there. */
  lostEpoch: number;
  epoch: number;
  /** Rows that the newest header may still take; 0 unless it holds single postings of this epoch. */
  openRows: number;
}

/** Creates a journal of at most `capacity` rows; it grows with use. */
export function createJournal(capacity: number): Journal {
  if (!(Number.isInteger(capacity) && capacity >= 0)) throw new Error(`invalid journal capacity: ${capacity}`);
  return {
    capacity,
    amounts: createRing(new Float64Array(Math.min(capacity, 1024))),
    ids: createRing(new Int32Array(1024)),
    headers: createRing(new Float64Array(headerSize * 64)),
    reasons: [],
    reasonIds: new Map(),
    latestReason: 0,
    lostEpoch: Number.NEGATIVE_INFINITY,
    epoch: 0,
    openRows: 0,
  };
}

export function beginEpoch(journal: Journal, epoch: number): void {
  if (!(Number.isInteger(epoch) && epoch >= journal.epoch)) {
    throw new Error(`epoch runs backwards: ${epoch} after ${journal.epoch}`);
  }
  if (epoch > journal.epoch) journal.openRows = 0;
  journal.epoch = epoch;
}

/** Records an applied batch. */
export function recordBatch(journal: Journal, { reason, asset, from, to, amount }: PostingBatch): void {
  if (amount.length === 0 || !makeRoom(journal, amount.length)) return;
  const { ids, headers } = journal;
  writeHeaderStart(journal, amount.length, 1, 0);
  append(journal.amounts, amount);
  appendOne(headers, sideKind.scalar);
  appendOne(headers, reasonId(journal, reason));
  for (const side of [asset, from, to]) {
    if (typeof side === "number") {
      appendOne(headers, sideKind.scalar);
      appendOne(headers, side);
    } else if (side instanceof Int32Array) {
      appendOne(headers, sideKind.column);
      appendOne(headers, ids.end);
      reserve(ids, side.length);
      append(ids, side);
    } else {
      appendOne(headers, sideKind.range);
      appendOne(headers, side.first);
    }
  }
  journal.openRows = 0;
}

/** Records one applied posting of at most 2^52. */
export function recordOne(journal: Journal, { reason, asset, from, to }: Posting, amount: number): void {
  if (!makeRoom(journal, 1)) return;
  const { ids, headers } = journal;
  if (journal.openRows === 0) openSingles(journal);
  else headers.data[(headers.next === 0 ? headers.data.length : headers.next) - headerSize + headerField.rows] += 1;
  journal.openRows -= 1;
  appendOne(journal.amounts, amount);
  reserve(ids, singleIds);
  appendSingleIds(ids, reasonId(journal, reason), asset, from, to);
}

/** Appends the ids of a single posting; room must have been reserved. */
function appendSingleIds(ids: Ring<Int32Array>, reason: number, asset: AssetId, from: AccountId, to: AccountId): void {
  const { data, next } = ids;
  if (next + singleIds > data.length) {
    append(ids, Int32Array.of(reason, asset, from, to));
    return;
  }
  data[next] = reason;
  data[next + 1] = asset;
  data[next + 2] = from;
  data[next + 3] = to;
  ids.end += singleIds;
  ids.next = next + singleIds === data.length ? 0 : next + singleIds;
}

/** Records one applied posting beyond 2^52, as two rows. */
export function recordLarge(journal: Journal, { reason, asset, from, to }: Posting, amount: TwoLimbs): void {
  if (!makeRoom(journal, 2)) return;
  writeHeaderStart(journal, 2, 1, 1);
  // high * 2^52 is a double exactly, because high has at most 31 bits.
  append(journal.amounts, Float64Array.of(amount.high * limbRadix, amount.low));
  for (const id of [reasonId(journal, reason), asset, from, to]) {
    appendOne(journal.headers, sideKind.scalar);
    appendOne(journal.headers, id);
  }
  journal.openRows = 0;
}

/** Starts a header of single postings, with its first row counted. */
function openSingles(journal: Journal): void {
  writeHeaderStart(journal, 1, singleIds, 0);
  for (let column = 0; column < singleIds; column++) {
    appendOne(journal.headers, sideKind.column);
    appendOne(journal.headers, journal.ids.end + column);
  }
  journal.openRows = Math.min(mostSingleRows, Math.ceil(journal.capacity / 16));
}

function writeHeaderStart(journal: Journal, rows: number, stride: number, large: number): void {
  const { headers } = journal;
  reserve(headers, headerSize);
  appendOne(headers, journal.amounts.end);
  appendOne(headers, rows);
  appendOne(headers, journal.epoch);
  appendOne(headers, stride);
  appendOne(headers, large);
}

function reasonId(journal: Journal, reason: string): number {
  // Postings of one reason come in runs.
  if (journal.reasons[journal.latestReason] === reason) return journal.latestReason;
  journal.latestReason = internReason(journal, reason);
  return journal.latestReason;
}

function internReason(journal: Journal, reason: string): number {
  const known = journal.reasonIds.get(reason);
  if (known !== undefined) return known;
  const id = journal.reasons.push(reason) - 1;
  journal.reasonIds.set(reason, id);
  return id;
}

/** Drops the oldest batches until `rows` fit; false, with nothing left, where they can never fit. */
function makeRoom(journal: Journal, rows: number): boolean {
  const { amounts, headers, capacity } = journal;
  while (headers.end > headers.start && amounts.end - amounts.start + rows > capacity) dropOldest(journal);
  if (rows > capacity) {
    journal.lostEpoch = journal.epoch;
    return false;
  }
  reserve(amounts, rows, capacity);
  return true;
}

function dropOldest(journal: Journal): void {
  const { amounts, ids, headers } = journal;
  const slot = headers.start % headers.data.length;
  const field = (offset: number): number => headers.data[slot + offset];
  const rows = field(headerField.rows);
  for (const kind of [headerField.reasonKind, headerField.assetKind, headerField.fromKind, headerField.toKind]) {
    if (field(kind) === sideKind.column) ids.start += rows;
  }
  amounts.start += rows;
  headers.start += headerSize;
  journal.lostEpoch = field(headerField.epoch);
  if (headers.start === headers.end) journal.openRows = 0;
}
