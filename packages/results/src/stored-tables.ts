import { join } from "node:path";
import type { Table } from "@shardlab/contracts";
import { type RunManifest, readBytes, runIdOf } from "./manifest.ts";
import { decodeParquet } from "./read-parquet.ts";
import { ResultsError } from "./results-error.ts";
import { SegmentTables } from "./segment.ts";
import { idNumber, readLooseRun, readSnapshotAsync } from "./snapshot.ts";

/** The tables in a run's own folder, in the order of its manifest. */
export async function readLooseTables(runDirectory: string, manifest: RunManifest): Promise<Table[]> {
  const tables: Table[] = [];
  for (const { name } of manifest.tables) {
    const path = join(runDirectory, `${name}.parquet`);
    tables.push(await decodeParquet(readBytes(path), name, path));
  }
  return tables;
}

/**
 * Every table of one run as the run gave it, whether it has a folder of its own or not; undefined when it has not been run.
 *
 * @throws ResultsError when the run is damaged or newer than this code.
 */
export async function readTables(experimentDirectory: string, runHash: string): Promise<Table[] | undefined> {
  const run = runIdOf(runHash);
  const id = idNumber(run);
  return readSnapshotAsync(experimentDirectory, async ({ segments, loose }) => {
    for (const { segment } of segments) {
      const row = segment.rowOf(id);
      if (row < 0) continue;
      const manifest = segment.manifest(row);
      if (manifest.runHash !== runHash) {
        throw new ResultsError(`another run under the same id: ${segment.directory} holds ${manifest.runHash}`);
      }
      return new SegmentTables(segment).tablesOf(row, manifest);
    }
    const stored = loose.includes(run) ? readLooseRun(experimentDirectory, run) : undefined;
    return stored && readLooseTables(stored.directory, stored.manifest);
  });
}
