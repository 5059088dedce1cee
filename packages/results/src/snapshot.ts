import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestFile, parseManifest, type RunManifest, readText } from "./manifest.ts";
import { errorCode, ResultsError } from "./results-error.ts";
import { Segment, segmentIds } from "./segment.ts";

/** A segment, and those of its runs that no other segment gives. */
export interface LiveSegment {
  readonly segment: Segment;
  /** 1 for each row that another segment gives; undefined when there is none such, as is the rule. */
  readonly hidden: Uint8Array | undefined;
  readonly liveRuns: number;
}

/**
 * Where the runs of an experiment lay at one moment, each run once.
 *
 * @property loose ids of the runs that are folders of their own and in no segment, sorted.
 * @property duplicates ids of folders whose runs are in a segment, left by a process that was killed.
 * @property replaced segments whose runs are all in others.
 */
export interface Snapshot {
  readonly directory: string;
  readonly segments: readonly LiveSegment[];
  readonly loose: readonly string[];
  readonly duplicates: readonly string[];
  readonly replaced: readonly string[];
}

const runIdPattern = /^[0-9a-f]{12}$/;

/** The folders in `directory` that are not hidden, sorted, so that a half-written `.tmp-` is never read. */
export function foldersIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}

/** Whether something that was there a moment ago is no more. */
export function isVanished(error: unknown): boolean {
  return errorCode(error) === "ENOENT" || (error instanceof Error && errorCode(error.cause) === "ENOENT");
}

const isSameList = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

/** Opens segments; undefined when one of them has gone meanwhile. */
function openSegments(directory: string, ids: readonly string[]): Segment[] | undefined {
  try {
    const segments = ids.map((id) => new Segment(directory, id));
    for (const { sortedIds } of segments) void sortedIds;
    return isSameList(segmentIds(directory), ids) ? segments : undefined;
  } catch (error) {
    if (!isVanished(error) || isSameList(segmentIds(directory), ids)) throw error;
    return undefined;
  }
}

/** Larger segments come first, and give the runs that several have; equal on every machine. */
const byRank = (left: Segment, right: Segment): number =>
  right.header.runs - left.header.runs || (left.id < right.id ? -1 : 1);

/** Whether a run is in more than one segment. */
function overlap(segments: readonly Segment[]): boolean {
  if (segments.length < 2) return false;
  const all = new Float64Array(segments.reduce((sum, { sortedIds }) => sum + sortedIds.length, 0));
  let start = 0;
  for (const { sortedIds } of segments) {
    all.set(sortedIds, start);
    start += sortedIds.length;
  }
  all.sort();
  return all.some((id, index) => index > 0 && id === all[index - 1]);
}

function liveSegments(segments: readonly Segment[]): LiveSegment[] {
  if (!overlap(segments))
    return segments.map((segment) => ({ segment, hidden: undefined, liveRuns: segment.header.runs }));
  const seen = new Set<number>();
  return segments.map((segment) => {
    const hidden = new Uint8Array(segment.header.runs);
    let liveRuns = 0;
    for (const id of segment.sortedIds) {
      if (seen.has(id)) hidden[segment.rowOf(id)] = 1;
      else liveRuns += 1;
      seen.add(id);
    }
    return { segment, hidden: liveRuns < segment.header.runs ? hidden : undefined, liveRuns };
  });
}

/** The id of a run's folder as a number, as segments keep it. */
export const idNumber = (run: string): number => Number.parseInt(run, 16);

const attempts = 100;

/**
 * Looks where the runs of an experiment lie. Folders are listed before segments: a folder goes only after its run is in a
 * segment, so that a run that moves meanwhile is found in one of the two.
 *
 * @throws ResultsError when a segment is damaged or newer than this code.
 */
export function takeSnapshot(directory: string): Snapshot {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const folders = foldersIn(directory).filter((name) => runIdPattern.test(name));
    const ids = segmentIds(directory);
    const opened = openSegments(directory, ids);
    if (opened === undefined) continue;
    const replaced = new Set(opened.flatMap(({ header }) => header.replaces));
    const ranked = opened.filter(({ id }) => !replaced.has(id)).sort(byRank);
    const live = liveSegments(ranked);
    const isCompacted = (run: string): boolean => ranked.some((segment) => segment.rowOf(idNumber(run)) >= 0);
    const duplicates = folders.filter(isCompacted);
    const isDuplicate = new Set(duplicates);
    return {
      directory,
      segments: live.filter(({ liveRuns }) => liveRuns > 0),
      loose: folders.filter((run) => !isDuplicate.has(run)),
      duplicates,
      replaced: [
        ...ids.filter((id) => replaced.has(id)),
        ...live.filter(({ liveRuns }) => liveRuns === 0).map(({ segment }) => segment.id),
      ],
    };
  }
  throw new ResultsError(`results do not stay still: ${directory}`);
}

const isSameSnapshot = (left: Snapshot, right: Snapshot): boolean =>
  isSameList(left.loose, right.loose) &&
  isSameList(
    left.segments.map(({ segment }) => segment.id),
    right.segments.map(({ segment }) => segment.id),
  );

/** A newer snapshot to read again from; rethrows what nobody's moving of runs explains. */
function afterFailure(snapshot: Snapshot, error: unknown): Snapshot {
  if (!isVanished(error)) throw error;
  const next = takeSnapshot(snapshot.directory);
  if (isSameSnapshot(snapshot, next)) throw error;
  return next;
}

/** Reads from a snapshot, and once more from a newer one when runs moved while it was read. */
export function readSnapshot<T>(directory: string, read: (snapshot: Snapshot) => T): T {
  for (let snapshot = takeSnapshot(directory); ; ) {
    try {
      return read(snapshot);
    } catch (error) {
      snapshot = afterFailure(snapshot, error);
    }
  }
}

/** The same for readers that wait. */
export async function readSnapshotAsync<T>(directory: string, read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  for (let snapshot = takeSnapshot(directory); ; ) {
    try {
      return await read(snapshot);
    } catch (error) {
      snapshot = afterFailure(snapshot, error);
    }
  }
}

/** A run in a folder of its own. @property text its manifest as it stands in the file. */
export interface LooseRun {
  readonly run: string;
  readonly directory: string;
  readonly text: string;
  readonly manifest: RunManifest;
}

/**
 * The run in a folder; undefined when the folder holds none.
 *
 * @throws ResultsError when the manifest is damaged or newer, or when the folder has gone.
 */
export function readLooseRun(experimentDirectory: string, run: string): LooseRun | undefined {
  const directory = join(experimentDirectory, run);
  const path = join(directory, manifestFile);
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    if (isVanished(error) && existsSync(directory)) return undefined;
    throw error;
  }
  return { run, directory, text, manifest: parseManifest(text, path) };
}

/** The rows of a segment that are its own to give. */
export function* liveRows({ segment, hidden }: LiveSegment): Generator<number> {
  for (let row = 0; row < segment.header.runs; row += 1) if (hidden?.[row] !== 1) yield row;
}
