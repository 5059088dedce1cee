/** Columnar tables: what a world hands to the results, and what the results write as Parquet. */

/** The types a column can have; strings are stored dictionary-encoded. */
export type ColumnData =
  | { readonly type: "float64"; readonly values: Float64Array }
  | { readonly type: "int32"; readonly values: Int32Array }
  | { readonly type: "string"; readonly values: readonly string[] };

export interface Column {
  /** kebab-case as in figures; the unit is part of the column's description, never of a number's text. */
  readonly name: string;
  readonly unit: string;
  readonly data: ColumnData;
}

/** A table has a name (its file stem), equally long columns, and a version that grows when its columns change. */
export interface Table {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly Column[];
}
