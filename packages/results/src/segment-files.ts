import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ColumnData } from "@shardlab/contracts";
import type { JsonObject } from "./manifest.ts";
import { makeFolder, temporaryPrefix, writerName } from "./replace-file.ts";
import { errorCode, writeError } from "./results-error.ts";

/** The version of segments that this code writes, and the newest that it reads. */
export const segmentVersion = 1;

/** The folder of an experiment in which its segments lie, each a folder named by its content. */
export const segmentsFolder = "segments";
export const segmentIdPattern = /^[0-9a-f]{16}$/;

export const segmentFiles = {
  header: "segment.json",
  ids: "ids.columns",
  index: "index.columns",
  manifests: "manifests.bin",
  runs: "runs.parquet",
} as const;

/** Manifests that are compressed together: neighbours differ little, and reading one decompresses this many. */
export const manifestsPerBlock = 64;

/** One kind of table in a segment: name, version and columns are the same for all its runs. */
export interface SegmentTable {
  readonly file: string;
  readonly name: string;
  readonly version: number;
  readonly rows: number;
  /** The column in front that holds the run's id; it is named otherwise where the table has a column `run`. */
  readonly runColumn: string;
  readonly columns: readonly { readonly name: string; readonly unit: string; readonly type: ColumnData["type"] }[];
}

/**
 * What `segment.json` says.
 *
 * @property rows over all tables.
 * @property bytes of all files but this one.
 * @property replaces segments whose runs are all in this one.
 * @property coordinates the names of all coordinates and the kinds of their values (`number`, `string`, `boolean`).
 */
export interface SegmentHeader {
  readonly runs: number;
  readonly rows: number;
  readonly bytes: number;
  readonly replaces: readonly string[];
  readonly tables: readonly SegmentTable[];
  readonly coordinates: Readonly<Record<string, readonly string[]>>;
}

/** A segment that is not written yet. @property files their bytes by name. */
export interface EncodedSegment {
  readonly id: string;
  readonly header: SegmentHeader;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Writes a file and waits until it is on the disk, because what it replaces is deleted afterwards. */
function writeDurably(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "w");
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, "r");
  } catch (error) {
    if (errorCode(error) === "EISDIR" || errorCode(error) === "EPERM") return; // Windows cannot open folders
    throw error;
  }
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Puts a segment into an experiment: everything is written aside and renamed once. Returns its folder.
 *
 * @throws ResultsError (`cannot write results: ...`) when the disk is full or the folder cannot be written.
 */
export function commitSegment(
  experimentDirectory: string,
  segment: EncodedSegment,
  replaces: readonly string[],
): string {
  const folder = join(experimentDirectory, segmentsFolder);
  const target = join(folder, segment.id);
  const aside = join(experimentDirectory, `${temporaryPrefix}${segment.id}-${writerName()}`);
  const header: JsonObject = { schemaVersion: segmentVersion, ...(segment.header as unknown as JsonObject), replaces };
  try {
    makeFolder(folder);
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(aside);
    for (const [name, bytes] of segment.files) writeDurably(join(aside, name), bytes);
    writeDurably(join(aside, segmentFiles.header), Buffer.from(`${JSON.stringify(header)}\n`));
    syncFolder(aside);
    renameSync(aside, target);
    syncFolder(folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    // Another process has just put the same runs together.
    if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return target;
    throw writeError(error, experimentDirectory);
  }
  return target;
}
