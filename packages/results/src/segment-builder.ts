import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import type { Column, ColumnData, Table } from "@shardlab/contracts";
import { encodeColumnFile } from "./column-file.ts";
import { type RunManifest, runIdOf } from "./manifest.ts";
import { encodeParquet, encodeRunsParquet } from "./parquet.ts";
import { ResultsError } from "./results-error.ts";
import { RunIndexBuilder } from "./run-index.ts";
import {
  type EncodedSegment,
  manifestsPerBlock,
  type SegmentHeader,
  type SegmentTable,
  segmentFiles,
} from "./segment-files.ts";

/** Tables of one name, version and set of columns, of the runs so far. */
interface TableStack {
  readonly name: string;
  readonly version: number;
  readonly columns: Table["columns"];
  readonly parts: Table[];
  /** Rows by run; shorter than the runs where later ones have none. */
  readonly rows: number[];
}

const separator = "\0";
const compression = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const rowsOf = (table: Table): number => table.columns[0]?.data.values.length ?? 0;

/** The number that stands for a run's id: 12 hexadecimal digits fit a double exactly. */
export const idNumberOf = (runHash: string): number => Number.parseInt(runIdOf(runHash), 16);

/** Puts runs together, in the order in which they are added: by sweep point and seed, so that neighbours resemble each other. */
export class SegmentBuilder {
  private readonly index = new RunIndexBuilder();
  private readonly stacks = new Map<string, TableStack>();
  private readonly coordinates = new Map<string, Set<string>>();
  private readonly blocks: Uint8Array[] = [];
  private open: string[] = [];

  get runs(): number {
    return this.index.count;
  }

  /**
   * Adds a run.
   *
   * @param text the manifest as it stands in its file; it is kept letter by letter.
   * @throws ResultsError when the tables are not those that the manifest names.
   */
  add(text: string, manifest: RunManifest, tables: readonly Table[]): void {
    const promised = manifest.tables.map(({ name, rows }) => `${name} of ${rows} rows`).join(", ");
    const given = tables.map((table) => `${table.name} of ${rowsOf(table)} rows`).join(", ");
    if (promised !== given)
      throw new ResultsError(
        `damaged run: ${manifest.runHash} has ${given || "no tables"}, its manifest says ${promised}`,
      );
    for (const table of tables) this.stack(table);
    for (const [name, value] of Object.entries(manifest.coordinates)) {
      const kinds = this.coordinates.get(name) ?? new Set();
      this.coordinates.set(name, kinds.add(typeof value));
    }
    this.index.add(manifest);
    this.open.push(text);
    if (this.open.length === manifestsPerBlock) this.closeBlock();
  }

  private stack(table: Table): void {
    const { name, version } = table;
    const signature = table.columns.map((column) => [column.name, column.unit, column.data.type]);
    const key = JSON.stringify([name, version, signature]);
    let stack = this.stacks.get(key);
    if (stack === undefined) {
      stack = { name, version, columns: table.columns, parts: [], rows: [] };
      this.stacks.set(key, stack);
    }
    while (stack.rows.length < this.index.count) stack.rows.push(-1);
    stack.parts.push(table);
    stack.rows.push(rowsOf(table));
  }

  private closeBlock(): void {
    if (this.open.length > 0) this.blocks.push(brotliCompressSync(this.open.join(separator), compression));
    this.open = [];
  }

  /** Everything that was added, encoded. The builder is spent after that. */
  finish(): EncodedSegment {
    this.closeBlock();
    const files = new Map<string, Uint8Array>();
    const runHashes = this.index.texts.runHash.texts;
    const runIds = runHashes.map(runIdOf);
    const tables: SegmentTable[] = [];
    for (const stack of this.stacks.values()) tables.push(encodeStack(stack, { runIds, tables, files }));
    const tableRows = [...this.stacks.values()].map(({ rows }) =>
      Int32Array.from({ length: this.index.count }, (_, run) => rows[run] ?? -1),
    );
    let end = 0;
    const blockEnds = this.blocks.map((block) => {
      end += block.length;
      return end;
    });
    files.set(segmentFiles.manifests, Buffer.concat(this.blocks));
    files.set(segmentFiles.ids, encodeIds(runHashes, blockEnds));
    files.set(segmentFiles.index, this.index.encode(tableRows));
    files.set(segmentFiles.runs, encodeRunsParquet(this.index, runIds));
    return { id: segmentIdOf(runHashes), header: this.header(tables, files), files };
  }

  private header(tables: readonly SegmentTable[], files: ReadonlyMap<string, Uint8Array>): SegmentHeader {
    return {
      runs: this.index.count,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
      replaces: [],
      tables,
      coordinates: Object.fromEntries([...this.coordinates].map(([name, kinds]) => [name, [...kinds].sort()])),
    };
  }
}

const segmentIdDigits = 16;

const segmentIdOf = (runHashes: readonly string[]): string =>
  createHash("sha256").update(runHashes.join("\n")).digest("hex").slice(0, segmentIdDigits);

/**
 * The ids of all runs in ascending order with their rows, and where each block of manifests ends: a file of its own, because
 * it is all that a look-up needs.
 */
function encodeIds(runHashes: readonly string[], blockEnds: readonly number[]): Uint8Array {
  const ids = Float64Array.from(runHashes, idNumberOf);
  const rows = Int32Array.from(ids, (_, row) => row).sort(
    (left, right) => (ids[left] as number) - (ids[right] as number),
  );
  return encodeColumnFile({
    meta: { version: 1 },
    columns: {
      ids: Float64Array.from(rows, (row) => ids[row] as number),
      rows,
      blockEnds: Float64Array.from(blockEnds),
    },
  });
}

function concatenate(parts: readonly ColumnData[], rows: number): ColumnData {
  const [first] = parts;
  if (first === undefined || first.type === "string") {
    return { type: "string", values: parts.flatMap(({ values }) => values as readonly string[]) };
  }
  const all = first.type === "float64" ? new Float64Array(rows) : new Int32Array(rows);
  let start = 0;
  for (const { values } of parts) {
    all.set(values as Float64Array | Int32Array, start);
    start += values.length;
  }
  return { type: first.type, values: all } as ColumnData;
}

interface StackTarget {
  readonly runIds: readonly string[];
  /** The tables so far. */
  readonly tables: readonly SegmentTable[];
  readonly files: Map<string, Uint8Array>;
}

/** Encodes a stack as one Parquet file with the run's id in front. */
function encodeStack({ name, version, columns, parts, rows }: TableStack, target: StackTarget): SegmentTable {
  const total = rows.reduce((sum, count) => sum + Math.max(count, 0), 0);
  const same = target.tables.filter((other) => other.name === name && other.version === version).length;
  const file = `${name}.${version}${same === 0 ? "" : `.${same}`}.parquet`;
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  let runColumn = "run";
  while (taken.has(runColumn)) runColumn += "_";
  const ids: string[] = [];
  for (const [run, count] of rows.entries()) {
    for (let row = 0; row < count; row += 1) ids.push(target.runIds[run] as string);
  }
  const stacked = columns.map(
    (column, index): Column => ({
      name: column.name,
      unit: column.unit,
      data: concatenate(
        parts.map((part) => (part.columns[index] as Column).data),
        total,
      ),
    }),
  );
  const run: Column = { name: runColumn, unit: "", data: { type: "string", values: ids } };
  target.files.set(file, encodeParquet({ name, version, columns: [run, ...stacked] }));
  const kinds = columns.map((column) => ({ name: column.name, unit: column.unit, type: column.data.type }));
  return { file, name, version, rows: total, runColumn, columns: kinds };
}
