import { existsSync } from "node:fs";
import { join } from "node:path";
import { listExperimentRuns, runIdOf } from "@shardlab/results";
import { claimsFolder, openClaims } from "@shardlab/results/claim";
import { ownIdentity } from "@shardlab/results/claim-process";
import { describe, expect, it } from "vitest";
import { readEventLog } from "./event-log.ts";
import { executePlan } from "./execute.ts";
import type { TaskReport } from "./execute-options.ts";
import { executeOptions, simulatorOf, temporaryFolder } from "./fixtures/fake-simulator.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { performRun } from "./perform-run.ts";
import { planExperiment } from "./plan.ts";
import type { ForeignRun } from "./run-queue.ts";
import { simulate } from "./simulate.ts";

const plan = planExperiment(smallScenario({ overrides: ["seeds.count=10"] }), { modelHash: "0123456789abcdef" });
const simulator = simulatorOf("const end = Date.now() + 5; while (Date.now() < end);");
const log = { command: ["run"], timestamp: () => "2026-01-01T00:00:00.000Z" };
const [first, second] = plan.tasks;
const far = { process: 7, host: "far", machine: "far", born: null };

describe("runs that another process makes", () => {
  it("come last, are waited for by name, and count as cached once they are there", async () => {
    const directory = temporaryFolder();
    const claims = openClaims(directory, { since: "", identity: far });
    claims.take(first.runHash);
    const waits: (readonly ForeignRun[])[] = [];
    const reports: TaskReport[] = [];
    const onWait = (foreign: readonly ForeignRun[]): void => {
      waits.push(foreign);
      // The other process finishes its run, as this one would.
      const { provenance } = executeOptions(directory);
      const { experiment, modelHash, plugins } = plan;
      void performRun(first, { experiment, directory, modelHash, plugins, ...provenance }, simulate).then(() =>
        claims.close(),
      );
    };
    const result = await executePlan(
      plan,
      executeOptions(directory, { simulator, log, onWait, onTask: (report) => reports.push(report) }),
    );
    expect(waits.map((foreign) => foreign.map(({ task, holder }) => [task.seed, holder?.host]))).toEqual([
      [[first.seed, "far"]],
    ]);
    expect(result).toMatchObject({ total: 20, made: 19, cached: 1 });
    expect(reports.at(-1)).toMatchObject({ task: first, state: "cached", reason: "made by another process" });
    expect(readEventLog(directory).events.at(-2)).toMatchObject({
      event: "runs-cached",
      count: 1,
      reason: "made by another process",
    });
  });

  it("are made here when their process gives up", async () => {
    const directory = temporaryFolder();
    const claims = openClaims(directory, { since: "", identity: far });
    for (const { runHash } of [first, second]) claims.take(runHash);
    const result = await executePlan(plan, executeOptions(directory, { simulator, onWait: () => claims.close() }));
    expect(result).toMatchObject({ made: 20, cached: 0 });
  });

  it("are not waited for after an interruption", async () => {
    const directory = temporaryFolder();
    const claims = openClaims(directory, { since: "", identity: far });
    claims.take(first.runHash);
    const controller = new AbortController();
    const options = executeOptions(directory, {
      simulator,
      signal: controller.signal,
      onWait: () => controller.abort(),
    });
    expect(await executePlan(plan, options)).toMatchObject({ made: 19, isInterrupted: true });
    claims.close();
  });
});

it("leaves no claims behind, whether runs end well or not", async () => {
  const directory = temporaryFolder();
  const failing = simulatorOf("if (seed === 12) process.exit(1); if (seed === 13) throw new Error();");
  await executePlan(plan, executeOptions(directory, { simulator: failing }));
  expect(existsSync(join(directory, claimsFolder))).toBe(false);
});

describe("the log of an execution", () => {
  it("tells every run's start and end, with reasons, and how it all went", async () => {
    const directory = temporaryFolder();
    const failing = simulatorOf('if (seed === 12 && arm === "grant") throw new Error("negative balance: -1");');
    let seconds = 0;
    const options = executeOptions(directory, { simulator: failing, log, now: () => seconds++ });
    await executePlan({ ...plan, tasks: plan.tasks.slice(0, 4) }, options);
    await executePlan(plan, { ...options, reasonOf: ({ seed }) => `because ${seed}` });
    const { events, damagedLines } = readEventLog(directory);
    expect(damagedLines).toBe(0);
    expect(events.every(({ version, time }) => version === 1 && time === log.timestamp())).toBe(true);
    const count = (name: string): number => events.filter(({ event }) => event === name).length;
    expect([count("run-start"), count("run-end"), count("run-failed")]).toEqual([21, 19, 2]);
    expect(events[0]).toMatchObject({
      event: "experiment-start",
      command: ["run"],
      total: 4,
      jobs: 2,
      process: process.pid,
    });
    expect(events.find(({ event }) => event === "run-failed")).toMatchObject({
      run: runIdOf(plan.tasks[1].runHash),
      ...{ arm: "grant", seed: 12, reason: "negative balance: -1" },
    });
    expect(events.find(({ event }) => event === "runs-cached")).toMatchObject({
      count: 3,
      reason: "already in the results",
    });
    expect(events.at(-1)).toMatchObject({ event: "experiment-end", made: 16, cached: 3, failed: 1, isComplete: true });
    const lastStart = events.findLast(({ event }) => event === "run-start");
    expect(lastStart).toMatchObject({ reason: expect.stringMatching(/^because \d+$/), worker: expect.any(Number) });
    // Nothing to make, nothing to tell: the folder may be read-only.
    const before = events.length;
    await executePlan({ ...plan, tasks: plan.tasks.filter(({ seed }) => seed !== 12) }, options);
    expect(readEventLog(directory).events).toHaveLength(before);
  });
});

describe("this process", () => {
  it("does not wait for a claim of a process that died", async () => {
    const directory = temporaryFolder();
    const dead = openClaims(directory, { since: "", identity: { ...ownIdentity(), process: 2 ** 22 + 1 } });
    dead.take(first.runHash);
    const onWait = (): void => {
      throw new Error("waited");
    };
    expect(await executePlan(plan, executeOptions(directory, { simulator, onWait }))).toMatchObject({ made: 20 });
    expect(listExperimentRuns(directory)).toHaveLength(20);
    expect(existsSync(join(directory, claimsFolder))).toBe(false);
    dead.close();
  });
});
