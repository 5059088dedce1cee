import { join } from "node:path";
import type { Measure, Table } from "@shardlab/contracts";
import { type Database, openDatabase, quoteText } from "./database.ts";
import type { Coordinate, Design } from "./manifest.ts";
import { ResultsError } from "./results-error.ts";
import { listExperimentRuns, type StoredRun } from "./runs.ts";

const tableName = "measures";

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
export interface MeasureRow extends Measure {
  readonly run: string;
  readonly seed: number;
  readonly design: Design;
  readonly point: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
}

const measuresIn = ({ manifest }: StoredRun): number =>
  manifest.tables.find(({ name }) => name === tableName)?.rows ?? 0;

/**
 * Every measure of every run of an experiment, sorted by run and in the order in which the run gave them.
 * Runs without a table of measures contribute nothing.
 *
 * @throws ResultsError when a run is damaged or newer than this code.
 */
export async function readMeasures(experimentDirectory: string): Promise<MeasureRow[]> {
  const runs = listExperimentRuns(experimentDirectory).filter((run) => measuresIn(run) > 0);
  if (runs.length === 0) return [];
  const database = await openDatabase();
  try {
    return joinRuns(runs, await readColumns(database, runs));
  } finally {
    database.close();
  }
}

interface MeasureColumns {
  readonly labels: readonly { readonly name: string; readonly unit: string }[];
  readonly label: readonly number[];
  readonly value: readonly number[];
}

/**
 * The columns of all runs, one after the other. Names and units cross from DuckDB once each rather than once a row,
 * because turning its strings into ours costs more than reading the files.
 */
async function readColumns(database: Database, runs: readonly StoredRun[]): Promise<MeasureColumns> {
  const files = runs.map(({ directory }) => quoteText(join(directory, `${tableName}.parquet`)));
  await database.run(`create table rows as select name, unit, value from read_parquet([${files.join(",")}])`);
  await database.run(
    "create table labels as select row_number() over () - 1 as label, name, unit from (select distinct name, unit from rows)",
  );
  const [names = [], units = []] = (await database.columns("select name, unit from labels order by label")).values;
  const [label = [], value = []] = (
    await database.columns("select label, value from rows join labels using (name, unit) order by rows.rowid")
  ).values;
  const labels = names.map((name, index) => ({ name: String(name), unit: String(units[index]) }));
  return { labels, label: label as number[], value: value as number[] };
}

/** DuckDB keeps the order of the files, so that the row counts of the manifests say which rows are whose. */
function joinRuns(runs: readonly StoredRun[], { labels, label, value }: MeasureColumns): MeasureRow[] {
  const expected = runs.reduce((sum, run) => sum + measuresIn(run), 0);
  if (value.length !== expected) {
    throw new ResultsError(`damaged results: ${value.length} measures where the manifests promise ${expected}`);
  }
  const rows: MeasureRow[] = [];
  for (const stored of runs) {
    const { seed, design, point, coordinates } = stored.manifest;
    const end = rows.length + measuresIn(stored);
    for (let index = rows.length; index < end; index += 1) {
      const { name, unit } = labels[label[index] as number] as { name: string; unit: string };
      rows.push({ run: stored.run, seed, design, point, coordinates, name, unit, value: value[index] as number });
    }
  }
  return rows;
}
