/** The views that queries name: loose runs and segments together, through DuckDB. */
import { join } from "node:path";
import { type Database, quoteName, quoteText } from "./database.ts";
import { type Coordinate, runIdOf } from "./manifest.ts";
import { type SegmentTable, segmentFiles } from "./segment-files.ts";
import { type LiveSegment, type LooseRun, liveRows, type Snapshot } from "./snapshot.ts";

/** An experiment with its loose runs read. */
export interface OpenExperiment {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly loose: readonly LooseRun[];
}

type Cell = Coordinate | null;

/** Columns of `runs`, and how they come out of a manifest and out of a segment. */
const runColumns: Readonly<Record<string, { type: string; cell: (run: LooseRun, experiment: string) => Cell }>> = {
  run: { type: "varchar", cell: ({ run }) => run },
  experiment: { type: "varchar", cell: (_, experiment) => experiment },
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

/** Our own relations lie in a schema of their own, so that `show tables` lists the views alone. */
const ownSchema = "stored";

/** Creates the views, replacing earlier ones, and returns their names: `runs` first, then the kinds of table sorted. */
export async function createViews(database: Database, experiments: readonly OpenExperiment[]): Promise<string[]> {
  await database.run(`create schema if not exists ${ownSchema}`);
  await createHidden(database, experiments);
  await createRuns(database, experiments);
  const tables = await createTables(database, experiments);
  return ["runs", ...tables];
}

const segmentsOf = (experiments: readonly OpenExperiment[]): LiveSegment[] =>
  experiments.flatMap(({ snapshot }) => snapshot.segments);

/** The rows of segments that other segments give; there are none unless processes compacted at the same time. */
async function createHidden(database: Database, experiments: readonly OpenExperiment[]): Promise<void> {
  await database.run(`create or replace table ${ownSchema}.hidden (segment varchar, run varchar)`);
  for (const live of segmentsOf(experiments)) {
    if (live.hidden === undefined) continue;
    const own = new Set(liveRows(live));
    const { segment } = live;
    const runs = Array.from({ length: segment.header.runs }, (_, row) => row).filter((row) => !own.has(row));
    await database.setTexts(
      "hidden",
      runs.map((row) => runIdOf(segment.index.runHash.at(row))),
    );
    await database.run(
      `insert into ${ownSchema}.hidden select ${quoteText(segment.id)}, unnest(getvariable('hidden'))`,
    );
  }
}

/** Leaves out hidden rows, where there are any. Path from the end: file, segment, `segments`, experiment. */
function unlessHidden(segments: readonly LiveSegment[], runColumn: string): string {
  if (segments.every(({ hidden }) => hidden === undefined)) return "";
  return ` where (parse_path(filename)[-2], ${quoteName(runColumn)}) not in (select (segment, run) from ${ownSchema}.hidden)`;
}

/** The type of a column that holds these kinds of coordinates: text when they differ. */
function coordinateType(kinds: ReadonlySet<string>): string {
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === "string") return "varchar";
  return kind === "number" ? "double" : "boolean";
}

/** The kinds of value of each coordinate, sorted by name. */
function coordinateKinds(experiments: readonly OpenExperiment[]): [string, Set<string>][] {
  const kinds = new Map<string, Set<string>>();
  const add = (name: string, kind: string): void => void kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
  for (const { snapshot, loose } of experiments) {
    for (const { segment } of snapshot.segments) {
      for (const [name, found] of Object.entries(segment.header.coordinates)) for (const kind of found) add(name, kind);
    }
    for (const { manifest } of loose) {
      for (const [name, value] of Object.entries(manifest.coordinates)) add(name, typeof value);
    }
  }
  return [...kinds].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** A column for each coordinate. Those that share their name (DuckDB ignores case) with another stay in the JSON alone. */
function coordinateColumns(experiments: readonly OpenExperiment[]): string[] {
  const taken = new Set(Object.keys(runColumns));
  return coordinateKinds(experiments).flatMap(([name, kinds]) => {
    if (taken.has(name.toLowerCase())) return [];
    taken.add(name.toLowerCase());
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const text = `json_extract_string(coordinates, ${quoteText(pointer)})`;
    return [`${text}::${coordinateType(kinds)} as ${quoteName(name)}`];
  });
}

function literal(value: Cell | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value !== "number") return typeof value === "string" ? quoteText(value) : String(value);
  return Number.isFinite(value) ? String(value) : `${quoteText(String(value))}::double`;
}

async function createRuns(database: Database, experiments: readonly OpenExperiment[]): Promise<void> {
  const names = Object.keys(runColumns);
  const definition = Object.entries(runColumns).map(([name, { type }]) => `${quoteName(name)} ${type}`);
  await database.run(`create or replace table ${ownSchema}.loose_runs (${definition.join(", ")})`);
  const rows = experiments.flatMap(({ name, loose }) =>
    loose.map((run) => `(${names.map((column) => literal(runColumns[column]?.cell(run, name))).join(", ")})`),
  );
  if (rows.length > 0) await database.run(`insert into ${ownSchema}.loose_runs values ${rows.join(",\n")}`);

  const sources = [`select * from ${ownSchema}.loose_runs`];
  const segments = segmentsOf(experiments);
  if (segments.length > 0) {
    await database.setTexts(
      "segment runs",
      segments.map(({ segment }) => join(segment.directory, segmentFiles.runs)),
    );
    const columns = Object.entries(runColumns).map(([name, { type }]) =>
      name === "experiment" ? "parse_path(filename)[-4]" : `${quoteName(name)}::${type}`,
    );
    sources.push(
      `select ${columns.join(", ")} from read_parquet(getvariable('segment runs'), filename = true)${unlessHidden(segments, "run")}`,
    );
  }
  const shown = ["*", ...coordinateColumns(experiments)].join(", ");
  await database.run(`create or replace view runs as select ${shown} from (${sources.join(" union all ")})`);
}

/** Where the rows of one kind of table lie. */
interface TableSources {
  readonly looseFiles: string[];
  readonly looseVersions: Set<number>;
  /** Files of segments, by the name of the column that holds the run's id. */
  readonly segmentFiles: Map<string, { file: string; table: SegmentTable; live: LiveSegment }[]>;
}

function tableSources(experiments: readonly OpenExperiment[]): Map<string, TableSources> {
  const kinds = new Map<string, TableSources>();
  const kindOf = (name: string): TableSources => {
    const kind = kinds.get(name) ?? { looseFiles: [], looseVersions: new Set(), segmentFiles: new Map() };
    kinds.set(name, kind);
    return kind;
  };
  for (const { directory, manifest } of experiments.flatMap(({ loose }) => loose)) {
    for (const { name, version } of manifest.tables) {
      const kind = kindOf(name);
      kind.looseFiles.push(join(directory, `${name}.parquet`));
      kind.looseVersions.add(version);
    }
  }
  for (const live of segmentsOf(experiments)) {
    for (const table of live.segment.header.tables) {
      const kind = kindOf(table.name).segmentFiles;
      const files = kind.get(table.runColumn) ?? [];
      kind.set(table.runColumn, files);
      files.push({ file: join(live.segment.directory, table.file), table, live });
    }
  }
  return kinds;
}

/** Creates the view of each kind of table and returns their names, sorted. */
async function createTables(database: Database, experiments: readonly OpenExperiment[]): Promise<string[]> {
  const kinds = tableSources(experiments);
  for (const [name, kind] of kinds) {
    const sources: string[] = [];
    // Matching columns by name reads every file once more, so only do it when the columns may differ.
    const files = (variable: string, differ: boolean): string =>
      `read_parquet(getvariable(${quoteText(variable)}), filename = true${differ ? ", union_by_name = true" : ""})`;
    for (const [runColumn, parts] of kind.segmentFiles) {
      const variable = `segment ${runColumn} ${name}`;
      await database.setTexts(
        variable,
        parts.map(({ file }) => file),
      );
      const differ = new Set(parts.map(({ table }) => JSON.stringify(table.columns))).size > 1;
      const hidden = unlessHidden(
        parts.map(({ live }) => live),
        runColumn,
      );
      sources.push(
        `select parse_path(filename)[-4] as experiment, ${quoteName(runColumn)} as run, * exclude (filename, ${quoteName(runColumn)}) from ${files(variable, differ)}${hidden}`,
      );
    }
    if (kind.looseFiles.length > 0) {
      await database.setTexts(`loose ${name}`, kind.looseFiles);
      sources.push(
        `select parse_path(filename)[-3] as experiment, parse_path(filename)[-2] as run, * exclude (filename) from ${files(`loose ${name}`, kind.looseVersions.size > 1)}`,
      );
    }
    // The query around each source renames a column of the table that is called like one of ours.
    const whole = sources.map((source) => `select * from (${source})`).join(" union all by name ");
    await database.run(`create or replace view ${quoteName(name)} as ${whole}`);
  }
  return [...kinds.keys()].sort();
}
