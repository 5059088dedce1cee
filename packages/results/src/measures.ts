import { join } from "node:path";
import type { ColumnData, Measure, Table } from "@shardlab/contracts";
import { readBytes, runIdOf } from "./manifest.ts";
import { openParquet, readColumns } from "./read-parquet.ts";
import { ResultsError } from "./results-error.ts";
import { coordinatesReader, type RunPlace } from "./run-index.ts";
import { type LiveSegment, liveRows, readLooseRun, readSnapshotAsync, type Snapshot } from "./snapshot.ts";

const tableName = "measures";
const columnNames = ["name", "unit", "value"];

/** The table `measures`: one row per measure, with its name, unit and value. */
export function measuresTable(measures: readonly Measure[]): Table {
  return {
    name: tableName,
    version: 1,
    columns: [
      { name: "name", unit: "", data: { type: "string", values: measures.map((measure) => measure.name) } },
      { name: "unit", unit: "", data: { type: "string", values: measures.map((measure) => measure.unit) } },
      {
        name: "value",
        unit: "as the unit column says",
        data: { type: "float64", values: Float64Array.from(measures, (measure) => measure.value) },
      },
    ],
  };
}

/** One measure of one run, with where that run stands in the experiment. */
export interface MeasureRow extends Measure, RunPlace {}

/**
 * Every measure of every run of an experiment, by column.
 *
 * @property runs those with measures, sorted by id.
 * @property measures the different names and units.
 * @property starts, counts where the measures of run i lie in `measure` and `value`: `counts[i]` of them from `starts[i]` on.
 * @property measure index in `measures` of each value.
 */
export interface MeasureColumns {
  readonly runs: readonly RunPlace[];
  readonly measures: readonly { readonly name: string; readonly unit: string }[];
  readonly starts: Float64Array;
  readonly counts: Int32Array;
  readonly measure: Int32Array;
  readonly value: Float64Array;
}

/** Values of several runs, one after the other. */
interface Batch {
  readonly places: readonly RunPlace[];
  readonly counts: readonly number[];
  /** Where the measures of each run start in the data. */
  readonly starts: readonly number[];
  readonly data: ReadonlyMap<string, ColumnData>;
}

async function segmentBatches(live: LiveSegment): Promise<Batch[]> {
  const { segment } = live;
  const { index, header } = segment;
  const batches: Batch[] = [];
  for (const [kind, table] of header.tables.entries()) {
    if (table.name !== tableName) continue;
    const rows = index.tableRows[kind] as Int32Array;
    const rowStarts = new Float64Array(rows.length);
    for (let row = 1; row < rows.length; row += 1) {
      rowStarts[row] = (rowStarts[row - 1] as number) + Math.max(rows[row - 1] as number, 0);
    }
    const own = [...liveRows(live)].filter((row) => (rows[row] as number) > 0);
    const coordinatesAt = coordinatesReader(index);
    const places = own.map((row) => ({
      run: runIdOf(index.runHash.at(row)),
      seed: index.seed[row] as number,
      design: index.design.at(row) as RunPlace["design"],
      point: index.point[row] as number,
      coordinates: coordinatesAt(row),
    }));
    const data = await segment.columns(table, columnNames);
    const [counts, starts] = [own.map((row) => rows[row] as number), own.map((row) => rowStarts[row] as number)];
    batches.push({ places, counts, starts, data });
  }
  return batches;
}

async function looseBatch(experimentDirectory: string, run: string): Promise<Batch[]> {
  const loose = readLooseRun(experimentDirectory, run);
  const entry = loose?.manifest.tables.find(({ name, rows }) => name === tableName && rows > 0);
  if (loose === undefined || entry === undefined) return [];
  const path = join(loose.directory, `${tableName}.parquet`);
  const parquet = openParquet(readBytes(path), path);
  if (parquet.rows !== entry.rows) {
    throw new ResultsError(
      `damaged results: ${parquet.rows} measures where the manifest promises ${entry.rows} (${path})`,
    );
  }
  const { seed, design, point, coordinates } = loose.manifest;
  const data = await readColumns(parquet, columnNames);
  return [{ places: [{ run, seed, design, point, coordinates }], counts: [entry.rows], starts: [0], data }];
}

async function readBatches({ directory, segments, loose }: Snapshot): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (const live of segments) batches.push(...(await segmentBatches(live)));
  for (const run of loose) batches.push(...(await looseBatch(directory, run)));
  return batches;
}

const lacking = (name: string): ResultsError => new ResultsError(`damaged results: measures without a column ${name}`);

function textsOf({ data }: Batch, name: string): readonly string[] {
  const column = data.get(name);
  if (column?.type !== "string") throw lacking(name);
  return column.values;
}

function valuesOf({ data }: Batch): Float64Array {
  const column = data.get("value");
  if (column?.type !== "float64") throw lacking("value");
  return column.values;
}

/** Numbers the pairs of name and unit in the order in which they come. */
class Labels {
  readonly all: { name: string; unit: string }[] = [];
  private readonly codes = new Map<string, Map<string, number>>();

  codeOf(name: string, unit: string): number {
    let byUnit = this.codes.get(name);
    if (byUnit === undefined) {
      byUnit = new Map();
      this.codes.set(name, byUnit);
    }
    const known = byUnit.get(unit);
    if (known !== undefined) return known;
    byUnit.set(unit, this.all.length);
    return this.all.push({ name, unit }) - 1;
  }
}

function joinBatches(batches: readonly Batch[]): MeasureColumns {
  const labels = new Labels();
  const total = batches.reduce((sum, batch) => sum + valuesOf(batch).length, 0);
  const [measure, value] = [new Int32Array(total), new Float64Array(total)];
  const entries: { place: RunPlace; start: number; count: number }[] = [];
  let offset = 0;
  for (const batch of batches) {
    const values = valuesOf(batch);
    const [names, units] = [textsOf(batch, "name"), textsOf(batch, "unit")];
    value.set(values, offset);
    for (let row = 0; row < values.length; row += 1) {
      measure[offset + row] = labels.codeOf(names[row] as string, units[row] as string);
    }
    for (const [index, place] of batch.places.entries()) {
      entries.push({ place, start: offset + (batch.starts[index] as number), count: batch.counts[index] as number });
    }
    offset += values.length;
  }
  entries.sort((left, right) => (left.place.run < right.place.run ? -1 : 1));
  return {
    runs: entries.map(({ place }) => place),
    measures: labels.all,
    starts: Float64Array.from(entries, ({ start }) => start),
    counts: Int32Array.from(entries, ({ count }) => count),
    ...{ measure, value },
  };
}

/**
 * Every measure of every run of an experiment, by column: for experiments of very many runs.
 * Runs without a table of measures contribute nothing.
 *
 * @throws ResultsError when a run is damaged or newer than this code.
 */
export async function readMeasureColumns(experimentDirectory: string): Promise<MeasureColumns> {
  return joinBatches(await readSnapshotAsync(experimentDirectory, readBatches));
}

/**
 * Every measure of every run of an experiment, sorted by run and in the order in which the run gave them.
 * Runs without a table of measures contribute nothing.
 *
 * @throws ResultsError when a run is damaged or newer than this code.
 */
export async function readMeasures(experimentDirectory: string): Promise<MeasureRow[]> {
  const { runs, measures, starts, counts, measure, value } = await readMeasureColumns(experimentDirectory);
  const rows: MeasureRow[] = [];
  for (const [index, { run, seed, design, point, coordinates }] of runs.entries()) {
    const start = starts[index] as number;
    const end = start + (counts[index] as number);
    for (let row = start; row < end; row += 1) {
      const { name, unit } = measures[measure[row] as number] as { name: string; unit: string };
      rows.push({ run, seed, design, point, coordinates, name, unit, value: value[row] as number });
    }
  }
  return rows;
}
