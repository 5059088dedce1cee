import { join } from "node:path";
import { type Database, openDatabase, type QueryValue, quoteName, quoteText } from "./database.ts";
import type { Coordinate } from "./manifest.ts";
import { ResultsError } from "./results-error.ts";
import { listRuns, type StoredRun } from "./runs.ts";

/** The answer to a query: `rows[i][j]` is row i of the column `columns[j]`. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly QueryValue[])[];
}

/** Results opened for queries. */
export interface OpenResults {
  /** The views that a query can name: `runs`, and one per kind of table. */
  readonly views: readonly string[];
  /** Answers a query. @throws ResultsError with DuckDB's complaint on one line. */
  query(sql: string): Promise<QueryAnswer>;
  close(): void;
}

/**
 * Opens every run below `out` as tables in memory: `runs` holds one row per run with its coordinates, both as one
 * column of JSON and as a column each; every other view holds the rows of one kind of table (`measures`, `timeline`)
 * over all runs, with the experiment and the id of the run in front.
 *
 * @throws ResultsError when there are no results.
 */
export async function openResults(out: string): Promise<OpenResults> {
  const runs = listRuns(out);
  if (runs.length === 0) throw new ResultsError(`no results in: ${out}`);
  const database = await openDatabase();
  try {
    await createRuns(database, runs);
    const tables = await createViews(database, runs);
    return {
      views: ["runs", ...tables],
      query: (sql) => answer(database, sql),
      close: database.close,
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

async function answer(database: Database, sql: string): Promise<QueryAnswer> {
  if (sql.trim() === "") throw new ResultsError("query failed: it is empty");
  const { names, values } = await database.columns(sql);
  const count = values[0]?.length ?? 0;
  return {
    columns: names,
    rows: Array.from({ length: count }, (_, row) => values.map((column) => column[row] ?? null)),
  };
}

type Cell = Coordinate | null;

const runColumns: Readonly<Record<string, { type: string; cell: (run: StoredRun) => Cell }>> = {
  run: { type: "varchar", cell: ({ run }) => run },
  experiment: { type: "varchar", cell: ({ manifest }) => manifest.experiment },
  design: { type: "varchar", cell: ({ manifest }) => manifest.design },
  point: { type: "integer", cell: ({ manifest }) => manifest.point },
  seed: { type: "bigint", cell: ({ manifest }) => manifest.seed },
  coordinates: { type: "json", cell: ({ manifest }) => JSON.stringify(manifest.coordinates) },
  "scenario-hash": { type: "varchar", cell: ({ manifest }) => manifest.scenarioHash },
  "run-hash": { type: "varchar", cell: ({ manifest }) => manifest.runHash },
  "model-hash": { type: "varchar", cell: ({ manifest }) => manifest.modelHash },
  "trace-hash": { type: "varchar", cell: ({ manifest }) => manifest.traceHash },
  determinism: { type: "varchar", cell: ({ manifest }) => manifest.determinism },
  commit: { type: "varchar", cell: ({ manifest }) => manifest.commit },
  dirty: { type: "boolean", cell: ({ manifest }) => manifest.dirty },
  node: { type: "varchar", cell: ({ manifest }) => manifest.node },
};

/** The type of a column that holds these coordinates: text when they differ in kind. */
function coordinateType(values: readonly Cell[]): string {
  const present = values.filter((value) => value !== null);
  if (present.every((value) => typeof value === "number")) return "double";
  return present.every((value) => typeof value === "boolean") ? "boolean" : "varchar";
}

/** Coordinates that share their name (DuckDB ignores case) with a column of ours stay in the JSON alone. */
function coordinateNames(runs: readonly StoredRun[]): string[] {
  const taken = new Set(Object.keys(runColumns));
  const names: string[] = [];
  for (const name of new Set(runs.flatMap(({ manifest }) => Object.keys(manifest.coordinates)))) {
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    names.push(name);
  }
  return names.sort();
}

function literal(value: Cell): string {
  if (value === null) return "null";
  if (typeof value !== "number") return typeof value === "string" ? quoteText(value) : String(value);
  return Number.isFinite(value) ? String(value) : `${quoteText(String(value))}::double`;
}

async function createRuns(database: Database, runs: readonly StoredRun[]): Promise<void> {
  const columns = { ...runColumns };
  for (const name of coordinateNames(runs)) {
    const cell = ({ manifest }: StoredRun): Cell => manifest.coordinates[name] ?? null;
    columns[name] = { type: coordinateType(runs.map(cell)), cell };
  }
  const definition = Object.entries(columns).map(([name, { type }]) => `${quoteName(name)} ${type}`);
  await database.run(`create table runs (${definition.join(", ")})`);
  const cells = Object.values(columns).map(({ type, cell }) => (run: StoredRun) => {
    const value = cell(run);
    return literal(type === "varchar" && value !== null ? String(value) : value);
  });
  const rows = runs.map((run) => `(${cells.map((cell) => cell(run)).join(", ")})`);
  await database.run(`insert into runs values ${rows.join(",\n")}`);
}

/** Creates the view of each kind of table and returns their names, sorted. */
async function createViews(database: Database, runs: readonly StoredRun[]): Promise<string[]> {
  const kinds = new Map<string, { files: string[]; versions: Set<number> }>();
  for (const { directory, manifest } of runs) {
    for (const { name, version } of manifest.tables) {
      const kind = kinds.get(name) ?? { files: [], versions: new Set() };
      kinds.set(name, kind);
      kind.files.push(quoteText(join(directory, `${name}.parquet`)));
      kind.versions.add(version);
    }
  }
  for (const [name, { files, versions }] of kinds) {
    // Matching columns by name reads every file once more, so only do it when the columns may differ.
    const union = versions.size > 1 ? ", union_by_name = true" : "";
    await database.run(
      `create view ${quoteName(name)} as select parse_path(filename)[-3] as experiment, parse_path(filename)[-2] as run, * exclude (filename) ` +
        `from read_parquet([${files.join(",")}], filename = true${union})`,
    );
  }
  return [...kinds.keys()].sort();
}
