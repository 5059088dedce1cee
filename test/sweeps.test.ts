/** Sweeps as processes: several at once, stopped, limited, failing, and grown to a precision. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LoggedEvent, readEventLog } from "@shardlab/experiment/event-log";
import { listExperimentRuns } from "@shardlab/results";
import { beforeAll, describe, expect, it } from "vitest";
import { shardlab, temporaryFolder } from "./shardlab.ts";
import { startShardlab } from "./shardlab-process.ts";

const tiny = "test/fixtures/tiny.yaml";
const experiment = (out: string): string => join(out, "tiny");
const run = (out: string, ...more: readonly string[]): string[] => ["run", tiny, "--no-report", "--out", out, ...more];
const eventsIn = (out: string): readonly LoggedEvent[] => readEventLog(experiment(out)).events;
const count = (out: string, name: string): number => eventsIn(out).filter(({ event }) => event === name).length;
const traces = (out: string): string[] =>
  listExperimentRuns(experiment(out)).map(({ run: id, manifest }) => `${id} ${manifest.traceHash}`);
const claimsLeft = (out: string): boolean => existsSync(join(experiment(out), ".claims"));
/** Runs of half a second and more. */
const long = ["--set", "providers.homes.count=60000"];

describe.each([2, 4])("%i processes with the same sweep", (processes) => {
  it("make every run exactly once, and all find the same", async () => {
    const [alone, together] = [temporaryFolder(), temporaryFolder()];
    const command = (out: string): string[] => run(out, "--seeds", "30", "--jobs", "1", "--format", "jsonl");
    const one = await shardlab(command(alone));
    const all = await Promise.all(Array.from({ length: processes }, () => shardlab(command(together))));
    expect(all.map(({ code }) => code)).toEqual(Array.from({ length: processes }, () => 0));
    const made = eventsIn(together).flatMap((event) => (event.event === "run-end" ? [event.run] : []));
    expect(made).toHaveLength(60);
    expect(new Set(made).size).toBe(60);
    expect(new Set(eventsIn(together).map((event) => event.process)).size).toBe(processes);
    expect(traces(together)).toEqual(traces(alone));
    const withoutPlace = (text: string): string => text.replaceAll(/"path":"[^"]*"/g, "");
    for (const { stdout } of all) expect(withoutPlace(stdout)).toBe(withoutPlace(one.stdout));
    expect(claimsLeft(together)).toBe(false);
  });
});

describe("a sweep that is stopped", () => {
  it("by SIGTERM finishes what it has started, says how to go on, and goes on", async () => {
    const out = temporaryFolder();
    const { child, said, finished } = startShardlab(run(out, "--seeds", "400", "--jobs", "2"));
    await said("to run");
    child.kill("SIGTERM");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([130, expect.stringContaining("the same command goes on from there")]);
    expect([count(out, "interrupt"), count(out, "experiment-end")]).toEqual([1, 1]);
    expect(count(out, "run-start")).toBe(count(out, "run-end"));
    expect(claimsLeft(out)).toBe(false);
  });

  it("twice quits at once, keeps whole runs, and leaves no claim", async () => {
    const out = temporaryFolder();
    const args = run(out, ...long, "--set", "horizon=400 d", "--seeds", "2", "--jobs", "1", "--only", "main");
    const { child, said, finished } = startShardlab(args);
    await said("to run");
    while (!existsSync(join(experiment(out), "log.jsonl")) || count(out, "run-start") === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGINT");
    await said("stopping");
    child.kill("SIGINT");
    expect((await finished).code).toBe(130);
    expect(count(out, "experiment-end")).toBe(0);
    expect(claimsLeft(out)).toBe(false);
    expect(listExperimentRuns(experiment(out)).length).toBe(count(out, "run-end"));
  });
});

describe("runs that fail", () => {
  it("by their time limit are told as they fail, counted by reason at the end, and remembered", async () => {
    const out = temporaryFolder();
    const args = run(out, ...long, "--seeds", "2", "--run-time", "20 ms");
    const { code, stderr } = await shardlab(args);
    expect(code).toBe(1);
    expect(stderr).toContain("failed: time limit of a run exceeded: 0.02 s (arm grant, seed 1; again: shardlab run");
    expect(stderr).toContain("4 of 4 runs failed");
    expect(stderr).toContain("  4 x time limit of a run exceeded: 0.02 s");
    expect(count(out, "run-failed")).toBe(4);
    const { stdout } = await shardlab([...args, "--dry-run"]);
    expect(stdout).toContain(
      "new: 4 runs (grant; protocol-models): failed before: time limit of a run exceeded: 0.02 s",
    );
  });

  it("stop the others with --fail-fast", async () => {
    const out = temporaryFolder();
    const args = run(out, ...long, "--seeds", "20", "--run-time", "20 ms", "--fail-fast", "--jobs", "1");
    const { code, stderr } = await shardlab(args);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("stopped at the first failure: 0 of 40 runs are stored"),
    ]);
    expect(count(out, "run-failed")).toBe(1);
  });
});

describe("a dry run", () => {
  const out = temporaryFolder();
  beforeAll(() => shardlab(run(out, "--seeds", "2")));

  it("says what changed, by group, and that times were measured", async () => {
    const { stdout } = await shardlab(run(out, "--seeds", "3", "--set", "outlay=$60k", "--dry-run"));
    expect(stdout).toMatch(/main\s+grant\s+1\s+3\s+3\s+0\s+3\s+2\n/);
    expect(stdout).toContain("stale: 4 runs (grant; protocol-models): scenario: outlay");
    expect(stdout).toMatch(/6 to run: about .* on 2 workers \(measured on 4 stored runs\)|on 1 worker|on \d+ workers/);
  });

  it("says so when times are by formula", async () => {
    const { stdout } = await shardlab(run(temporaryFolder(), "--dry-run"));
    expect(stdout).toContain("(by formula)");
  });

  it("tells each run as JSON", async () => {
    const args = run(out, "--seeds", "3", "--dry-run", "--format", "json");
    const same = JSON.parse((await shardlab(args)).stdout);
    expect(same.runs.map(({ state }: { state: string }) => state)).toEqual([
      "cached",
      "cached",
      "new",
      "cached",
      "cached",
      "new",
    ]);
    expect(same.estimate).toMatchObject({ basis: "stored-runs", storedRuns: 4, workers: expect.any(Number) });
    const changed = JSON.parse((await shardlab([...args, "--set", "providers.homes.count=40"])).stdout);
    expect(changed.runs[0]).toMatchObject({
      ...{ design: "main", arm: "grant", seed: 1, state: "stale", reason: "scenario: providers.homes.count" },
      run: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });
});

describe("--ci-target", () => {
  it("adds the same seeds to all arms until every interval is narrow enough, using what is stored", async () => {
    const out = temporaryFolder();
    const args = run(
      out,
      "--ci-target",
      "20%",
      "--ci-measure",
      "participation",
      "--max-seeds",
      "200",
      "--format",
      "json",
    );
    const first = await shardlab(args);
    expect(first.code).toBe(0);
    const { points } = JSON.parse(first.stdout);
    for (const { seeds, measures } of points) {
      const { mean, ci95, n } = measures.participation;
      expect(seeds.length).toBeGreaterThanOrEqual(20);
      expect(n).toBe(points[0].seeds.length);
      if (seeds.length < 200) expect((ci95[1] - ci95[0]) / 2).toBeLessThanOrEqual(0.2 * mean);
    }
    expect(first.stderr).toMatch(/every interval is as narrow as asked|the most seeds are reached/);
    const made = count(out, "run-end");
    expect(made).toBe(2 * points[0].seeds.length);
    expect((await shardlab(args)).stdout).toBe(first.stdout);
    expect(count(out, "run-end")).toBe(made);
  });

  it("stops at the most seeds, and says what is still wide and how many it would take", async () => {
    const args = run(temporaryFolder(), "--ci-target", "0.01%", "--ci-measure", "compute", "--max-seeds", "22");
    const { code, stderr } = await shardlab(args);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /20 seeds: still too wide in 2 of 2; going on to 22\n {2}grant, compute: .* ± .*, asked ± .*: about \d+ seeds/,
    );
    expect(stderr).toContain("22 seeds: still too wide in 2 of 2; the most seeds are reached (--max-seeds)");
  });
});

describe("bad options", () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["--run-time", "90"], /--run-time: 90 \(expected a duration such as 40 ms; units: /],
    [["--run-time", "0 s"], /--run-time: 0 s \(expected more than 0\)/],
    [["--run-memory", "2 gigs"], /--run-memory: 2 gigs \(expected a size|--run-memory: 2 gigs \(expected /],
    [["--run-memory", "1 MiB"], /--run-memory: 1 MiB \(expected at least 16 MiB/],
    [["--ci-target", "tight"], /--ci-target: tight \(expected a share of the mean, such as 1%/],
    [["--ci-target", "1%"], /--ci-target: no measure to look at/],
    [["--ci-target", "1%", "--ci-measure", "compote"], /--ci-measure: unknown measure: compote .*did you mean compute/],
    [["--ci-target", "1%", "--ci-measure", "compute", "--only", "frontier"], /--only: .*has no frontier/],
    [["--keep-going", "--fail-fast"], /cannot be used with/],
  ];

  it.each(cases)("%j gives exit code 2 and one clear line", async (options, message) => {
    const { code, stdout, stderr } = await shardlab(run(temporaryFolder(), ...options));
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, ""]);
  });
});

it("survives a half-written line in its log", async () => {
  const out = temporaryFolder();
  await shardlab(run(out, "--seeds", "1"));
  writeFileSync(join(experiment(out), "log.jsonl"), '{"version":1,"event":"run-st', { flag: "a" });
  expect((await shardlab(run(out, "--seeds", "2"))).code).toBe(0);
  const { events, damagedLines } = readEventLog(experiment(out));
  expect([events.filter(({ event }) => event === "run-end").length, damagedLines]).toEqual([4, 1]);
  expect(readdirSync(experiment(out)).filter((name) => name.startsWith("."))).toEqual([]);
});
