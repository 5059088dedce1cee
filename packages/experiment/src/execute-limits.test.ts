import { listExperimentRuns } from "@shardlab/results";
import { describe, expect, it } from "vitest";
import { executePlan } from "./execute.ts";
import type { ExecuteOptions } from "./execute-options.ts";
import { executeOptions, simulatorOf, temporaryFolder } from "./fixtures/fake-simulator.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { planExperiment } from "./plan.ts";

const plan = planExperiment(smallScenario({ overrides: ["seeds.count=10"] }), { modelHash: "0123456789abcdef" });
const execute = (directory: string, body: string, more: Partial<ExecuteOptions> = {}) =>
  executePlan(plan, executeOptions(directory, { simulator: simulatorOf(body), ...more }));

describe("a limit of wall-clock time", () => {
  it("ends the run that exceeds it, says so, and lets the others go on", async () => {
    const directory = temporaryFolder();
    const result = await execute(directory, 'if (seed === 15 && arm === "grant") for (;;);', {
      limits: { seconds: 0.4 },
    });
    expect(result).toMatchObject({ made: 19, isInterrupted: false });
    expect(result.failed.map(({ message }) => message)).toEqual([
      "time limit of a run exceeded: 0.4 s (arm grant, seed 15)",
    ]);
    expect(listExperimentRuns(directory)).toHaveLength(19);
  });

  it("counts each run by itself, not those before it", async () => {
    const body = "const end = Date.now() + 60; while (Date.now() < end);";
    expect(await execute(temporaryFolder(), body, { limits: { seconds: 0.5 }, jobs: 1 })).toMatchObject({ made: 20 });
  });
});

describe("a limit of memory", () => {
  const limits = { memoryBytes: 128 * 2 ** 20 };
  // 40 MiB a step, filled so that they are resident, beside a heap that stays small.
  const hoarding = `if (seed === 15 && arm === "grant") {
    const hoard = [];
    for (let step = 0; step < 40; step++) {
      hoard.push(new Float64Array(5 * 2 ** 20).fill(step));
      const end = Date.now() + 25;
      while (Date.now() < end);
    }
  }`;

  it("counts typed arrays as well, and fails the run alone", async () => {
    const result = await execute(temporaryFolder(), hoarding, { limits, jobs: 1 });
    expect(result).toMatchObject({ made: 19 });
    expect(result.failed.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^memory limit of a run exceeded: .* MiB.*\(limit 128 MiB.*\) \(arm grant, seed 15\)$/),
    ]);
  });

  it("lets runs within it be", async () => {
    const body = "new Float64Array(2 ** 20).fill(seed);";
    expect(await execute(temporaryFolder(), body, { limits })).toMatchObject({ made: 20, failed: [] });
  });
});

describe("failing fast", () => {
  const body =
    'if (seed === 12 && arm === "grant") throw new Error("no"); const end = Date.now() + 15; while (Date.now() < end);';

  it("starts no further run after the first failure, and keeps what is finished", async () => {
    const directory = temporaryFolder();
    const result = await execute(directory, body, { failFast: true });
    expect(result).toMatchObject({ isStoppedByFailure: true, isInterrupted: false });
    expect(result.failed).toHaveLength(1);
    expect(result.made).toBeLessThan(10);
    expect(listExperimentRuns(directory)).toHaveLength(result.made);
  });

  it("blames no run for the end of its worker", async () => {
    // Short runs come in batches, most of which is left when a failure or an interruption stops everything.
    const short = 'if (seed === 19 && arm === "grant") throw new Error("no");';
    for (let repeat = 0; repeat < 5; repeat++) {
      const result = await execute(temporaryFolder(), short, { failFast: true });
      expect(result.failed.map(({ reason }) => reason)).toEqual(["no"]);
    }
  });

  it("is not the default", async () => {
    expect(await execute(temporaryFolder(), body)).toMatchObject({ made: 19, isStoppedByFailure: false });
  });
});

it("survives a worker that dies between two runs", async () => {
  // The exit comes after the run has been told, in the middle of whatever comes next.
  const result = await execute(temporaryFolder(), "if (seed === 12) setTimeout(() => process.exit(4), 5);");
  expect(result.made + result.failed.length).toBe(20);
  for (const { message } of result.failed) expect(message).toMatch(/^worker died: exit code 4/);
});
