/**
 * Products with a basis U [width, rank], in double precision, four rows at a time, so that the basis is read from memory once
 * for four. Each number is a sum of its own in one order: it depends on its row alone, not on the rows beside it.
 */

import { settleNaN } from "./tensor-bytes.ts";

/** A basis in the two orders in which it is read, as doubles, which spares converting them in the inner loops. */
export interface Projection {
  readonly width: number;
  readonly rank: number;
  /** [width, rank] */
  readonly rows: Float64Array;
  /** [rank, width] */
  readonly columns: Float64Array;
}

export function createProjection(basis: Float32Array, width: number, rank: number): Projection {
  const rows = Float64Array.from(basis);
  const columns = new Float64Array(rows.length);
  for (let i = 0; i < width; i++) for (let j = 0; j < rank; j++) columns[j * width + i] = rows[i * rank + j];
  return { width, rank, rows, columns };
}

/** Rows of a table that are taken away before projecting and added after; none where absent. */
export interface Offsets {
  /** [entries, width] */
  readonly table: Float32Array;
  /** Entry of each row. */
  readonly entries: ArrayLike<number>;
}

const rowsAtOnce = 4;

/** U^T (x - offset) of each row x of `values` [n, width]: coefficients [n, rank]. */
export function project({ width, rank, columns }: Projection, values: Float32Array, offsets?: Offsets): Float32Array {
  const count = values.length / width;
  const coefficients = new Float32Array(count * rank);
  const block = new Float64Array(rowsAtOnce * width);
  for (let row = 0; row < count; row += rowsAtOnce) {
    const present = Math.min(rowsAtOnce, count - row);
    for (let r = 0; r < present; r++) loadRow(block.subarray(r * width, (r + 1) * width), values, row + r, offsets);
    for (let j = 0; j < rank; j++) {
      const column = j * width;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let i = 0; i < width; i++) {
        const u = columns[column + i];
        s0 += block[i] * u;
        s1 += block[width + i] * u;
        s2 += block[2 * width + i] * u;
        s3 += block[3 * width + i] * u;
      }
      const at = row * rank + j;
      coefficients[at] = s0;
      if (present > 1) coefficients[at + rank] = s1;
      if (present > 2) coefficients[at + 2 * rank] = s2;
      if (present > 3) coefficients[at + 3 * rank] = s3;
    }
  }
  settleNaN(coefficients);
  return coefficients;
}

function loadRow(block: Float64Array, values: Float32Array, row: number, offsets: Offsets | undefined): void {
  const from = row * block.length;
  if (offsets === undefined) {
    for (let i = 0; i < block.length; i++) block[i] = values[from + i];
    return;
  }
  const { table, entries } = offsets;
  const offset = entries[row] * block.length;
  for (let i = 0; i < block.length; i++) block[i] = values[from + i] - table[offset + i];
}

/** U c + offset of each row c of `coefficients` [n, rank]: values [n, width]. */
export function unproject(
  { width, rank, rows }: Projection,
  { coefficients, count }: { coefficients: Float32Array; count: number },
  offsets?: Offsets,
): Float32Array {
  const values = new Float32Array(count * width);
  const block = new Float64Array(rowsAtOnce * rank);
  for (let row = 0; row < count; row += rowsAtOnce) {
    const present = Math.min(rowsAtOnce, count - row);
    for (let i = 0; i < present * rank; i++) block[i] = coefficients[row * rank + i];
    for (let i = 0; i < width; i++) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let j = 0; j < rank; j++) {
        const u = rows[i * rank + j];
        s0 += block[j] * u;
        s1 += block[rank + j] * u;
        s2 += block[2 * rank + j] * u;
        s3 += block[3 * rank + j] * u;
      }
      const at = row * width + i;
      values[at] = s0 + offsetOf(offsets, row, i, width);
      if (present > 1) values[at + width] = s1 + offsetOf(offsets, row + 1, i, width);
      if (present > 2) values[at + 2 * width] = s2 + offsetOf(offsets, row + 2, i, width);
      if (present > 3) values[at + 3 * width] = s3 + offsetOf(offsets, row + 3, i, width);
    }
  }
  return values;
}

function offsetOf(offsets: Offsets | undefined, row: number, i: number, width: number): number {
  return offsets === undefined ? 0 : offsets.table[offsets.entries[row] * width + i];
}
