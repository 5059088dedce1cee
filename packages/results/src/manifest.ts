import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Assumption, DeterminismClass } from "@shardlab/contracts";
import { errorCode, ResultsError } from "./results-error.ts";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** The version of manifests that this code writes, and the newest that it reads. */
export const manifestVersion = 1;

/** Which part of an experiment a run belongs to. */
export type Design = "main" | "sensitivity" | "frontier" | "claim";

/** A value on one axis of the sweep, such as the arm or an audit rate. */
export type Coordinate = string | number | boolean;

/** Time that one phase of a run took. */
export interface PhaseTime {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/**
 * Where a run came from: enough to run it again, and nothing about the machine or the person.
 *
 * @property seed a safe integer.
 * @property point index of the sweep point within its design.
 * @property coordinates arm and swept parameters, keyed by their path in the scenario (`verification.rate`).
 * @property scenarioHash, runHash hexadecimal digests of the resolved scenario, and of scenario, seed and model together.
 * @property modelHash content hash of the built model packages, see `modelHash`.
 * @property plugin the user's own mechanism that the run was made with, by name and content hash of its code.
 * @property commit, dirty null outside a git checkout.
 * @property node version without the leading `v`.
 */
export interface RunRecord {
  readonly experiment: string;
  readonly design: Design;
  readonly point: number;
  readonly seed: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly scenario: JsonObject;
  readonly scenarioHash: string;
  readonly runHash: string;
  readonly modelHash: string;
  readonly plugin?: { readonly kind: string; readonly hash: string };
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly node: string;
  readonly phases: Readonly<Record<string, PhaseTime>>;
  readonly traceHash: string;
  readonly determinism: DeterminismClass;
  readonly assumptions: readonly Assumption[];
}

/** What the manifest says of a table beside it, so that readers need not open the file to plan a query. */
export interface TableEntry {
  readonly name: string;
  readonly version: number;
  readonly rows: number;
}

/** The manifest of one run: its record, the version of the format and the tables beside it. */
export interface RunManifest extends RunRecord {
  readonly schemaVersion: typeof manifestVersion;
  readonly tables: readonly TableEntry[];
}

export const manifestFile = "manifest.json";
const runIdDigits = 12;

/** The folder name of a run: the first 12 digits of its hash. */
export function runIdOf(runHash: string): string {
  if (!/^[0-9a-f]{12,}$/.test(runHash)) throw new Error(`run hash is not 12 or more hexadecimal digits: ${runHash}`);
  return runHash.slice(0, runIdDigits);
}

/** The content of a file of results. @throws ResultsError when it cannot be read. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new ResultsError(`cannot read results: ${errorCode(error)} (${path})`, { cause: error });
  }
}

export const readText = (path: string): string => readBytes(path).toString("utf8");

/** Reads JSON that carries a `schemaVersion`, refusing what is newer than `newest`. */
export function readVersioned(path: string, newest: number): JsonObject {
  return parseVersioned(readText(path), path, newest);
}

function parseVersioned(text: string, path: string, newest: number): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ResultsError(`damaged file: ${path} (not JSON)`, { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new ResultsError(`damaged file: ${path} (expected a JSON object)`);
  }
  const content = parsed as JsonObject;
  const version = content.schemaVersion;
  if (typeof version !== "number") throw new ResultsError(`damaged file: ${path} (no schemaVersion)`);
  if (version > newest) {
    throw new ResultsError(
      `results from a newer ShardLab: ${path} has schema version ${version}, this one reads up to ${newest}`,
    );
  }
  return content;
}

/** What every reader relies on; the rest of a manifest is passed through. */
function checkManifest(content: JsonObject, path: string): RunManifest {
  const kinds = { experiment: "string", design: "string", point: "number", seed: "number", runHash: "string" } as const;
  for (const [key, kind] of Object.entries(kinds)) {
    if (typeof content[key] !== kind) throw new ResultsError(`damaged file: ${path} (${key} is not a ${kind})`);
  }
  const coordinates = content.coordinates;
  if (typeof coordinates !== "object" || coordinates === null || Array.isArray(coordinates)) {
    throw new ResultsError(`damaged file: ${path} (coordinates is not an object)`);
  }
  if (!Array.isArray(content.tables)) throw new ResultsError(`damaged file: ${path} (tables is not a list)`);
  return content as unknown as RunManifest;
}

/**
 * The manifest in a run's folder.
 *
 * @throws ResultsError when it is missing, damaged, or of a newer schema version.
 */
export function readManifest(runDirectory: string): RunManifest {
  const path = join(runDirectory, manifestFile);
  return parseManifest(readText(path), path);
}

/**
 * The manifest in `text`.
 *
 * @param path where the text comes from, for messages.
 * @throws ResultsError when it is damaged or of a newer schema version.
 */
export function parseManifest(text: string, path: string): RunManifest {
  return checkManifest(parseVersioned(text, path, manifestVersion), path);
}
