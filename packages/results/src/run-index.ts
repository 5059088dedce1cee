import { type ColumnArray, type ColumnFile, decodeColumnFile, encodeColumnFile } from "./column-file.ts";
import type { Coordinate, Design, RunManifest } from "./manifest.ts";
import { ResultsError } from "./results-error.ts";
import { readTexts, type Texts, TextsBuilder } from "./texts.ts";

/** The version of run indexes that this code writes, and the newest that it reads. */
const indexVersion = 1;

const json = (value: unknown): string => JSON.stringify(value ?? null);

/** What the index keeps of each manifest as text. */
const textFields = {
  runHash: (manifest) => manifest.runHash,
  experiment: (manifest) => manifest.experiment,
  design: (manifest) => manifest.design,
  coordinates: (manifest) => json(manifest.coordinates),
  scenarioHash: (manifest) => manifest.scenarioHash ?? "",
  modelHash: (manifest) => manifest.modelHash ?? "",
  traceHash: (manifest) => manifest.traceHash ?? "",
  determinism: (manifest) => manifest.determinism ?? "",
  node: (manifest) => manifest.node ?? "",
  commit: (manifest) => json(manifest.commit),
  dirty: (manifest) => json(manifest.dirty),
  assumptions: (manifest) => json(manifest.assumptions),
} as const satisfies Record<string, (manifest: RunManifest) => string>;

const secondsOf = (manifest: RunManifest, kind: "wallSeconds" | "cpuSeconds"): number =>
  Object.values(manifest.phases ?? {}).reduce((sum, phase) => sum + phase[kind], 0);

/** What the index keeps of each manifest as a number. */
const numberFields = {
  point: (manifest) => manifest.point,
  seed: (manifest) => manifest.seed,
  wallSeconds: (manifest) => secondsOf(manifest, "wallSeconds"),
  cpuSeconds: (manifest) => secondsOf(manifest, "cpuSeconds"),
} as const satisfies Record<string, (manifest: RunManifest) => number>;

type TextField = keyof typeof textFields;
type NumberField = keyof typeof numberFields;
const textNames = Object.keys(textFields) as TextField[];
const numberNames = Object.keys(numberFields) as NumberField[];

/**
 * What readers mostly ask of many runs, by column; row i of each is run i of the segment.
 *
 * @property commit, dirty, assumptions, coordinates in JSON.
 * @property wallSeconds, cpuSeconds over all phases of the run.
 * @property tableRows rows of each kind of table, in the order of the segment's header; -1 where a run has none.
 */
export interface RunIndex extends Readonly<Record<TextField, Texts>>, Readonly<Record<NumberField, Float64Array>> {
  readonly count: number;
  readonly tableRows: readonly Int32Array[];
}

/** Gathers the index of a segment, run by run. */
export class RunIndexBuilder {
  count = 0;
  readonly texts = Object.fromEntries(textNames.map((name) => [name, new TextsBuilder()])) as Record<
    TextField,
    TextsBuilder
  >;
  readonly numbers = Object.fromEntries(numberNames.map((name) => [name, [] as number[]])) as Record<
    NumberField,
    number[]
  >;

  add(manifest: RunManifest): void {
    for (const name of textNames) this.texts[name].add(textFields[name](manifest));
    for (const name of numberNames) this.numbers[name].push(numberFields[name](manifest));
    this.count += 1;
  }

  encode(tableRows: readonly Int32Array[]): Uint8Array {
    const columns: Record<string, ColumnArray> = {};
    for (const name of textNames) Object.assign(columns, this.texts[name].arrays(name));
    for (const name of numberNames) columns[name] = Float64Array.from(this.numbers[name]);
    for (const [kind, rows] of tableRows.entries()) columns[`rows.${kind}`] = rows;
    return encodeColumnFile({ meta: { version: indexVersion, tables: tableRows.length }, columns });
  }
}

/** Refuses a column file of a newer version. */
export function checkVersion({ meta }: ColumnFile, newest: number, path: string): void {
  if (typeof meta.version !== "number") throw new ResultsError(`damaged file: ${path} (no version)`);
  if (meta.version <= newest) return;
  throw new ResultsError(
    `results from a newer ShardLab: ${path} has schema version ${meta.version}, this one reads up to ${newest}`,
  );
}

/** The index that `RunIndexBuilder.encode` wrote. @throws ResultsError when it is damaged or newer. */
export function decodeRunIndex(bytes: Uint8Array, path: string): RunIndex {
  const file = decodeColumnFile(bytes, path);
  checkVersion(file, indexVersion, path);
  const { meta, columns } = file;
  const texts = Object.fromEntries(textNames.map((name) => [name, readTexts(columns, name)]));
  const numbers = Object.fromEntries(numberNames.map((name) => [name, columns[name]]));
  const tableRows = Array.from({ length: Number(meta.tables) }, (_, kind) => columns[`rows.${kind}`]);
  const count = (columns.seed as Float64Array).length;
  return { ...texts, ...numbers, count, tableRows } as unknown as RunIndex;
}

/** A run as readers group it: where it stands in its experiment. Runs of one point share the object of coordinates. */
export interface RunPlace {
  /** 12 hexadecimal digits. */
  readonly run: string;
  readonly seed: number;
  readonly design: Design;
  readonly point: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
}

/** Reads coordinates by row, parsing each text once. */
export function coordinatesReader({ coordinates }: RunIndex): (row: number) => RunPlace["coordinates"] {
  const parsed: RunPlace["coordinates"][] = [];
  return (row) => {
    const code = coordinates.codes[row] as number;
    parsed[code] ??= JSON.parse(coordinates.text(code)) as RunPlace["coordinates"];
    return parsed[code];
  };
}
