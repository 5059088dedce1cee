import type { Column, Table } from "@shardlab/contracts";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import type { RunIndexBuilder } from "./run-index.ts";

const parquetTypes = { float64: "DOUBLE", int32: "INT32", string: "STRING" } as const;

/** Rows per group: a timeline of years fits in one, so that a reader seeks once. */
const rowGroupSize = 100_000;

/** A dictionary would take minus zero for zero. */
const needsPlain = ({ type, values }: Column["data"]): boolean =>
  type === "float64" && values.some((value) => Object.is(value, -0));

const source = ({ name, data }: Column): ColumnSource => ({
  name,
  data: data.values as ColumnSource["data"],
  type: parquetTypes[data.type],
  nullable: false,
  offsetIndex: false,
  ...(needsPlain(data) && { encoding: "PLAIN" as const }),
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

/**
 * The runs of a segment as a table for queries: what `RunIndexBuilder` gathered, under the names of the view `runs`.
 * Seeds are doubles there, because they are whole numbers of up to 53 bits.
 */
export function encodeRunsParquet({ texts, numbers }: RunIndexBuilder, runIds: readonly string[]): Uint8Array {
  const parsed = (values: readonly string[]): unknown[] => values.map((value) => JSON.parse(value));
  const text = (name: string, data: readonly unknown[], nullable = false): ColumnSource => ({
    ...{ name, data: data as ColumnSource["data"], type: "STRING", nullable, offsetIndex: false },
  });
  const number = (name: string, data: readonly number[]): ColumnSource => ({
    ...{ name, data: Float64Array.from(data), type: "DOUBLE", nullable: false, offsetIndex: false },
  });
  const buffer = parquetWriteBuffer({
    columnData: [
      text("run", runIds),
      text("design", texts.design.texts),
      number("point", numbers.point),
      number("seed", numbers.seed),
      text("coordinates", texts.coordinates.texts),
      text("scenario-hash", texts.scenarioHash.texts),
      text("run-hash", texts.runHash.texts),
      text("model-hash", texts.modelHash.texts),
      text("trace-hash", texts.traceHash.texts),
      text("determinism", texts.determinism.texts),
      text("commit", parsed(texts.commit.texts), true),
      { name: "dirty", data: parsed(texts.dirty.texts) as ColumnSource["data"], type: "BOOLEAN", nullable: true },
      text("node", texts.node.texts),
    ],
    ...{ codec: "SNAPPY", rowGroupSize, createdBy: "shardlab" },
  });
  return new Uint8Array(buffer);
}
