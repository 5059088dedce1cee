/**
 * A column of numbers of which every version can be read, where a new version costs what it changes.
 *
 * Mechanisms are pure: what settles an epoch leaves the state before as it was. Copying a column of a million rows for the few that
 * move in an epoch would cost more than the epoch. So the newest version holds the values, and an older one what differs
 * from the version after it (shallow binding: Baker, "Shallow binding makes functional arrays fast", ACM SIGPLAN Notices 26(8), 1991). Whoever
 * reads an older version pays for a copy, once. Checked against copies under random edits, also of older versions.
 */

/** One version; only the functions below look into it. */
export interface VersionedColumn {
  /** Undefined in older versions until somebody reads them. */
  values: Float64Array | undefined;
  next: VersionedColumn | undefined;
  /** Rows that the next version has changed, in that order, and what they held before. */
  rows: Int32Array;
  before: Float64Array;
}

/** A version in the making. `values` are the live ones: to be read freely, and written through `setRow` alone. */
export interface ColumnEdit {
  readonly values: Float64Array;
  readonly from: VersionedColumn;
  changes: number;
  rows: Int32Array;
  before: Float64Array;
}

const noRows = new Int32Array(0);
const noValues = new Float64Array(0);

/** The first version; `values` belongs to it from now on. */
export const openColumn = (values: Float64Array): VersionedColumn => ({
  ...{ values, next: undefined, rows: noRows, before: noValues },
});

/** The values of a version, not to be written to. @throws Error `version being edited` between `editColumn` and `commitColumn` */
export function valuesOf(version: VersionedColumn): Float64Array {
  const older: VersionedColumn[] = [];
  let newest = version;
  while (newest.values === undefined) {
    older.push(newest);
    if (newest.next === undefined) throw new Error("version being edited: commit it first");
    newest = newest.next;
  }
  if (older.length === 0) return newest.values;
  const values = newest.values.slice();
  for (const { rows, before } of older.reverse()) {
    for (let change = rows.length - 1; change >= 0; change--) values[rows[change]] = before[change];
  }
  Object.assign(version, openColumn(values));
  return values;
}

/** Begins the version after `from`. */
export function editColumn(from: VersionedColumn): ColumnEdit {
  const values = valuesOf(from);
  from.values = undefined;
  return { values, from, changes: 0, rows: new Int32Array(64), before: new Float64Array(64) };
}

export function setRow(edit: ColumnEdit, row: number, value: number): void {
  if (edit.changes === edit.rows.length) {
    const { rows, before } = edit;
    edit.rows = new Int32Array(2 * rows.length);
    edit.rows.set(rows);
    edit.before = new Float64Array(2 * rows.length);
    edit.before.set(before);
  }
  edit.rows[edit.changes] = row;
  edit.before[edit.changes++] = edit.values[row];
  edit.values[row] = value;
}

/** Ends the edit; the version that it began from keeps its values. */
export function commitColumn({ values, from, changes, rows, before }: ColumnEdit): VersionedColumn {
  const next = openColumn(values);
  from.next = next;
  from.rows = rows.slice(0, changes);
  from.before = before.slice(0, changes);
  return next;
}
