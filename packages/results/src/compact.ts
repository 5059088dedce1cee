import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Table } from "@shardlab/contracts";
import type { RunManifest } from "./manifest.ts";
import { isLeftover, temporaryPrefix, writerName } from "./replace-file.ts";
import { errorCode, ResultsError, writeError } from "./results-error.ts";
import { Segment, SegmentTables } from "./segment.ts";
import { SegmentBuilder } from "./segment-builder.ts";
import { commitSegment, segmentsFolder } from "./segment-files.ts";
import { isVanished, type LiveSegment, liveRows, readLooseRun, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { readLooseTables } from "./stored-tables.ts";

/** Rows over all tables that one segment holds at most, which bounds the memory of compaction. */
const mostRowsInSegment = 2 ** 21;

export interface CompactionProgress {
  readonly done: number;
  readonly total: number;
}

export interface CompactOptions {
  /** Leaves an experiment with fewer runs in folders of their own as it is; 1 unless given. */
  readonly minimumRuns?: number;
  /** Told after each run that has been read, those of merged segments included. */
  readonly onProgress?: (progress: CompactionProgress) => void;
  /** Aborting leaves what is done done and the rest as it is. */
  readonly signal?: AbortSignal;
  /** Rows over all tables that one segment holds at most. */
  readonly mostRows?: number;
}

/**
 * What a compaction did.
 *
 * @property runs runs that were folders and are in segments now.
 * @property segments segments written.
 * @property merged segments that went into them.
 * @property left runs that stay folders of their own, because they cannot be read, each with why.
 */
export interface Compaction {
  readonly runs: number;
  readonly segments: number;
  readonly merged: number;
  readonly left: readonly { readonly run: string; readonly reason: string }[];
}

/** Takes a folder out of sight at once, then deletes it: no reader sees it half deleted. */
function removeFolder(experimentDirectory: string, path: string, name: string): void {
  const aside = join(experimentDirectory, `${temporaryPrefix}${name}-gone-${writerName()}`);
  try {
    rmSync(aside, { recursive: true, force: true });
    renameSync(path, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw writeError(error, path); // another process took it away
  }
}

function removeDone({ directory, duplicates, replaced }: Snapshot): void {
  for (const run of duplicates) removeFolder(directory, join(directory, run), run);
  for (const id of replaced) removeFolder(directory, join(directory, segmentsFolder, id), id);
}

/** Deletes what killed processes of this machine left half written, and what is in a segment already. */
export function cleanUp(experimentDirectory: string): void {
  const snapshot = takeSnapshot(experimentDirectory);
  removeDone(snapshot);
  let names: string[];
  try {
    names = readdirSync(experimentDirectory);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return;
    throw error;
  }
  for (const name of names.filter(isLeftover)) {
    rmSync(join(experimentDirectory, name), { recursive: true, force: true });
  }
}

/** What compaction needs to know of a run before it reads its tables. @property run its id where it is a folder. */
interface Candidate {
  readonly run?: string;
  readonly key: { readonly design: string; readonly point: number; readonly seed: number; readonly hash: string };
  readonly rows: number;
  readonly read: () => Promise<{ text: string; manifest: RunManifest; tables: Table[] }>;
}

const byPlace = ({ key: left }: Candidate, { key: right }: Candidate): number => {
  if (left.design !== right.design) return left.design < right.design ? -1 : 1;
  return left.point - right.point || left.seed - right.seed || (left.hash < right.hash ? -1 : 1);
};

const keyOf = ({ design, point, seed, runHash: hash }: RunManifest): Candidate["key"] => ({
  design,
  point,
  seed,
  hash,
});
const rowsOf = ({ tables }: RunManifest): number => tables.reduce((sum, { rows }) => sum + rows, 0);

function looseCandidate(experimentDirectory: string, run: string): Candidate | undefined {
  const loose = readLooseRun(experimentDirectory, run);
  if (loose === undefined) return undefined;
  const read = async () => {
    const again = readLooseRun(experimentDirectory, run);
    if (again === undefined) throw new ResultsError(`no manifest in: ${loose.directory}`);
    const { text, manifest } = again;
    return { text, manifest, tables: await readLooseTables(again.directory, manifest) };
  };
  return { run, key: keyOf(loose.manifest), rows: rowsOf(loose.manifest), read };
}

function segmentCandidates(live: LiveSegment): Candidate[] {
  const { segment } = live;
  const { index } = segment;
  const tables = new SegmentTables(segment);
  return Array.from(liveRows(live), (row) => ({
    key: {
      design: index.design.at(row),
      point: index.point[row] as number,
      seed: index.seed[row] as number,
      hash: index.runHash.at(row),
    },
    rows: index.tableRows.reduce((sum, rows) => sum + Math.max(rows[row] as number, 0), 0),
    read: async () => {
      const text = segment.manifestText(row);
      const manifest = segment.manifest(row);
      return { text, manifest, tables: await tables.tablesOf(row, manifest) };
    },
  }));
}

/** Cuts runs into segments of at most `mostRows` rows, in order. */
function cut(candidates: readonly Candidate[], mostRows: number): Candidate[][] {
  const parts: Candidate[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (rows + candidate.rows > mostRows) {
      parts.push([]);
      rows = 0;
    }
    parts.at(-1)?.push(candidate);
    rows += candidate.rows;
  }
  return parts;
}

/**
 * Segments to merge with a new one: those that are no larger, the smallest first, as long as all fit together. So sizes
 * at least double from one segment to the next, and each run is copied a logarithmic number of times.
 */
function toMerge(
  segments: readonly LiveSegment[],
  start: { runs: number; rows: number },
  mostRows: number,
): LiveSegment[] {
  const merged: LiveSegment[] = [];
  let { runs, rows } = start;
  for (const live of segments.toSorted((left, right) => left.liveRuns - right.liveRuns)) {
    if (live.liveRuns > runs || rows + live.segment.header.rows > mostRows) break;
    merged.push(live);
    runs += live.liveRuns;
    rows += live.segment.header.rows;
  }
  return merged;
}

/** Counts, and leaves aside what cannot be read. */
class Tally {
  runs = 0;
  segments = 0;
  merged = 0;
  done = 0;
  total = 0;
  readonly left: { run: string; reason: string }[] = [];
  private readonly options: CompactOptions;

  constructor(options: CompactOptions) {
    this.options = options;
  }

  get isStopped(): boolean {
    return this.options.signal?.aborted ?? false;
  }

  step(): void {
    this.done += 1;
    this.options.onProgress?.({ done: this.done, total: this.total });
  }

  leave(directory: string, run: string, error: unknown): void {
    if (!isVanished(error) && !(error instanceof ResultsError)) throw error;
    // A run that has gone was compacted by another process.
    if (!existsSync(join(directory, run))) return;
    this.left.push({ run, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** Reads the runs in order into a segment. Undefined when it was stopped, or nothing could be read. */
async function build(
  directory: string,
  candidates: readonly Candidate[],
  tally: Tally,
): Promise<SegmentBuilder | undefined> {
  const builder = new SegmentBuilder();
  for (const candidate of candidates) {
    if (tally.isStopped) return undefined;
    try {
      const { text, manifest, tables } = await candidate.read();
      builder.add(text, manifest, tables);
    } catch (error) {
      if (candidate.run === undefined) throw error;
      tally.leave(directory, candidate.run, error);
    }
    tally.step();
  }
  return builder.runs > 0 ? builder : undefined;
}

/**
 * Moves the runs of an experiment that are folders of their own into segments, sorted by design, sweep point and seed.
 *
 * It may be killed at any moment, and other processes may write, read or compact at the same time: a segment becomes
 * visible by one rename, and a folder goes only after that, out of sight before it is deleted. Readers prefer segments,
 * so that a run that is in both is seen once. Runs that cannot be read stay as they are.
 *
 * @throws ResultsError when the folder cannot be written, or a segment there is damaged or newer.
 */
export async function compactExperiment(
  experimentDirectory: string,
  options: CompactOptions = {},
): Promise<Compaction> {
  const { minimumRuns = 1, mostRows = mostRowsInSegment } = options;
  const tally = new Tally(options);
  cleanUp(experimentDirectory);
  const snapshot = takeSnapshot(experimentDirectory);
  if (snapshot.loose.length < minimumRuns) return result(tally);
  const parts = cut(readCandidates(snapshot, tally).sort(byPlace), mostRows);
  tally.total = parts.reduce((sum, part) => sum + part.length, 0);
  for (const part of parts) {
    if (tally.isStopped) break;
    await compactPart(experimentDirectory, part, { tally, mostRows });
  }
  return result(tally);
}

const result = ({ runs, segments, merged, left }: Tally): Compaction => ({ runs, segments, merged, left });

function readCandidates({ directory, loose }: Snapshot, tally: Tally): Candidate[] {
  return loose.flatMap((run) => {
    try {
      const candidate = looseCandidate(directory, run);
      return candidate === undefined ? [] : [candidate];
    } catch (error) {
      tally.leave(directory, run, error);
      return [];
    }
  });
}

/** Puts runs into one segment, together with small segments. */
async function compactPart(
  directory: string,
  part: readonly Candidate[],
  { tally, mostRows }: { tally: Tally; mostRows: number },
): Promise<void> {
  const size = { runs: part.length, rows: part.reduce((sum, { rows }) => sum + rows, 0) };
  const merged = toMerge(takeSnapshot(directory).segments, size, mostRows);
  let builder: SegmentBuilder | undefined;
  let old: Candidate[] = [];
  try {
    old = merged.flatMap(segmentCandidates);
    tally.total += old.length;
    builder = await build(directory, [...old, ...part].sort(byPlace), tally);
  } catch (error) {
    // Another process merged the same segments; what is still to do is done the next time.
    if (isVanished(error)) return;
    throw error;
  }
  if (builder === undefined) return;
  const encoded = builder.finish();
  const replaces = merged.map(({ segment }) => segment.id).filter((id) => id !== encoded.id);
  commitSegment(directory, encoded, replaces);
  const written = new Segment(directory, encoded.id);
  // Nothing is deleted that cannot be read back.
  if (written.index.count !== builder.runs || written.sortedIds.length !== builder.runs) {
    throw new ResultsError(`damaged results: ${written.directory} holds fewer runs than were written`);
  }
  removeDone(takeSnapshot(directory));
  tally.segments += 1;
  tally.merged += merged.length;
  tally.runs += builder.runs - old.length;
}
