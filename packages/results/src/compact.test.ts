import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Column, Table } from "@shardlab/contracts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEverything, readViews } from "./fixtures/read-everything.ts";
import { measuresPerRun, syntheticRun, syntheticValue, writeSyntheticRuns } from "./fixtures/synthetic-runs.ts";
import {
  cleanUp,
  compactExperiment,
  findRun,
  listExperimentRuns,
  openResults,
  overviewResults,
  type RunRecord,
  readExperiment,
  readMeasureColumns,
  readMeasures,
  readTables,
  runIdOf,
  storedRuns,
  writeRun,
} from "./index.ts";
import { writerName } from "./replace-file.ts";

let out = "";
let directory = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "shardlab-compact-"));
  directory = join(out, "sweep");
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const isRunFolder = (name: string): boolean => /^[0-9a-f]{12}$/.test(name);
const looseRuns = (): string[] => readdirSync(directory).filter(isRunFolder);
const segments = (): string[] => readdirSync(join(directory, "segments"));

function write(points: number, seeds: readonly number[], tables: readonly Table[] = []): RunRecord[] {
  const records: RunRecord[] = [];
  for (let point = 0; point < points; point += 1) {
    for (const seed of seeds) {
      const run = syntheticRun("sweep", point, seed);
      writeRun(directory, run.record, [...run.tables, ...tables]);
      records.push(run.record);
    }
  }
  return records;
}

const table = (name: string, version: number, columns: readonly Column[]): Table => ({ name, version, columns });

const columnOf = fc.oneof(
  fc.array(fc.double()).map((values): Column["data"] => ({ type: "float64", values: Float64Array.from(values) })),
  fc.array(fc.integer()).map((values): Column["data"] => ({ type: "int32", values: Int32Array.from(values) })),
  fc.array(fc.string({ unit: "grapheme" })).map((values): Column["data"] => ({ type: "string", values })),
);

/** A table whose columns are as long as its first one, some of them named like our own. */
const anyTable = fc
  .record({
    version: fc.integer({ min: 1, max: 3 }),
    name: fc.constantFrom("timeline", "groups"),
    columns: fc.array(fc.record({ name: fc.constantFrom("run", "Run", "a float", "day", "x"), data: columnOf }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ name, version, columns }): Table => {
    const length = columns[0]?.data.values.length ?? 0;
    const padded = columns.map((column): Column => {
      const { type, values } = column.data;
      const at = (index: number): never => (values[index] ?? (type === "string" ? "" : 0)) as never;
      const cells = Array.from({ length }, (_, index) => at(index));
      const data = {
        type,
        values: type === "string" ? cells : type === "int32" ? Int32Array.from(cells) : Float64Array.from(cells),
      };
      return { name: column.name, unit: `unit of ${column.name}`, data: data as Column["data"] };
    });
    return table(name, version, [...new Map(padded.map((column) => [column.name, column])).values()]);
  });

describe("compactExperiment", () => {
  test("keeps manifests letter by letter and tables bit by bit, whatever they hold", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ tables: fc.array(anyTable, { maxLength: 3 }), extra: fc.jsonValue() }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 40 }),
        async (runs, mostRows) => {
          directory = mkdtempSync(join(out, "case-"));
          const texts = new Map<string, string>();
          for (const [seed, { tables, extra }] of runs.entries()) {
            const { record, tables: measures } = syntheticRun("sweep", seed % 3, seed);
            const distinct = [...new Map(tables.map((one) => [one.name, one])).values()];
            const written = writeRun(directory, { ...record, extra } as RunRecord, [...distinct, ...measures]);
            texts.set(runIdOf(record.runHash), readFileSync(join(written.directory, "manifest.json"), "utf8"));
          }
          const before = await readEverything(directory);
          await compactExperiment(directory, { mostRows });
          expect(looseRuns()).toEqual([]);
          expect(await readEverything(directory)).toEqual(before);
          for (const { run, manifest } of listExperimentRuns(directory)) {
            expect(`${JSON.stringify(manifest, null, 2)}\n`).toBe(texts.get(run));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("answers queries as before, over folders and segments together", async () => {
    const days = (first: number): Column => ({
      ...{ name: "day", unit: "d", data: { type: "int32", values: Int32Array.from([first, first + 1]) } },
    });
    write(2, [1, 2], [table("timeline", 1, [days(3)])]);
    const both = [days(5), { name: "run", unit: "", data: { type: "string", values: ["a", "b"] } } as const];
    write(4, [3], [table("timeline", 2, both)]);
    const before = await readViews(out);
    expect(before.runs).toHaveLength(8);
    expect(before.measures).toHaveLength(8 * measuresPerRun);
    expect(before.timeline).toHaveLength(16);
    await compactExperiment(directory);
    expect(looseRuns()).toEqual([]);
    const after = await readViews(out);
    expect(after.runs).toEqual(before.runs);
    expect(after.measures).toEqual(before.measures);
    write(1, [9], [table("timeline", 1, [days(3)])]);
    const results = await openResults(out);
    expect((await results.query("select count(*), count(distinct run) from measures")).rows).toEqual([[9 * 13, 9]]);
    expect((await results.query("select count(*), sum(day) from timeline")).rows).toEqual([[18, 5 * 7 + 4 * 11]]);
    expect((await results.query("show tables")).rows.flat().sort()).toEqual(["measures", "runs", "timeline"]);
    results.close();
  });

  test("merges small segments into larger ones, and leaves what is too few alone", async () => {
    expect(await compactExperiment(directory)).toEqual({ runs: 0, segments: 0, merged: 0, left: [] });
    write(2, [1, 2]);
    expect((await compactExperiment(directory, { minimumRuns: 5 })).runs).toBe(0);
    expect(await compactExperiment(directory)).toMatchObject({ runs: 4, segments: 1, merged: 0 });
    write(1, [3]);
    expect(await compactExperiment(directory)).toMatchObject({ runs: 1, segments: 1, merged: 0 });
    write(2, [4, 5]);
    expect(await compactExperiment(directory)).toMatchObject({ runs: 4, segments: 1, merged: 2 });
    expect(segments()).toHaveLength(1);
    expect(listExperimentRuns(directory)).toHaveLength(9);
    // Sorted by sweep point and seed.
    const { runs, starts } = await readMeasureColumns(directory);
    const stored = runs.map(({ point, seed }, index) => [starts[index], point, seed]);
    expect(stored.sort(([a = 0], [b = 0]) => a - b).map(([, point, seed]) => [point, seed])).toEqual(
      [0, 1].flatMap((point) => (point === 0 ? [1, 2, 3, 4, 5] : [1, 2, 4, 5]).map((seed) => [point, seed])),
    );
  });

  test("leaves a run that it cannot read as it is, and says why", async () => {
    const [first, second, third, fourth] = write(2, [1, 2]).map(({ runHash }) => runIdOf(runHash)) as [
      string,
      string,
      string,
      string,
    ];
    writeFileSync(join(directory, first, "measures.parquet"), "PAR1 nothing");
    rmSync(join(directory, second, "measures.parquet"));
    const manifest = join(directory, third, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"schemaVersion": 1', '"schemaVersion": 2'));
    const { runs, left } = await compactExperiment(directory);
    expect(runs).toBe(1);
    const reasons = Object.fromEntries(left.map(({ run, reason }) => [run, reason]));
    expect(reasons[first]).toMatch(/^damaged file: .*measures\.parquet/);
    expect(reasons[second]).toMatch(/^cannot read results: ENOENT .*measures\.parquet/);
    expect(reasons[third]).toMatch(/^results from a newer ShardLab: /);
    expect(looseRuns().sort()).toEqual([first, second, third].sort());
    expect(looseRuns()).not.toContain(fourth);
  });

  test("deletes what dead processes left and nothing else", async () => {
    write(1, [1]);
    const alive = `.tmp-0123456789ab-${writerName()}`;
    const dead = alive.replace(/-\d+-(\d+)$/, "-999999999-$1");
    const elsewhere = ".tmp-0123456789ab-ffffff-999999999-0";
    for (const name of [alive, dead, elsewhere, ".claims", "figures"]) mkdirSync(join(directory, name));
    expect(alive).not.toContain(hostname());
    cleanUp(directory);
    expect(
      readdirSync(directory)
        .filter((name) => !isRunFolder(name))
        .sort(),
    ).toEqual([alive, elsewhere, ".claims", "figures"].sort());
  });

  test("stops when told, and goes on the next time", async () => {
    write(3, [1, 2, 3]);
    const halt = new AbortController();
    const onProgress = ({ done }: { done: number }): void => void (done === 5 && halt.abort());
    const options = { mostRows: measuresPerRun * 3, onProgress, signal: halt.signal };
    expect(await compactExperiment(directory, options)).toMatchObject({ runs: 3, segments: 1 });
    expect(looseRuns()).toHaveLength(6);
    expect(listExperimentRuns(directory)).toHaveLength(9);
    expect(await compactExperiment(directory)).toMatchObject({ runs: 6 });
    expect(listExperimentRuns(directory)).toHaveLength(9);
  });
});

describe("compacted runs", () => {
  test("are found, not written again, and keep their identity", async () => {
    const [first, second] = write(1, [1, 2]) as [RunRecord, RunRecord];
    await compactExperiment(directory);
    const third = syntheticRun("sweep", 7, 7);
    writeRun(directory, third.record, third.tables);
    const stored = storedRuns(directory);
    expect(stored.size).toBe(3);
    for (const { runHash } of [first, second, third.record]) {
      expect(stored.has(runHash)).toBe(true);
      expect(stored.find(runHash)?.runHash).toBe(runHash);
      expect(findRun(directory, runHash)?.runHash).toBe(runHash);
    }
    const absent = syntheticRun("sweep", 8, 8).record.runHash;
    expect([stored.has(absent), stored.find(absent), findRun(directory, absent)]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    expect(await readTables(directory, absent)).toBeUndefined();
    const again = writeRun(directory, first, []);
    expect(again).toMatchObject({ written: false, manifest: first });
    expect(existsSync(join(directory, runIdOf(first.runHash)))).toBe(false);
    const impostor = `${first.runHash.slice(0, 12)}${"0".repeat(52)}`;
    for (const look of [
      () => stored.has(impostor),
      () => findRun(directory, impostor),
      () => writeRun(directory, { ...first, runHash: impostor }, []),
    ]) {
      expect(look).toThrow("another run under the same id");
    }
  });

  test("give measures by column and by row", async () => {
    writeSyntheticRuns(directory, { experiment: "sweep", points: 6, seeds: 3, runsPerSegment: 7 });
    write(8, [1]);
    const rows = await readMeasures(directory);
    expect(rows).toHaveLength(20 * measuresPerRun);
    expect(rows.map(({ run }) => run)).toEqual(rows.map(({ run }) => run).sort());
    for (const [index, { point, seed, value, coordinates }] of rows.entries()) {
      expect(value).toBe(syntheticValue(point, seed, index % measuresPerRun));
      expect(coordinates["verification.rate"]).toBe(Math.floor(point / 2) / 1000);
    }
  });

  test("are counted without being read one by one", async () => {
    write(4, [1, 2, 3]);
    const { record, tables } = syntheticRun("sweep", 9, 4);
    const other = {
      design: "sensitivity",
      modelHash: "fedcba9876543210",
      coordinates: { arm: "grant, 0", row: 1 },
    } as const;
    writeRun(directory, { ...record, ...other }, tables);
    const expected = {
      ...{ experiment: "sweep", runs: { main: 12, sensitivity: 1 }, points: 5, arms: 4, seeds: 4 },
      models: { "0123456789abcdef": 12, fedcba9876543210: 1 },
    };
    expect(overviewResults(out)).toEqual([{ ...expected, looseRuns: 13 }]);
    await compactExperiment(directory);
    expect(overviewResults(out)).toEqual([{ ...expected, looseRuns: 0 }]);
  });
});

describe("segments that are damaged or newer", () => {
  const damaged = (file: string, change: (bytes: Buffer) => Buffer | string): void => {
    const [id = ""] = segments();
    const path = join(directory, "segments", id, file);
    writeFileSync(path, change(readFileSync(path)));
  };
  const flip = (bytes: Buffer): Buffer => {
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    return bytes;
  };

  beforeEach(async () => {
    write(2, [1, 2, 3]);
    await compactExperiment(directory);
  });

  test("are refused by name", async () => {
    const kept = mkdtempSync(join(out, "kept-"));
    cpSync(directory, kept, { recursive: true });
    const cases: [string, (bytes: Buffer) => Buffer | string, RegExp][] = [
      [
        "segment.json",
        (bytes) => bytes.toString().replace('"schemaVersion":1', '"schemaVersion":2'),
        /newer ShardLab: .*segment\.json has schema version 2/,
      ],
      ["segment.json", () => "{", /damaged file: .*segment\.json \(not JSON\)/],
      ["index.columns", flip, /damaged file: .*index\.columns \(its checksum differs\)/],
      ["ids.columns", (bytes) => bytes.subarray(0, 20), /damaged file: .*ids\.columns/],
      ["manifests.bin", (bytes) => bytes.subarray(0, 10), /damaged file: .*manifests\.bin/],
    ];
    for (const [file, change, message] of cases) {
      damaged(file, change);
      const read = (): unknown => listExperimentRuns(directory).map(({ manifest }) => manifest);
      expect(read, file).toThrow(message);
      rmSync(directory, { recursive: true });
      cpSync(kept, directory, { recursive: true });
    }
    damaged("measures.1.parquet", (bytes) => bytes.subarray(0, 30));
    await expect(readMeasures(directory)).rejects.toThrow(/damaged file: .*measures\.1\.parquet/);
  });

  test("lose nothing: compaction refuses to merge them, and touches nothing", async () => {
    damaged("index.columns", flip);
    const [{ run: added = "" } = {}] = write(3, [7, 8, 9]).map(({ runHash }) => ({ run: runIdOf(runHash) }));
    await expect(compactExperiment(directory)).rejects.toThrow(/damaged file/);
    expect(looseRuns()).toContain(added);
    expect(segments()).toHaveLength(1);
  });
});

describe("results of version 1", () => {
  const fixture = join(import.meta.dirname, "../../../test/fixtures/results-v1/tiny");

  test("are read, queried and compacted", async () => {
    cpSync(fixture, join(out, "tiny"), { recursive: true });
    const folder = join(out, "tiny");
    expect(readExperiment(folder).name).toBe("tiny");
    const files = readdirSync(fixture).filter(isRunFolder);
    expect(files).toHaveLength(4);
    const [views, content, measures] = [await readViews(out), await readEverything(folder), await readMeasures(folder)];
    expect(Object.keys(views)).toEqual(["runs", "groups", "measures", "ownership", "timeline"]);
    expect(measures.length % 4).toBe(0);
    for (const run of files) {
      for (const name of ["measures", "timeline"]) {
        const bytes = readFileSync(join(fixture, run, `${name}.parquet`)).toString("hex");
        expect(content[run]).toContain(`${name} ${bytes}`);
      }
    }
    expect((await compactExperiment(folder)).runs).toBe(4);
    expect(readdirSync(folder).filter(isRunFolder)).toEqual([]);
    expect(await readViews(out)).toEqual(views);
    expect(await readEverything(folder)).toEqual(content);
    expect(await readMeasures(folder)).toEqual(measures);
  });
});
