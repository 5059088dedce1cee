import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Design, type RunManifest, runIdOf } from "./manifest.ts";
import { ResultsError } from "./results-error.ts";
import { coordinatesReader, type RunPlace } from "./run-index.ts";
import { Segment, segmentIds } from "./segment.ts";
import {
  foldersIn,
  idNumber,
  isVanished,
  type LooseRun,
  liveRows,
  readLooseRun,
  readSnapshot,
  type Snapshot,
} from "./snapshot.ts";

/**
 * A run and where it lies. Everything but the manifest is at hand; the manifest of a compacted run is read when it is
 * asked for, which takes a while for very many.
 */
export interface StoredRun extends RunPlace {
  /** The folder that holds it: its own, or that of a segment with others. */
  readonly directory: string;
  readonly runHash: string;
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly manifest: RunManifest;
}

interface SegmentRow {
  readonly segment: Segment;
  readonly row: number;
  readonly experimentDirectory: string;
}

function storedCompactedRun(source: SegmentRow, coordinates: RunPlace["coordinates"]): StoredRun {
  const { segment, row, experimentDirectory } = source;
  const { index, directory } = segment;
  const runHash = index.runHash.at(row);
  return {
    ...{ run: runIdOf(runHash), runHash, coordinates, directory, design: index.design.at(row) as Design },
    ...{ seed: index.seed[row] as number, point: index.point[row] as number },
    ...{ scenarioHash: index.scenarioHash.at(row), modelHash: index.modelHash.at(row) },
    get manifest() {
      try {
        return segment.manifest(row);
      } catch (error) {
        const moved = isVanished(error) ? findRun(experimentDirectory, runHash) : undefined;
        if (moved) return moved;
        throw error;
      }
    },
  };
}

function storedLooseRun({ run, directory, manifest }: LooseRun): StoredRun {
  const { seed, point, design, coordinates, runHash, scenarioHash, modelHash } = manifest;
  return { run, seed, point, design, coordinates, directory, runHash, scenarioHash, modelHash, manifest };
}

function expectHash(actual: string, wanted: string, directory: string): void {
  if (actual === wanted) return;
  throw new ResultsError(`another run under the same id: ${directory} holds ${actual}, not ${wanted}`);
}

/** The ids of segments looked at before, by folder. A segment never changes, and its name says what is in it. */
const segmentsSeen = new Map<string, Segment>();

/** The segment that holds a run, opened afresh so that what is read of it is not kept. */
function segmentOf(experimentDirectory: string, idOfRun: number): Segment | undefined {
  for (const id of segmentIds(experimentDirectory)) {
    const key = join(experimentDirectory, id);
    const segment = segmentsSeen.get(key) ?? new Segment(experimentDirectory, id);
    segmentsSeen.set(key, segment);
    if (segment.rowOf(idOfRun) >= 0) return new Segment(experimentDirectory, id);
  }
  return undefined;
}

/**
 * The manifest of the run with this hash, or undefined when it has not been run. To look for many, see `storedRuns`.
 *
 * @throws ResultsError when a different run lies under the same id, or the manifest cannot be read.
 */
export function findRun(experimentDirectory: string, runHash: string): RunManifest | undefined {
  const run = runIdOf(runHash);
  for (;;) {
    try {
      const directory = join(experimentDirectory, run);
      const loose = existsSync(directory) ? readLooseRun(experimentDirectory, run) : undefined;
      if (loose) {
        expectHash(loose.manifest.runHash, runHash, directory);
        return loose.manifest;
      }
      const segment = segmentOf(experimentDirectory, idNumber(run));
      if (segment === undefined) return undefined;
      const manifest = segment.manifest(segment.rowOf(idNumber(run)));
      expectHash(manifest.runHash, runHash, segment.directory);
      return manifest;
    } catch (error) {
      // Moved between the look and the reading; it is elsewhere now.
      if (!isVanished(error)) throw error;
      segmentsSeen.clear();
    }
  }
}

const byId = (left: StoredRun, right: StoredRun): number => (left.run < right.run ? -1 : 1);

function runsOf({ directory, segments, loose }: Snapshot): StoredRun[] {
  const runs: StoredRun[] = [];
  for (const live of segments) {
    const { segment } = live;
    const coordinatesAt = coordinatesReader(segment.index);
    for (const row of liveRows(live)) {
      runs.push(storedCompactedRun({ segment, row, experimentDirectory: directory }, coordinatesAt(row)));
    }
  }
  for (const run of loose) {
    const stored = readLooseRun(directory, run);
    if (stored) runs.push(storedLooseRun(stored));
  }
  return segments.length === 0 ? runs : runs.sort(byId);
}

/** Every finished run of one experiment, sorted by id. An experiment without runs gives an empty list. */
export function listExperimentRuns(experimentDirectory: string): StoredRun[] {
  return readSnapshot(experimentDirectory, runsOf);
}

/** Every finished run below `out`, sorted by experiment and id. A folder that does not exist holds none. */
export function listRuns(out: string): StoredRun[] {
  return foldersIn(out).flatMap((experiment) => listExperimentRuns(join(out, experiment)));
}

/** The runs of an experiment at one moment, for many look-ups by hash. */
export interface StoredRuns {
  readonly size: number;
  /** @throws ResultsError when a different run lies under the same id, or a manifest cannot be read. */
  has(runHash: string): boolean;
  /** The manifest of the run with this hash, or undefined. */
  find(runHash: string): RunManifest | undefined;
}

/** Looks once where all runs of an experiment lie, so that asking for each costs next to nothing. */
export function storedRuns(experimentDirectory: string): StoredRuns {
  return readSnapshot(experimentDirectory, (snapshot) => {
    const { segments, loose } = snapshot;
    const isLoose = new Set(loose);
    const indexes = segments.map(({ segment }) => ({ segment, hashes: segment.index.runHash }));
    const find = (runHash: string): RunManifest | undefined => findRun(experimentDirectory, runHash);
    const has = (runHash: string): boolean => {
      const run = runIdOf(runHash);
      if (isLoose.has(run)) return find(runHash) !== undefined;
      const id = idNumber(run);
      for (const { segment, hashes } of indexes) {
        const row = segment.rowOf(id);
        if (row < 0) continue;
        expectHash(hashes.at(row), runHash, segment.directory);
        return true;
      }
      return false;
    };
    const compacted = segments.reduce((sum, { liveRuns }) => sum + liveRuns, 0);
    return { size: compacted + loose.length, has, find: (runHash) => (has(runHash) ? find(runHash) : undefined) };
  });
}
