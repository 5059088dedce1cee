/** Kills writing and compaction before every single change of a file, and moves runs under the eyes of readers. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readEverything } from "./fixtures/read-everything.ts";
import { syntheticRun } from "./fixtures/synthetic-runs.ts";
import {
  compactExperiment,
  findRun,
  listExperimentRuns,
  openResults,
  overviewResults,
  readMeasures,
  storedRuns,
  writeRun,
} from "./index.ts";

class Crash extends Error {}

/** What happens at file operations: a crash at the n-th change, from which on nothing changes, or a step before the n-th read. */
const disk = vi.hoisted(() => ({
  changesLeft: Number.POSITIVE_INFINITY,
  readsLeft: Number.POSITIVE_INFINITY,
  beforeRead: (): void => {},
}));

vi.mock("node:fs", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs")>();
  const isCrashed = (): boolean => {
    disk.changesLeft -= 1;
    return disk.changesLeft < 0;
  };
  /** Changes: nothing happens once crashed; what is being written is cut off. */
  const change =
    <Arguments extends unknown[], Result>(
      operation: (...args: Arguments) => Result,
      cutOff?: (...args: Arguments) => void,
    ) =>
    (...args: Arguments): Result => {
      if (!isCrashed()) return operation(...args);
      if (disk.changesLeft === -1) cutOff?.(...args);
      throw new Crash("killed");
    };
  const read =
    <Arguments extends unknown[], Result>(operation: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      disk.readsLeft -= 1;
      if (disk.readsLeft === 0) disk.beforeRead();
      return operation(...args);
    };
  return {
    ...real,
    mkdirSync: change(real.mkdirSync),
    renameSync: change(real.renameSync),
    writeFileSync: change(real.writeFileSync, (path, content) =>
      real.writeFileSync(path, (content as Uint8Array).slice(0, 10)),
    ),
    writeSync: change(real.writeSync as (file: number, bytes: Uint8Array, start: number) => number, (file, bytes) => {
      real.writeSync(file, bytes.subarray(0, bytes.length >> 1));
    }),
    fsyncSync: change(real.fsyncSync),
    // Deleting a folder is many changes: killed on the way, it has deleted the first file.
    rmSync: change(real.rmSync, (path) => {
      try {
        const [first] = real.readdirSync(path);
        if (first !== undefined) real.rmSync(join(String(path), first), { recursive: true });
      } catch {
        // It was no folder, or is gone.
      }
    }),
    readdirSync: read(real.readdirSync as (...args: unknown[]) => unknown),
    readFileSync: read(real.readFileSync as (...args: unknown[]) => unknown),
    existsSync: read(real.existsSync),
    openSync: read(real.openSync),
  };
});

let out = "";
let directory = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "shardlab-crash-"));
  directory = join(out, "sweep");
});
afterEach(() => {
  reboot();
  rmSync(out, { recursive: true, force: true });
});

function reboot(): void {
  Object.assign(disk, { changesLeft: Number.POSITIVE_INFINITY, readsLeft: Number.POSITIVE_INFINITY });
}

/** Does `work`, killed before change `changes`. Returns whether it was. */
async function killedAt(changes: number, work: () => unknown): Promise<boolean> {
  disk.changesLeft = changes;
  try {
    await work();
    return false;
  } catch (error) {
    const isKilled = error instanceof Crash || (error instanceof Error && error.cause instanceof Crash);
    if (!isKilled) throw error;
    return true;
  } finally {
    reboot();
  }
}

const write = (point: number, seed: number): string => {
  const { record, tables } = syntheticRun("sweep", point, seed);
  return writeRun(directory, record, tables).manifest.runHash;
};

const isClean = (): boolean =>
  readdirSync(directory).every((name) => /^[0-9a-f]{12}$|^segments$/.test(name)) &&
  readdirSync(join(directory, "segments")).every((name) => /^[0-9a-f]{16}$/.test(name));

/** Deletes what a killed process leaves: the test's own process lives on, so that the name says it is still at work. */
function forgetLeftovers(): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(".tmp-")) rmSync(join(directory, name), { recursive: true });
  }
}

describe("killed at any change of a file", () => {
  test("writing leaves the run or nothing of it", async () => {
    write(0, 1);
    const before = await readEverything(directory);
    for (let changes = 0; ; changes += 1) {
      const isKilled = await killedAt(changes, () => write(5, changes));
      const after = await readEverything(directory);
      expect(after).toMatchObject(before);
      const { runHash } = syntheticRun("sweep", 5, changes).record;
      expect(findRun(directory, runHash) === undefined, `killed before change ${changes}`).toBe(isKilled);
      if (!isKilled) break;
    }
  });

  test("compaction and merging leave every run readable exactly once", async () => {
    let kills = 0;
    for (let changes = 0; ; changes += 1) {
      rmSync(directory, { recursive: true, force: true });
      for (const seed of [1, 2]) write(0, seed);
      await compactExperiment(directory);
      for (const seed of [3, 4, 5]) write(1, seed);
      const before = await readEverything(directory);
      expect(Object.keys(before)).toHaveLength(5);
      const isKilled = await killedAt(changes, () => compactExperiment(directory));
      expect(await readEverything(directory), `killed before change ${changes}`).toEqual(before);
      expect(await readMeasures(directory)).toHaveLength(5 * 13);
      expect(overviewResults(out)[0]?.runs).toEqual({ main: 5 });
      // The next command cleans up.
      await compactExperiment(directory);
      forgetLeftovers();
      expect(isClean()).toBe(true);
      expect(readdirSync(directory)).toEqual(["segments"]);
      expect(await readEverything(directory)).toEqual(before);
      if (!isKilled) break;
      kills += 1;
    }
    // Eight files of a segment, each written and synchronised, and four folders to take away.
    expect(kills).toBeGreaterThan(20);
  }, 60_000);

  test("queries see every run once, with folders and segments that hold the same runs", async () => {
    for (const seed of [1, 2, 3]) write(0, seed);
    await killedAt(24, () => compactExperiment(directory));
    const results = await openResults(out);
    const query =
      "select count(*), count(distinct run) from runs join measures using (experiment, run) where name = 'loss'";
    expect((await results.query(query)).rows).toEqual([[3, 3]]);
    results.close();
  });
});

describe("any interleaving of writing, compacting and being killed", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("write" as const), point: fc.nat(3), seed: fc.nat(5), kill: fc.option(fc.nat(6)) }),
    fc.record({
      kind: fc.constant("compact" as const),
      rows: fc.integer({ min: 13, max: 80 }),
      kill: fc.option(fc.nat(60)),
    }),
  );

  test("keeps every finished run once, with its content", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        directory = mkdtempSync(join(out, "case-"));
        let finished: Record<string, string> = {};
        for (const action of steps) {
          const work = (): unknown =>
            action.kind === "write"
              ? write(action.point, action.seed)
              : compactExperiment(directory, { mostRows: action.rows });
          await killedAt(action.kill ?? Number.POSITIVE_INFINITY, work);
          const found = await readEverything(directory);
          expect(found).toMatchObject(finished);
          const added = Object.keys(found).length - Object.keys(finished).length;
          expect(added).toBeLessThanOrEqual(action.kind === "write" ? 1 : 0);
          finished = found;
        }
        const stored = storedRuns(directory);
        expect(stored.size).toBe(Object.keys(finished).length);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("a reader while runs move", () => {
  /** Two states of the same runs: as folders, and as a segment with the folders gone. Moving is renaming, as compaction does. */
  async function prepare(): Promise<{ before: Record<string, string>; move: () => void }> {
    for (const seed of [1, 2, 3]) write(0, seed);
    const { cpSync, renameSync } = await vi.importActual<typeof import("node:fs")>("node:fs");
    const before = await readEverything(directory);
    const copy = join(out, ".copy");
    cpSync(directory, copy, { recursive: true });
    await compactExperiment(copy);
    const move = (): void => {
      renameSync(join(copy, "segments"), join(directory, "segments"));
      for (const run of Object.keys(before)) renameSync(join(directory, run), join(copy, run));
    };
    return { before, move };
  }

  const readers: Readonly<Record<string, () => Promise<unknown>>> = {
    everything: () => readEverything(directory),
    measures: async () => (await readMeasures(directory)).length,
    runs: async () => listExperimentRuns(directory).map(({ run, seed, manifest }) => [run, seed, manifest.traceHash]),
    overview: async () => overviewResults(out)[0]?.runs,
    "one run": async () =>
      [1, 2, 3].map((seed) => findRun(directory, syntheticRun("sweep", 0, seed).record.runHash)?.seed),
    "stored runs": async () => {
      const stored = storedRuns(directory);
      return [1, 2, 3].map((seed) => stored.has(syntheticRun("sweep", 0, seed).record.runHash));
    },
  };

  test.each(Object.keys(readers))(
    "%s: sees each run once, whenever that happens",
    async (name) => {
      const reader = readers[name] as () => Promise<unknown>;
      for (let reads = 1; ; reads += 1) {
        rmSync(out, { recursive: true, force: true });
        const { move } = await prepare();
        const expected = await reader();
        let isMoved = false;
        disk.readsLeft = reads;
        disk.beforeRead = () => {
          isMoved = true;
          move();
        };
        const seen = await reader();
        reboot();
        expect(seen, `moved before read ${reads}`).toEqual(expected);
        if (!isMoved) break;
      }
    },
    60_000,
  );

  test("a query that was opened before answers after", async () => {
    const { move } = await prepare();
    const results = await openResults(out);
    move();
    expect((await results.query("select count(*) from measures join runs using (experiment, run)")).rows).toEqual([
      [39],
    ]);
    results.close();
  });
});
