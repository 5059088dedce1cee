/** The rows of posting batches, one object each, for checks that look at single movements. */
import type { PostingBatch } from "@shardlab/contracts";

export interface PostingRow {
  readonly reason: string;
  readonly asset: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

export function postingRows(batches: readonly PostingBatch[]): PostingRow[] {
  return batches.flatMap(({ reason, asset, from, to, amount }) =>
    Array.from(amount, (moved, row) => ({
      reason,
      asset: idAt(asset, row),
      from: idAt(from, row),
      to: idAt(to, row),
      amount: moved,
    })),
  );
}

function idAt(side: PostingBatch["asset"] | PostingBatch["from"], row: number): number {
  if (typeof side === "number") return side;
  return side instanceof Int32Array ? side[row] : side.first + row;
}
