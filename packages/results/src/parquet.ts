import type { Column, Table } from "@shardlab/contracts";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";

const parquetTypes = { float64: "DOUBLE", int32: "INT32", string: "STRING" } as const;

/** Rows per group: a timeline of years fits in one, so that a reader seeks once. */
const rowGroupSize = 100_000;

const source = ({ name, data }: Column): ColumnSource => ({
  name,
  data: data.values as ColumnSource["data"],
  type: parquetTypes[data.type],
  nullable: false,
  offsetIndex: false,
});

/** The number of rows of a table, whose columns must be equally long. */
export function rowCount(table: Table): number {
  const rows = table.columns[0]?.data.values.length ?? 0;
  for (const { name, data } of table.columns) {
    if (data.values.length !== rows) {
      throw new Error(`column of another length: ${table.name}.${name} has ${data.values.length} rows, not ${rows}`);
    }
  }
  return rows;
}

/**
 * Encodes a table as a Parquet file: required columns, Snappy, strings through a dictionary. Version and units
 * travel in the file's key-value metadata (`shardlab.version`, `shardlab.units`), so that a file alone explains itself.
 *
 * @throws Error when the table has no columns, two of one name, or columns of different lengths.
 */
export function encodeParquet(table: Table): Uint8Array {
  if (table.columns.length === 0) throw new Error(`table without columns: ${table.name}`);
  const names = new Set(table.columns.map((column) => column.name));
  if (names.size < table.columns.length) throw new Error(`two columns of one name in table: ${table.name}`);
  rowCount(table);
  const units = Object.fromEntries(table.columns.map((column) => [column.name, column.unit]));
  const buffer = parquetWriteBuffer({
    columnData: table.columns.map(source),
    codec: "SNAPPY",
    rowGroupSize,
    createdBy: "shardlab",
    kvMetadata: [
      { key: "shardlab.version", value: String(table.version) },
      { key: "shardlab.units", value: JSON.stringify(units) },
    ],
  });
  return new Uint8Array(buffer);
}
