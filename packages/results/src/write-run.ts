import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Table } from "@shardlab/contracts";
import { manifestFile, manifestVersion, type RunManifest, type RunRecord, readManifest, runIdOf } from "./manifest.ts";
import { encodeParquet, rowCount } from "./parquet.ts";
import { jsonText, makeFolder, temporaryPrefix, writerName } from "./replace-file.ts";
import { errorCode, ResultsError, writeError } from "./results-error.ts";
import { findRun } from "./runs.ts";

const tableNamePattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Where a run lies, and whether this call put it there. */
export interface WrittenRun {
  readonly directory: string;
  readonly manifest: RunManifest;
  readonly written: boolean;
}

function manifestOf(run: RunRecord, tables: readonly Table[]): RunManifest {
  const entries = tables.map((table) => ({ name: table.name, version: table.version, rows: rowCount(table) }));
  const unfit = entries.find(({ name }) => !tableNamePattern.test(name));
  if (unfit) throw new Error(`table name is not kebab-case: ${unfit.name}`);
  if (new Set(entries.map(({ name }) => name)).size < entries.length) {
    throw new Error(`two tables of one name: ${entries.map(({ name }) => name).join(", ")}`);
  }
  return { schemaVersion: manifestVersion, ...run, tables: entries };
}

/**
 * Writes a run into `<experimentDirectory>/<run id>/`: every table as Parquet, and the manifest. Everything is written
 * aside and renamed once, so that a reader sees a whole run or none. A run that is already there is left as it is.
 *
 * @throws ResultsError (`cannot write results: ...`) when the disk is full or the folder cannot be written, or when
 *   another run hash with the same first digits lies there.
 */
export function writeRun(experimentDirectory: string, run: RunRecord, tables: readonly Table[]): WrittenRun {
  const runId = runIdOf(run.runHash);
  const directory = join(experimentDirectory, runId);
  const present = findRun(experimentDirectory, run.runHash);
  if (present) return { directory, manifest: present, written: false };

  const manifest = manifestOf(run, tables);
  const encoded = tables.map((table) => ({ file: `${table.name}.parquet`, bytes: encodeParquet(table) }));
  let aside: string | undefined;
  try {
    makeFolder(experimentDirectory);
    aside = join(experimentDirectory, `${temporaryPrefix}${runId}-${writerName()}`);
    rmSync(aside, { recursive: true, force: true }); // left by a killed process that had our number
    mkdirSync(aside);
    for (const { file, bytes } of encoded) writeFileSync(join(aside, file), bytes);
    writeFileSync(join(aside, manifestFile), jsonText(manifest));
    renameSync(aside, directory);
    return { directory, manifest, written: true };
  } catch (error) {
    if (aside) rmSync(aside, { recursive: true, force: true });
    // Somebody else finished the same run between the look above and the rename.
    const overtaken = errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST";
    if (overtaken && readManifestIfAny(directory)?.runHash === run.runHash) {
      return { directory, manifest: readManifest(directory), written: false };
    }
    throw writeError(error, experimentDirectory);
  }
}

function readManifestIfAny(directory: string): RunManifest | undefined {
  try {
    return readManifest(directory);
  } catch (error) {
    if (error instanceof ResultsError) return undefined;
    throw error;
  }
}
