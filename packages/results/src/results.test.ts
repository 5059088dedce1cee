import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Table } from "@shardlab/contracts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  findRun,
  listRuns,
  measuresTable,
  modelHash,
  modelPackages,
  openResults,
  type RunRecord,
  readExperiment,
  readManifest,
  readMeasures,
  runIdOf,
  writeExperiment,
  writeRun,
} from "./index.ts";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "shardlab-results-"));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

function record(seed: number, coordinates: RunRecord["coordinates"] = {}): RunRecord {
  return {
    experiment: "audit",
    design: "main",
    point: 3,
    seed,
    coordinates,
    scenario: { question: 'does it\'s "quoting" hold?', verification: { rate: 0.05 } },
    scenarioHash: hashOf("scenario"),
    runHash: hashOf(`${seed} ${JSON.stringify(coordinates)}`),
    modelHash: "0123456789abcdef",
    commit: "75d8eca",
    dirty: false,
    node: "20.20.2",
    phases: { run: { wallSeconds: 1.5, cpuSeconds: 1.25 } },
    traceHash: hashOf("trace"),
    determinism: "exact",
    assumptions: [{ statement: "links never fail", checkedAgainst: "nothing" }],
  };
}

const timeline = (epochs: number): Table => ({
  name: "timeline",
  version: 1,
  columns: [
    { name: "epoch", unit: "1", data: { type: "int32", values: Int32Array.from({ length: epochs }, (_, i) => i) } },
    {
      name: "loss",
      unit: "nats",
      data: { type: "float64", values: Float64Array.from({ length: epochs }, (_, i) => 4 / (i + 1)) },
    },
    {
      name: "phase",
      unit: "",
      data: { type: "string", values: Array.from({ length: epochs }, (_, i) => (i % 2 ? "serve" : "train")) },
    },
  ],
});

const measures = (value: number) =>
  measuresTable([
    { name: "loss", unit: "nats", value },
    { name: "payoff/lazy", unit: "$", value: -value },
  ]);

describe("writeRun", () => {
  test("puts manifest and tables into the folder named by the run hash, and nothing else", () => {
    const run = record(1);
    const { directory, written } = writeRun(join(out, "audit"), run, [measures(2), timeline(4)]);
    expect(written).toBe(true);
    expect(directory).toBe(join(out, "audit", run.runHash.slice(0, 12)));
    expect(readdirSync(directory).sort()).toEqual(["manifest.json", "measures.parquet", "timeline.parquet"]);
    expect(readdirSync(join(out, "audit"))).toEqual([run.runHash.slice(0, 12)]);
    expect(readManifest(directory)).toEqual({
      schemaVersion: 1,
      ...run,
      tables: [
        { name: "measures", version: 1, rows: 2 },
        { name: "timeline", version: 1, rows: 4 },
      ],
    });
  });

  test("leaves a run that is already there as it is", () => {
    const first = writeRun(join(out, "audit"), record(1), [measures(2)]);
    const before = readFileSync(join(first.directory, "measures.parquet"));
    const second = writeRun(join(out, "audit"), record(1), [measures(99), timeline(1)]);
    expect(second.written).toBe(false);
    expect(second.manifest).toEqual(first.manifest);
    expect(readFileSync(join(first.directory, "measures.parquet")).equals(before)).toBe(true);
    expect(readdirSync(first.directory)).toHaveLength(2);
  });

  test("writes the same bytes for the same run", () => {
    const first = writeRun(join(out, "a"), record(1), [measures(2), timeline(50)]);
    const second = writeRun(join(out, "b"), record(1), [measures(2), timeline(50)]);
    for (const file of readdirSync(first.directory)) {
      expect(readFileSync(join(first.directory, file)).equals(readFileSync(join(second.directory, file)))).toBe(true);
    }
  });

  test("says nothing of the machine, the person or the place", () => {
    const { directory } = writeRun(join(out, "audit"), record(1), [measures(2)]);
    for (const file of readdirSync(directory)) {
      const text = readFileSync(join(directory, file), "latin1");
      expect(text).not.toContain(hostname());
      expect(text).not.toContain(out);
    }
    const words = readFileSync(join(directory, "manifest.json"), "utf8").split(/[^\w-]+/);
    expect(words).not.toContain(userInfo().username);
  });

  test("refuses another run under the same id", () => {
    const run = record(1);
    writeRun(join(out, "audit"), run, [measures(2)]);
    const other = { ...run, runHash: `${run.runHash.slice(0, 12)}${"0".repeat(52)}` };
    expect(() => writeRun(join(out, "audit"), other, [])).toThrow("another run under the same id");
  });

  test("refuses tables that no reader could name, or whose columns do not match", () => {
    const { columns } = timeline(2);
    const short = { name: "x", unit: "", data: { type: "int32", values: new Int32Array(1) } } as const;
    const write = (table: Table) => () => writeRun(out, record(1), [table]);
    expect(write({ name: "../evil", version: 1, columns })).toThrow("table name is not kebab-case: ../evil");
    expect(write({ name: "a", version: 1, columns: [...columns, short] })).toThrow("column of another length: a.x");
    expect(write({ name: "a", version: 1, columns: [] })).toThrow("table without columns: a");
    expect(readdirSync(out)).toEqual([]);
  });

  test("explains in one line why it cannot write", () => {
    const file = join(out, "file");
    writeFileSync(file, "");
    expect(() => writeRun(join(file, "audit"), record(1), [measures(1)])).toThrow(
      /^cannot write results: part of the path is not a folder \(.*\)$/,
    );
    if (userInfo().uid === 0) return; // root writes everywhere
    const locked = join(out, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    expect(() => writeRun(locked, record(1), [measures(1)])).toThrow(/^cannot write results: permission denied/);
  });
});

describe("reading runs", () => {
  test("never sees what a killed process left behind", async () => {
    const { directory } = writeRun(join(out, "audit"), record(1), [measures(2)]);
    const killed = record(2);
    // Even a complete leftover, killed just before the rename, is no run.
    cpSync(directory, join(out, "audit", `.tmp-${runIdOf(killed.runHash)}-4242-abc`), { recursive: true });
    expect(listRuns(out).map(({ run }) => run)).toEqual([runIdOf(record(1).runHash)]);
    expect(findRun(join(out, "audit"), killed.runHash)).toBeUndefined();
    expect(await readMeasures(join(out, "audit"))).toHaveLength(2);
    const results = await openResults(out);
    expect((await results.query("select count(*) from measures")).rows).toEqual([[2]]);
    results.close();
    expect(writeRun(join(out, "audit"), killed, [measures(3)]).written).toBe(true);
    expect(listRuns(out)).toHaveLength(2);
  });

  test("refuses a manifest of a newer version, and a damaged one, by name", () => {
    const { directory } = writeRun(join(out, "audit"), record(1), []);
    const path = join(directory, "manifest.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"schemaVersion": 1', '"schemaVersion": 2'));
    expect(() => readManifest(directory)).toThrow(
      `results from a newer ShardLab: ${path} has schema version 2, this one reads up to 1`,
    );
    writeFileSync(path, "{");
    expect(() => listRuns(out)).toThrow(`damaged file: ${path} (not JSON)`);
  });

  test("joins each measure with the coordinates of its run", async () => {
    for (const [seed, rate] of [
      [1, 0.01],
      [2, 0.05],
    ] as const) {
      writeRun(join(out, "audit"), record(seed, { "verification.rate": rate }), [measures(seed)]);
    }
    writeRun(join(out, "audit"), record(3), []);
    const rows = await readMeasures(join(out, "audit"));
    const seen = rows.map(({ seed, coordinates, name, unit, value }) => [
      seed,
      coordinates["verification.rate"],
      name,
      unit,
      value,
    ]);
    expect(seen.sort((left, right) => Number(left[0]) - Number(right[0]))).toEqual([
      [1, 0.01, "loss", "nats", 1],
      [1, 0.01, "payoff/lazy", "$", -1],
      [2, 0.05, "loss", "nats", 2],
      [2, 0.05, "payoff/lazy", "$", -2],
    ]);
    expect(await readMeasures(join(out, "nowhere"))).toEqual([]);
  });

  test("returns what was written into an experiment's record", () => {
    const written = { name: "audit", card: { question: "why?" }, design: { seeds: 3 }, summary: { loss: [1, 2] } };
    writeExperiment(join(out, "audit"), written);
    writeExperiment(join(out, "audit"), written);
    expect(readExperiment(join(out, "audit"))).toEqual(written);
    expect(readdirSync(join(out, "audit"))).toEqual(["experiment.json"]);
  });
});

describe("openResults", () => {
  test("returns doubles, integers and strings through DuckDB as they were, whatever they are", async () => {
    const cell = fc.record({
      float: fc.double(),
      int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      text: fc.string({ unit: "grapheme" }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 40 }), fc.integer(), async (cells, seed) => {
        const folder = mkdtempSync(join(out, "case-"));
        const table: Table = {
          name: "every-type",
          version: 1,
          columns: [
            { name: "a float", unit: "s", data: { type: "float64", values: Float64Array.from(cells, (c) => c.float) } },
            { name: "an-int", unit: "1", data: { type: "int32", values: Int32Array.from(cells, (c) => c.int) } },
            { name: "text", unit: "", data: { type: "string", values: cells.map((c) => c.text) } },
          ],
        };
        writeRun(join(folder, "it's"), record(seed), [table]);
        const results = await openResults(folder);
        const { rows } = await results.query('select "a float", "an-int", "text" from "every-type"');
        results.close();
        expect(rows).toEqual(cells.map((c) => [c.float, c.int, c.text]));
      }),
      { numRuns: 15 },
    );
  });

  test("joins runs with tables, and has a column for each coordinate", async () => {
    writeRun(join(out, "audit"), record(1, { arm: "it's", rate: 0.1, on: true, seed: 7 }), [measures(5), timeline(10)]);
    writeRun(join(out, "audit"), record(2, { arm: "b", mixed: 1 }), [measures(6)]);
    writeRun(join(out, "audit"), record(3, { arm: "c", mixed: "x" }), []);
    const results = await openResults(out);
    expect(results.views).toEqual(["runs", "measures", "timeline"]);
    const answer = await results.query(
      "select seed, arm, rate, \"on\", mixed, coordinates->>'$.seed' as inner_seed, value from runs left join measures using (experiment, run) where name = 'loss' order by seed",
    );
    expect(answer).toEqual({
      columns: ["seed", "arm", "rate", "on", "mixed", "inner_seed", "value"],
      rows: [
        [1, "it's", 0.1, true, null, "7", 5],
        [2, "b", null, null, "1", null, 6],
      ],
    });
    expect((await results.query("select run, count(*), sum(epoch) from timeline group by run")).rows).toEqual([
      [runIdOf(record(1, { arm: "it's", rate: 0.1, on: true, seed: 7 }).runHash), 10, 45],
    ]);
    results.close();
  });

  test("reads tables of two versions together", async () => {
    const { columns } = timeline(2);
    writeRun(join(out, "audit"), record(1), [{ name: "timeline", version: 1, columns: columns.slice(0, 1) }]);
    writeRun(join(out, "audit"), record(2), [{ name: "timeline", version: 2, columns }]);
    const results = await openResults(out);
    expect((await results.query("select count(*), count(loss) from timeline")).rows).toEqual([[4, 2]]);
    results.close();
  });

  test("keeps integers that a number cannot hold", async () => {
    writeRun(join(out, "audit"), record(1), []);
    const results = await openResults(out);
    const { rows } = await results.query(
      "select 9007199254740993::bigint, 3::bigint, [1::bigint], null, 1.5::decimal(3, 1)",
    );
    expect(rows).toEqual([[9007199254740993n, 3, [1], null, 1.5]]);
    results.close();
  });

  test("complains in one line about a query, and about an empty folder", async () => {
    await expect(openResults(join(out, "none"))).rejects.toThrow(`no results in: ${join(out, "none")}`);
    writeRun(join(out, "audit"), record(1), [measures(1)]);
    const results = await openResults(out);
    await expect(results.query("selec 1")).rejects.toThrow(/^query failed: Parser Error: [^\n]*"selec"$/);
    await expect(results.query("select lost from measures")).rejects.toThrow(/^query failed: .*lost[^\n]*$/);
    await expect(results.query(" ")).rejects.toThrow("query failed: it is empty");
    results.close();
  });
});

describe("modelHash", () => {
  const build = (files: Record<string, string>): string => {
    const root = mkdtempSync(join(out, "packages-"));
    for (const name of modelPackages) mkdirSync(join(root, name, "dist", "deep"), { recursive: true });
    for (const name of modelPackages) writeFileSync(join(root, name, "dist", "index.js"), name);
    for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
    return root;
  };

  test("depends on built code and on nothing else", () => {
    const plain = modelHash(build({}));
    expect(plain).toMatch(/^[0-9a-f]{16}$/);
    const aside = { "ledger/dist/index.d.ts": "x", "ledger/dist/a.test.js": "x", "ledger/package.json": "{}" };
    expect(modelHash(build(aside))).toBe(plain);
    const code = modelHash(build({ "ledger/dist/deep/a.js": "1" }));
    expect(code).not.toBe(plain);
    expect(modelHash(build({ "ledger/dist/deep/b.js": "1" }))).not.toBe(code);
    expect(modelHash(build({ "economy/dist/deep/a.js": "1" }))).not.toBe(code);
  });

  test("says which package has not been built", () => {
    const root = build({});
    rmSync(join(root, "random", "dist"), { recursive: true });
    expect(() => modelHash(root)).toThrow("model package not built: random");
    expect(existsSync(root)).toBe(true);
  });
});
