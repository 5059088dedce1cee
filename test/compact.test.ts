/** Putting runs together, as people meet it: real processes, some of them killed on the way. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { command, shardlab, temporaryFolder } from "./shardlab.ts";

const tiny = "test/fixtures/tiny.yaml";
const fixture = join(root, "test/fixtures/results-v1");
const isRunFolder = (name: string): boolean => /^[0-9a-f]{12}$/.test(name);
const looseRuns = (folder: string): number => readdirSync(folder).filter(isRunFolder).length;

const countRuns = async (out: string): Promise<string> => {
  const query =
    "select count(*) as n, count(distinct run) as d from runs join measures using (experiment, run) where name = 'compute'";
  return (await shardlab(["sql", query, "--out", out, "--format", "csv"])).stdout;
};

describe("compact", () => {
  const out = join(temporaryFolder(), "results");
  beforeAll(() => cpSync(fixture, out, { recursive: true }));

  it("changes neither what is found nor the report of old results", async () => {
    const report = async (): Promise<string> => (await shardlab(["report", join(out, "tiny")])).stdout;
    await report();
    const query =
      "select mechanism, name, avg(value) from measures join runs using (experiment, run) group by all order by all";
    const before = await shardlab(["sql", query, "--out", out, "--format", "json"]);
    const compact = await shardlab(["compact", "--out", out]);
    expect([compact.code, compact.stdout]).toEqual([0, "tiny: 4 runs put together in a segment\n"]);
    expect(compact.stderr).toContain(`next: shardlab list --long --out ${out}`);
    expect(looseRuns(join(out, "tiny"))).toBe(0);
    const after = await shardlab(["sql", query, "--out", out, "--format", "json"]);
    expect(after.stdout).toBe(before.stdout);
    expect(await report()).toBe(`${join(out, "tiny/report.html")}\n`);
    expect((await shardlab(["compact", "tiny", "--out", out])).stdout).toBe("tiny: nothing to put together\n");
  });

  it("is listed at length, and as JSON", async () => {
    const { stdout } = await shardlab(["list", "--long", "--out", out]);
    expect(stdout).toMatch(
      /experiment\s+main\s+sensitivity\s+frontier\s+claim\s+points\s+arms\s+seeds\s+models\s+size\ntiny\s+4\s+0\s+0\s+0\s+2\s+2\s+2\s+1\s+\d+(\.\d+)? kB\n/,
    );
    const [document] = JSON.parse((await shardlab(["list", "--out", out, "--format", "json"])).stdout);
    expect(document).toMatchObject({
      experiment: "tiny",
      runs: { main: 4 },
      points: 2,
      arms: 2,
      seeds: 2,
      looseRuns: 0,
    });
  });

  it("names the experiments that there are when it knows none of a name", async () => {
    const { code, stderr } = await shardlab(["compact", "tinny", "--out", out]);
    expect([code, stderr]).toEqual([2, `error: unknown experiment: tinny (expected one of tiny in ${out})\n`]);
  });
});

describe("run", () => {
  it("puts many runs together by itself, and goes on from there", async () => {
    const out = temporaryFolder();
    const run = (seeds: number) =>
      shardlab(["run", tiny, "--seeds", String(seeds), "--out", out, "--no-report", "--format", "jsonl"]);
    const first = await run(255);
    expect(first.code).toBe(0);
    expect(looseRuns(join(out, "tiny"))).toBe(0);
    const lines = first.stdout.trim().split("\n");
    expect(lines).toHaveLength(510);
    for (const line of lines.slice(0, 3)) expect(existsSync(JSON.parse(line).path)).toBe(true);
    const more = await run(256);
    expect(more.stderr).toContain("510 stored, 2 to run");
    expect(looseRuns(join(out, "tiny"))).toBe(2);
    expect(more.stdout.trim().split("\n")).toHaveLength(512);
    expect(await countRuns(out)).toBe("n,d\n512,512\n");

    // Killed at any moment, nothing is lost and nothing doubled.
    const results = temporaryFolder();
    for (const milliseconds of [300, 400, 550]) {
      const copy = join(results, String(milliseconds));
      mkdirSync(copy);
      cpSync(out, copy, { recursive: true });
      const child = spawn(process.execPath, [command, "compact", "--out", copy], { stdio: "ignore" });
      setTimeout(() => child.kill("SIGKILL"), milliseconds);
      await new Promise((resolve) => child.on("close", resolve));
      expect(await countRuns(copy)).toBe("n,d\n512,512\n");
      expect((await shardlab(["compact", "--out", copy])).code).toBe(0);
      expect(readdirSync(join(copy, "tiny")).filter((name) => name.startsWith(".tmp-"))).toEqual([]);
      expect(await countRuns(copy)).toBe("n,d\n512,512\n");
    }
  }, 240_000);
});
