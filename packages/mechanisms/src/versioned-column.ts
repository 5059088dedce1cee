/**
 * A column of numbers of which every version can be read, where a new version costs what it changes.
 *
 * Mechanisms are pure: what settles an epoch leaves the state before as it was. Copying a column of a million rows for the few that
 * move in an epoch would cost more than the epoch. So the newest version holds the values, and an older one what differs
 * from the version after it (shallow binding: Baker, "Shallow binding makes functional arrays fast", ACM SIGPLAN Notices 26(8), 1991). Whoever
 * reads an older version pays for a copy, once. Checked against copies under random edits, also of older versions.
 */

/** One version. It never changes for whoever reads it, and JSON sees its values. */
export class VersionedColumn {
  /** Undefined in older versions until somebody reads them. */
  #values: Float64Array | undefined;
  #next: VersionedColumn | undefined;
  /** Rows that the next version has changed, in that order, and what they held before. */
  #rows = new Int32Array(0);
  #before = new Float64Array(0);
  /** Changes that made it, which the next version may well need, too. */
  readonly #changes: number;

  /** The first version; `values` belongs to it from now on. */
  constructor(values: Float64Array, changes = 0) {
    this.#values = values;
    this.#changes = changes;
  }

  /** Not to be written to. @throws Error `version being edited` between `edit` and `commit` */
  get values(): Float64Array {
    if (this.#values !== undefined) return this.#values;
    const older: VersionedColumn[] = [];
    let newest: VersionedColumn = this;
    while (newest.#values === undefined) {
      older.push(newest);
      if (newest.#next === undefined) throw new Error("version being edited: commit it first");
      newest = newest.#next;
    }
    const values = newest.#values.slice();
    for (const version of older.reverse()) {
      for (let change = version.#rows.length - 1; change >= 0; change--) {
        values[version.#rows[change]] = version.#before[change];
      }
    }
    this.#next = undefined;
    this.#values = values;
    return values;
  }

  /** Begins the version after this one. */
  edit(): ColumnEdit {
    const { values } = this;
    this.#values = undefined;
    return new ColumnEdit(values, this.#changes, (rows, before) => {
      this.#rows = rows;
      this.#before = before;
      this.#next = new VersionedColumn(values, rows.length);
      return this.#next;
    });
  }

  toJSON(): Float64Array {
    return this.values;
  }
}

type EndEdit = (rows: Int32Array<ArrayBuffer>, before: Float64Array<ArrayBuffer>) => VersionedColumn;

/** A version in the making. */
export class ColumnEdit {
  /** The live values: to be read freely, and written through `set` alone. */
  readonly values: Float64Array;
  readonly #end: EndEdit;
  #changes = 0;
  #rows: Int32Array<ArrayBuffer>;
  #before: Float64Array<ArrayBuffer>;

  /** `expected` changes, more or less. */
  constructor(values: Float64Array, expected: number, end: EndEdit) {
    this.values = values;
    this.#end = end;
    const capacity = 16 + expected + (expected >> 2);
    this.#rows = new Int32Array(capacity);
    this.#before = new Float64Array(capacity);
  }

  set(row: number, value: number): void {
    if (this.#changes === this.#rows.length) {
      this.#rows = grown(this.#rows, new Int32Array(2 * this.#changes));
      this.#before = grown(this.#before, new Float64Array(2 * this.#changes));
    }
    this.#rows[this.#changes] = row;
    this.#before[this.#changes++] = this.values[row];
    this.values[row] = value;
  }

  /** Ends the edit; the version that it began from keeps its values. */
  commit(): VersionedColumn {
    return this.#end(this.#rows.subarray(0, this.#changes), this.#before.subarray(0, this.#changes));
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
