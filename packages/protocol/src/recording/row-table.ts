/** A table that grows row by row, within bounds. */
import type { Column, Table } from "@shardlab/contracts";

export interface RowColumn {
  readonly name: string;
  readonly unit: string;
  /** Texts are kept once each; their rows hold codes from `code`. */
  readonly type: "float64" | "int32" | "string";
}

export interface RowTableOptions {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly RowColumn[];
  /** Most rows that are kept; unlimited unless given. */
  readonly maximumRows?: number;
  /** The column by which rows are thinned out: an update, or -1 for what belongs to none. The first unless given. */
  readonly updateColumn?: number;
}

const initialRows = 64;

/**
 * Rows of doubles in one buffer. Where they would become too many, whole updates are left out, every second one of those
 * kept so far, so that what stays can still be looked at together; rows that belong to no update (-1) stay.
 */
export class RowTable {
  private readonly options: RowTableOptions;
  private readonly width: number;
  private readonly maximumRows: number;
  private readonly updateColumn: number;
  private values: Float64Array;
  private rows = 0;
  private stride = 1;
  private left = 0;
  private isFull = false;
  private readonly codeOfText = new Map<string, number>();
  private readonly texts: string[] = [];

  constructor(options: RowTableOptions) {
    this.options = options;
    this.width = options.columns.length;
    this.maximumRows = options.maximumRows ?? Number.POSITIVE_INFINITY;
    this.updateColumn = options.updateColumn ?? 0;
    this.values = new Float64Array(initialRows * this.width);
  }

  get length(): number {
    return this.rows;
  }

  /** Updates kept: every how many-th. */
  get keptEvery(): number {
    return this.stride;
  }

  /** Rows left out so far. */
  get leftOut(): number {
    return this.left;
  }

  /** The number that stands for a text in this table. */
  code(text: string): number {
    const known = this.codeOfText.get(text);
    if (known !== undefined) return known;
    const code = this.texts.length;
    this.texts.push(text);
    this.codeOfText.set(text, code);
    return code;
  }

  /** Adds a row: one number for each column. */
  add(row: ArrayLike<number>): void {
    const { width } = this;
    if (this.rows >= this.maximumRows && !this.isFull) this.thin();
    if (this.isFull || !this.isKept(row[this.updateColumn])) {
      this.left += 1;
      return;
    }
    if ((this.rows + 1) * width > this.values.length) this.grow();
    const start = this.rows * width;
    for (let column = 0; column < width; column++) this.values[start + column] = row[column];
    this.rows += 1;
  }

  /** The number in a row, counted from 0. */
  at(row: number, column: number): number {
    return this.values[row * this.width + column];
  }

  /** Takes away the last rows for as long as their number in `column` is at least `value`; answers with how many. */
  dropLast(column: number, value: number): number {
    const before = this.rows;
    while (this.rows > 0 && this.at(this.rows - 1, column) >= value) this.rows -= 1;
    return before - this.rows;
  }

  table(): Table {
    const { name, version } = this.options;
    return { name, version, columns: this.options.columns.map((column, index) => this.column(column, index)) };
  }

  private column({ name, unit, type }: RowColumn, index: number): Column {
    const { rows, texts } = this;
    if (type === "string") {
      const values = Array.from({ length: rows }, (_, row) => texts[this.at(row, index)]);
      return { name, unit, data: { type, values } };
    }
    if (type === "int32") {
      const values = Int32Array.from({ length: rows }, (_, row) => this.at(row, index));
      return { name, unit, data: { type, values } };
    }
    return { name, unit, data: { type, values: Float64Array.from({ length: rows }, (_, row) => this.at(row, index)) } };
  }

  private isKept(update: number): boolean {
    return this.stride === 1 || update < 0 || update % this.stride === 0;
  }

  /** Leaves out every second update of those kept; a table whose rows belong to one or to none takes no more. */
  private thin(): void {
    const { width, values } = this;
    const before = this.rows;
    this.stride *= 2;
    let kept = 0;
    for (let row = 0; row < before; row++) {
      if (!this.isKept(values[row * width + this.updateColumn])) continue;
      values.copyWithin(kept * width, row * width, (row + 1) * width);
      kept += 1;
    }
    this.rows = kept;
    this.left += before - kept;
    this.isFull = kept >= this.maximumRows;
  }

  private grow(): void {
    const values = new Float64Array(2 * this.values.length);
    values.set(this.values);
    this.values = values;
  }
}
