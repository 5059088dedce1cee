/** The commands that look at a scenario, a run or the installation: explain, replay, doctor. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { shardlab, temporaryFolder } from "./shardlab.ts";

const tiny = "test/fixtures/tiny.yaml";
const out = temporaryFolder();
let runs: string[];

beforeAll(async () => {
  await shardlab(["run", tiny, "--seeds", "2", "--out", out, "--no-report"]);
  const { stdout } = await shardlab([
    "sql",
    "select run from runs order by mechanism desc, seed",
    "--out",
    out,
    "--format",
    "csv",
  ]);
  runs = stdout.trim().split("\n").slice(1);
});

it.each(["explain", "replay", "doctor"])("help of %s has an example", async (name) => {
  const { code, stdout } = await shardlab(["help", name]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`Examples?:\\n.*shardlab ${name}`));
});

describe("explain", () => {
  it("tells of a scenario what is the file's and what is a default, with its meaning and its sources", async () => {
    const { code, stdout, stderr } = await shardlab(["explain", tiny]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/question +Does ownership gather more work than a grant/);
    expect(stdout).toMatch(/horizon +180 d +file/);
    expect(stdout).toMatch(/growth +30 %\/y +default +continuous growth of spending/);
    expect(stdout).toMatch(/rtx-4090 +peak +165 TFLOP\/s/);
    expect(stdout).toContain("Not checked.");
    expect(stderr).toContain(`next: shardlab run ${tiny} --dry-run`);
  });

  it("shows a setting in place of the file's value, and faults like validate", async () => {
    const changed = await shardlab(["explain", tiny, "--set", "horizon=90 d"]);
    expect(changed.stdout).toMatch(/horizon +90 d +file/);
    const faulty = await shardlab(["explain", "test/fixtures/faulty.yaml"]);
    expect([faulty.code, faulty.stdout]).toEqual([2, ""]);
    expect(faulty.stderr).toContain("faulty.yaml:3:9 invalid outlay");
  });

  it("gives a scenario as JSON whose values are in SI", async () => {
    const { stdout } = await shardlab(["explain", tiny, "--format", "json"]);
    const { resolved, values, figures } = JSON.parse(stdout);
    expect(resolved.horizon).toBe(180 * 86_400);
    expect(values.find(({ path }: { path: string }) => path === "market.growth").written).toBeUndefined();
    expect(figures.length).toBeGreaterThan(5);
  });

  it("tells of a run where it came from and what it found", async () => {
    const [run = ""] = runs;
    const { code, stdout, stderr } = await shardlab(["explain", run.slice(0, 8), "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain(`run ${run}`);
    expect(stdout).toMatch(/seed +[12]\n/);
    expect(stdout).toMatch(/compute +[\d.]+ ZFLOP +compute gathered/);
    expect(stderr).toContain(`next: shardlab replay ${run}`);
  });
});

describe("replay", () => {
  it("leaves the stored trace of every run, on another day and in another process", async () => {
    for (const run of runs) {
      const { code, stdout } = await shardlab(["replay", run, "--out", out]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("trace: the same as the stored one, bit for bit")]);
    }
  });

  it("stops where it is told to, and shows the world as it then is", async () => {
    const [run = ""] = runs;
    const { code, stdout } = await shardlab(["replay", run, "--until", "60 d", "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toContain("trace: the same as the stored one through day");
    expect(stdout).toContain("at the end of day 60:");
    expect(stdout).toMatch(/all providers +cash +\$/);
  });

  it("finds the week in which a trace that is not this run's parts from it", async () => {
    // A copy of a run under another seed: its stored trace is that of the old seed.
    const [run = ""] = runs;
    const forged = temporaryFolder();
    const { stdout: found } = await shardlab(["explain", run, "--out", out, "--format", "json"]);
    const { directory } = JSON.parse(found);
    const copy = join(forged, "tiny", run);
    mkdirSync(copy, { recursive: true });
    for (const name of readdirSync(directory)) writeFileSync(join(copy, name), readFileSync(join(directory, name)));
    const manifest = JSON.parse(readFileSync(join(copy, "manifest.json"), "utf8"));
    writeFileSync(join(copy, "manifest.json"), JSON.stringify({ ...manifest, seed: manifest.seed + 100 }));
    const { code, stdout } = await shardlab(["replay", run, "--out", forged]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/trace: DIFFERENT from the stored one: the same through day 0, and not on day 1/);
  });

  it.each([
    ["a run that is not there", ["zzzz"], /no such run: zzzz/],
    ["a run that is not clear", [""], /several runs begin with|no such run/],
    ["a time without a unit", ["0", "--until", "60"], /invalid --until: 60 \(expected a duration/],
  ])("refuses %s", async (_, args, message) => {
    const { code, stdout, stderr } = await shardlab(["replay", ...args, "--out", out]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

describe("doctor", () => {
  it("finds this installation sound, and bundles what a report needs without whose machine it is", async () => {
    const file = join(temporaryFolder(), "bundle.json");
    const { code, stdout } = await shardlab(["doctor", "--out", out, "--bundle", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/arithmetic +ok +the same bits as on every other machine/);
    expect(stdout).toMatch(/storage +ok/);
    expect(stdout).not.toContain("FAILED");
    const text = readFileSync(file, "utf8");
    const bundle = JSON.parse(text);
    expect(bundle.machine.node).toBe(process.versions.node);
    expect(bundle.checks.length).toBeGreaterThanOrEqual(9);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(out);
  });
});
