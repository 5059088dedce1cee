import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { Column, ColumnData, Table } from "@shardlab/contracts";
import { decodeColumnFile } from "./column-file.ts";
import { parseManifest, type RunManifest, readBytes, readVersioned } from "./manifest.ts";
import { openParquet, readColumns } from "./read-parquet.ts";
import { errorCode, ResultsError } from "./results-error.ts";
import { checkVersion, decodeRunIndex, type RunIndex } from "./run-index.ts";
import {
  manifestsPerBlock,
  type SegmentHeader,
  type SegmentTable,
  segmentFiles,
  segmentIdPattern,
  segmentsFolder,
  segmentVersion,
} from "./segment-files.ts";

/** The names of an experiment's segments, sorted, those that others replace among them. */
export function segmentIds(experimentDirectory: string): string[] {
  try {
    return readdirSync(join(experimentDirectory, segmentsFolder))
      .filter((name) => segmentIdPattern.test(name))
      .sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** @property blockEnds where each block of manifests ends in its file, in bytes. */
interface IdColumns {
  readonly ids: Float64Array;
  readonly rows: Int32Array;
  readonly blockEnds: Float64Array;
}

/** Blocks of manifests that are kept decompressed: some 40 MB of them. */
const mostBlocks = 128;

/** Many runs in a few files that never change. What has been read is kept. */
export class Segment {
  readonly id: string;
  readonly directory: string;
  readonly header: SegmentHeader;
  private ids: IdColumns | undefined;
  private knownIndex: RunIndex | undefined;
  /** Blocks of manifests by number, the last one read at the end. */
  private readonly blocks = new Map<number, readonly string[]>();

  /** @throws ResultsError when its header is missing, damaged or newer. */
  constructor(experimentDirectory: string, id: string) {
    this.id = id;
    this.directory = join(experimentDirectory, segmentsFolder, id);
    const path = join(this.directory, segmentFiles.header);
    const header = readVersioned(path, segmentVersion);
    for (const key of ["replaces", "tables"]) {
      if (!Array.isArray(header[key])) throw new ResultsError(`damaged file: ${path} (${key} is not a list)`);
    }
    this.header = header as unknown as SegmentHeader;
  }

  /** The index of its runs. */
  get index(): RunIndex {
    const path = join(this.directory, segmentFiles.index);
    this.knownIndex ??= decodeRunIndex(readBytes(path), path);
    if (this.knownIndex.count !== this.header.runs) {
      throw new ResultsError(`damaged file: ${path} (${this.knownIndex.count} runs, not ${this.header.runs})`);
    }
    return this.knownIndex;
  }

  /** The ids of its runs as numbers (see `idNumberOf`), ascending. */
  get sortedIds(): Float64Array {
    return this.idColumns().ids;
  }

  /** The row of the run with this id, or -1. */
  rowOf(idNumber: number): number {
    const { ids, rows } = this.idColumns();
    let low = 0;
    let high = ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const id = ids[middle] as number;
      if (id === idNumber) return rows[middle] as number;
      if (id < idNumber) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** The manifest of a run as it stood in its file. */
  manifestText(row: number): string {
    const number = Math.floor(row / manifestsPerBlock);
    const block = this.blocks.get(number) ?? this.readBlock(number);
    this.blocks.delete(number);
    this.blocks.set(number, block);
    const [oldest] = this.blocks.keys();
    if (this.blocks.size > mostBlocks && oldest !== undefined) this.blocks.delete(oldest);
    const text = block[row % manifestsPerBlock];
    if (text === undefined) throw new ResultsError(`damaged results: run ${row} is missing in ${this.directory}`);
    return text;
  }

  manifest(row: number): RunManifest {
    return parseManifest(this.manifestText(row), join(this.directory, segmentFiles.manifests));
  }

  /** The named columns of one of its tables, all runs one after the other. */
  async columns({ file }: SegmentTable, names: readonly string[]): Promise<ReadonlyMap<string, ColumnData>> {
    const path = join(this.directory, file);
    const parquet = openParquet(readBytes(path), path);
    return readColumns(parquet, names);
  }

  private idColumns(): IdColumns {
    if (this.ids === undefined) {
      const path = join(this.directory, segmentFiles.ids);
      const file = decodeColumnFile(readBytes(path), path);
      checkVersion(file, 1, path);
      this.ids = file.columns as unknown as IdColumns;
    }
    return this.ids;
  }

  private readBlock(number: number): string[] {
    const { blockEnds } = this.idColumns();
    const start = number === 0 ? 0 : (blockEnds[number - 1] as number);
    const bytes = Buffer.alloc((blockEnds[number] as number) - start);
    const path = join(this.directory, segmentFiles.manifests);
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      throw new ResultsError(`cannot read results: ${errorCode(error)} (${path})`, { cause: error });
    }
    try {
      readSync(file, bytes, 0, bytes.length, start);
      return brotliDecompressSync(bytes).toString("utf8").split("\0");
    } catch (error) {
      throw new ResultsError(`damaged file: ${path} (a block does not decompress)`, { cause: error });
    } finally {
      closeSync(file);
    }
  }
}

/** Reads the tables of one segment's runs, each file once. */
export class SegmentTables {
  private readonly segment: Segment;
  private readonly decoded: (ReadonlyMap<string, ColumnData> | undefined)[] = [];
  private readonly starts: Float64Array[];

  constructor(segment: Segment) {
    this.segment = segment;
    this.starts = segment.index.tableRows.map((rows) => {
      const starts = new Float64Array(rows.length);
      let start = 0;
      for (let run = 0; run < rows.length; run += 1) {
        starts[run] = start;
        start += Math.max(rows[run] as number, 0);
      }
      return starts;
    });
  }

  /** The tables of a run in the order of its manifest. */
  async tablesOf(row: number, manifest: RunManifest): Promise<Table[]> {
    const tables: Table[] = [];
    for (const [kind, table] of this.segment.header.tables.entries()) {
      const rows = this.segment.index.tableRows[kind]?.[row] ?? -1;
      if (rows < 0) continue;
      const names = table.columns.map(({ name }) => name);
      this.decoded[kind] ??= await this.segment.columns(table, names);
      tables.push(sliceTable(table, this.decoded[kind], { start: this.starts[kind]?.[row] ?? 0, rows }));
    }
    const order = manifest.tables.map(({ name }) => name);
    return tables.sort((left, right) => order.indexOf(left.name) - order.indexOf(right.name));
  }
}

function sliceTable(
  { name, version, columns }: SegmentTable,
  decoded: ReadonlyMap<string, ColumnData>,
  { start, rows }: { start: number; rows: number },
): Table {
  const sliced = columns.map((column): Column => {
    const data = decoded.get(column.name);
    if (data === undefined) throw new ResultsError(`damaged results: column ${column.name} of ${name} is missing`);
    const values = data.values.slice(start, start + rows);
    if (values.length !== rows) throw new ResultsError(`damaged results: ${name} is short of rows`);
    return { name: column.name, unit: column.unit, data: { type: data.type, values } as ColumnData };
  });
  return { name, version, columns: sliced };
}
