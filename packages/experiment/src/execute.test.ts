import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { listExperimentRuns } from "@shardlab/results";
import { beforeAll, describe, expect, it } from "vitest";
import { executePlan } from "./execute.ts";
import type { ExecuteOptions, Progress, TaskReport } from "./execute-options.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { type Plan, planExperiment } from "./plan.ts";

/** Threads run built code alone; `npm test` builds first. */
const workerUrl = new URL("../dist/worker.js", import.meta.url);
const provenance = { commit: null, dirty: null, node: process.versions.node };
const modelHash = "0123456789abcdef";
const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "shardlab-experiment-"));

const optionsFor = (directory: string, more: Partial<ExecuteOptions> = {}): ExecuteOptions => ({
  ...{ directory, jobs: 2, provenance, workerUrl, now: () => 0 },
  ...more,
});

/** A world that returns the seed, and fails in the ways that worlds fail. */
const fakeWorld = `
const outcome = (seed) => ({
  measures: [{ name: "seed", unit: "1", value: seed }], tables: [], traceHash: "trace-" + seed,
  determinism: "exact", assumptions: [],
});
export function simulate({ seed, arm }) {
  if (seed === 12 && arm === "grant") throw new Error("negative balance: -1");
  if (seed === 13 && arm === "grant") process.exit(3);
  if (seed === 14 && arm === "grant") { const hoard = []; for (;;) hoard.push(new Array(1e6).fill(seed)); }
  return outcome(seed);
}`;

function simulatorOf(source: string): string {
  const file = join(temporaryFolder(), "simulator.mjs");
  writeFileSync(file, source);
  return pathToFileURL(file).href;
}

const traces = (directory: string): string[] =>
  listExperimentRuns(directory).map(({ run, manifest }) => `${run} ${manifest.seed} ${manifest.traceHash}`);

beforeAll(() => {
  if (!existsSync(workerUrl)) throw new Error(`not built: ${workerUrl.pathname} (npm run build)`);
});

describe("executePlan", () => {
  it("gives the same traces in process, with one worker and with two", async () => {
    const plan = planExperiment(smallScenario(), { modelHash });
    const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    await executePlan(plan, optionsFor(folders[0], { backend: "in-process", jobs: 1 }));
    await executePlan(plan, optionsFor(folders[1], { jobs: 1 }));
    await executePlan(plan, optionsFor(folders[2], { jobs: 2 }));
    const [alone, one, two] = folders.map(traces);
    expect(alone).toHaveLength(6);
    expect(new Set(alone).size).toBe(6);
    expect(one).toEqual(alone);
    expect(two).toEqual(alone);
    expect(readdirSync(join(folders[2], two[0].slice(0, 12)))).toContain("timeline.parquet");
  });

  it("keeps measures alone of the runs of an analysis", async () => {
    const plan = planExperiment(smallScenario({ frontier: true }), { modelHash, designs: ["frontier"] });
    const few: Plan = { ...plan, tasks: plan.tasks.slice(0, 2) };
    const directory = temporaryFolder();
    await executePlan(few, optionsFor(directory, { backend: "in-process" }));
    expect(listExperimentRuns(directory).map(({ manifest }) => manifest.tables.map(({ name }) => name))).toEqual([
      ["measures"],
      ["measures"],
    ]);
  });

  it("runs nothing a second time, and only what is new when seeds are added", async () => {
    const directory = temporaryFolder();
    const options = optionsFor(directory, {
      backend: "in-process",
      simulator: simulatorOf(fakeWorld.replace(/if.*/g, "")),
    });
    const plan = planExperiment(smallScenario(), { modelHash });
    expect(await executePlan(plan, options)).toMatchObject({ made: 6, cached: 0 });
    const states: string[] = [];
    const onTask = ({ state, reason }: TaskReport): void => void states.push(`${state}: ${reason}`);
    expect(await executePlan(plan, { ...options, onTask })).toMatchObject({ made: 0, cached: 6, isInterrupted: false });
    expect(new Set(states)).toEqual(new Set(["cached: already in the results"]));
    const larger = planExperiment(smallScenario({ overrides: ["seeds.count=5"] }), { modelHash });
    expect(await executePlan(larger, options)).toMatchObject({ total: 10, made: 4, cached: 6 });
  });
});

describe("a run that fails", () => {
  it("fails alone, whether it throws, ends its thread or exhausts its memory", async () => {
    const plan = planExperiment(smallScenario({ overrides: ["seeds.count=20"] }), { modelHash });
    const directory = temporaryFolder();
    const replayCommand = ({ seed }: { seed: number }): string => `shardlab run small.yaml --seed ${seed}`;
    const result = await executePlan(
      plan,
      optionsFor(directory, {
        simulator: simulatorOf(fakeWorld),
        replayCommand,
        limits: { memoryBytes: 64 * 2 ** 20 },
      }),
    );
    expect(result).toMatchObject({ total: 40, made: 37, isInterrupted: false });
    const messages = result.failed.map(({ message }) => message).sort();
    expect(messages[0]).toMatch(/^memory limit of a run exceeded: heap of 64 MiB is full \(arm grant, seed 14;/);
    expect(messages[1]).toBe("negative balance: -1 (arm grant, seed 12; again: shardlab run small.yaml --seed 12)");
    expect(messages[2]).toMatch(/^worker died: exit code 3 \(arm grant, seed 13;/);
    expect(traces(directory)).toHaveLength(37);
  });

  it("leaves nothing behind of itself, and is made by the next call", async () => {
    const plan = planExperiment(smallScenario(), { modelHash });
    const directory = temporaryFolder();
    const broken = simulatorOf(fakeWorld.replaceAll("process.exit(3)", "throw new Error('no')"));
    await executePlan(plan, optionsFor(directory, { simulator: broken }));
    expect(readdirSync(directory)).toHaveLength(4);
    const whole = optionsFor(directory, { simulator: simulatorOf(fakeWorld.replace(/if.*/g, "")) });
    expect(await executePlan(plan, whole)).toMatchObject({ made: 2, cached: 4, failed: [] });
  });

  it("stops everything when results cannot be written", async () => {
    const plan = planExperiment(smallScenario(), { modelHash });
    const file = join(temporaryFolder(), "in-the-way");
    writeFileSync(file, "");
    const options = optionsFor(join(file, "results"), { simulator: simulatorOf(fakeWorld.replace(/if.*/g, "")) });
    await expect(executePlan(plan, options)).rejects.toThrow("cannot write results");
  });

  it("says so when workers cannot start", async () => {
    const plan = planExperiment(smallScenario(), { modelHash });
    const options = optionsFor(temporaryFolder(), { simulator: simulatorOf("throw new Error('missing library')") });
    await expect(executePlan(plan, options)).rejects.toThrow("worker did not start: missing library");
  });
});

describe("interruption and progress", () => {
  const slowWorld = fakeWorld
    .replace(/if.*/g, "")
    .replace("return outcome", "const end = Date.now() + 20; while (Date.now() < end); return outcome");

  it.each(["in-process", "worker-threads"] as const)(
    "finishes what has started and goes on later: %s",
    async (backend) => {
      const plan = planExperiment(smallScenario({ overrides: ["seeds.count=20"] }), { modelHash });
      const directory = temporaryFolder();
      const controller = new AbortController();
      const options = optionsFor(directory, { backend, simulator: simulatorOf(slowWorld), signal: controller.signal });
      const interrupted = await executePlan(plan, {
        ...options,
        onProgress: ({ done }) => done >= 3 && controller.abort(),
      });
      expect(interrupted.isInterrupted).toBe(true);
      expect(interrupted.made).toBeGreaterThanOrEqual(3);
      expect(interrupted.made).toBeLessThan(40);
      expect(traces(directory)).toHaveLength(interrupted.made);
      expect(readdirSync(directory).filter((name) => name.startsWith("."))).toEqual([]);
      const { signal: _, ...uninterrupted } = options;
      expect(await executePlan(plan, uninterrupted)).toMatchObject({
        cached: interrupted.made,
        made: 40 - interrupted.made,
      });
    },
  );

  it("tells the time left from the runs that have ended", async () => {
    const plan = planExperiment(smallScenario(), { modelHash });
    let seconds = 0;
    const progress: Progress[] = [];
    await executePlan(
      plan,
      optionsFor(temporaryFolder(), {
        backend: "in-process",
        simulator: simulatorOf(fakeWorld.replace(/if.*/g, "")),
        now: () => seconds,
        onProgress: (now) => {
          progress.push(now);
          seconds += 10;
        },
      }),
    );
    expect(progress.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const left = progress.map(({ secondsLeft }) => secondsLeft);
    expect(left.every((time) => time >= 0)).toBe(true);
    expect(left.at(-1)).toBeCloseTo(0, 6);
    expect(left[1]).toBeGreaterThan(0);
  });
});
