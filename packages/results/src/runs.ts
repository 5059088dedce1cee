import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestFile, type RunManifest, readManifest, runIdOf } from "./manifest.ts";
import { errorCode, ResultsError } from "./results-error.ts";

/** A run and where it lies. */
export interface StoredRun {
  /** 12 hexadecimal digits, the name of its folder. */
  readonly run: string;
  readonly directory: string;
  readonly manifest: RunManifest;
}

const runIdPattern = /^[0-9a-f]{12}$/;

/** The folders in `directory` that are not hidden, sorted, so that a half-written `.tmp-` is never read. */
function foldersIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/**
 * The manifest of the run with this hash, or undefined when it has not been run.
 *
 * @throws ResultsError when a different run lies under the same id, or the manifest cannot be read.
 */
export function findRun(experimentDirectory: string, runHash: string): RunManifest | undefined {
  const directory = join(experimentDirectory, runIdOf(runHash));
  if (!existsSync(directory)) return undefined;
  const manifest = readManifest(directory);
  if (manifest.runHash !== runHash) {
    throw new ResultsError(`another run under the same id: ${directory} holds ${manifest.runHash}, not ${runHash}`);
  }
  return manifest;
}

/** Every finished run of one experiment, sorted by id. An experiment without runs gives an empty list. */
export function listExperimentRuns(experimentDirectory: string): StoredRun[] {
  return foldersIn(experimentDirectory)
    .filter((name) => runIdPattern.test(name))
    .map((run) => ({ run, directory: join(experimentDirectory, run) }))
    .filter(({ directory }) => existsSync(join(directory, manifestFile)))
    .map(({ run, directory }) => ({ run, directory, manifest: readManifest(directory) }));
}

/** Every finished run below `out`, sorted by experiment and id. A folder that does not exist holds none. */
export function listRuns(out: string): StoredRun[] {
  return foldersIn(out).flatMap((experiment) => listExperimentRuns(join(out, experiment)));
}
