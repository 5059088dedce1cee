import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { type SolveOptions, type SolveQuestion, solveScenario, storeSolution } from "./solve.ts";

const workerUrl = new URL("../dist/worker.js", import.meta.url);
const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "shardlab-solve-"));

/** Ownership gathers the revenue multiple, a grant 3; both share the noise of the seed, and ownership adds its own. */
const fakeWorld = `
export function simulate({ seed, arm, scenario }) {
  const multiple = scenario.market.revenueMultiple;
  if (seed === 99) throw new Error("negative balance: -1");
  const shared = Math.sin(seed * 12.9898) * 5;
  const own = Math.sin(seed * 78.233) * 0.2;
  const value = arm === "grant" ? 3 + shared : multiple + shared + own;
  return {
    measures: [
      { name: "compute", unit: "ZFLOP", value },
      { name: "payoff/lazy", unit: "$", value: 1e6 * multiple },
      { name: "parties", unit: "1", value: Math.floor(multiple) },
    ],
    tables: [], traceHash: "trace-" + seed, determinism: "exact", assumptions: [],
  };
}`;

function simulator(): string {
  const file = join(temporaryFolder(), "simulator.mjs");
  writeFileSync(file, fakeWorld);
  return pathToFileURL(file).href;
}

const options = (directory: string, more: Partial<SolveOptions> = {}): SolveOptions => ({
  ...{ directory, jobs: 2, workerUrl, modelHash: "0123456789abcdef", now: () => 0 },
  provenance: { commit: null, dirty: null, node: process.versions.node },
  ...{ backend: "in-process", simulator: simulator() },
  ...more,
});

const question: SolveQuestion = {
  relation: "protocol-models:compute = grant:compute",
  path: "market.revenueMultiple",
  ...{ low: 1, high: 16, scale: "log", isInteger: false, gridPoints: 5 },
  ...{ seeds: { first: 8, most: 8 }, intervalTarget: 0.05, mostRuns: 2000 },
};

/** Mean and standard error of what ownership adds by itself over seeds 11 to 18, by hand. */
const own = Array.from({ length: 8 }, (_, index) => Math.sin((11 + index) * 78.233) * 0.2);
const ownMean = own.reduce((sum, value) => sum + value, 0) / 8;
const ownError = Math.sqrt(own.reduce((sum, value) => sum + (value - ownMean) ** 2, 0) / 7 / 8);

beforeAll(() => {
  if (!existsSync(workerUrl)) throw new Error(`not built: ${workerUrl.pathname} (npm run build)`);
});

describe("solveScenario", () => {
  it("finds where two arms meet, with the interval of the paired t test", async () => {
    const found = await solveScenario(smallScenario(), question, options(temporaryFolder()));
    // multiple + own = 3 in the mean; t with 7 degrees of freedom is 2.3646.
    expect(found.value).toBeCloseTo(3 - ownMean, 2);
    expect(Math.abs((found.ci95[0] ?? 0) - (3 - ownMean - 2.3646 * ownError))).toBeLessThan(0.01);
    expect(Math.abs((found.ci95[1] ?? 0) - (3 - ownMean + 2.3646 * ownError))).toBeLessThan(0.01);
    expect(found.slope).toBeCloseTo(1, 6);
    expect(found).toMatchObject({ unit: "ZFLOP", arms: ["grant", "protocol-models"], seeds: 8, experiment: "small" });
    expect(found.runs.total).toBe(found.evaluations * 2);
  });

  it("gives the same answer on workers and from stored runs, and makes no run twice", async () => {
    const directory = temporaryFolder();
    const coarse = { ...question, gridPoints: 3, seeds: { first: 3, most: 3 }, intervalTarget: 1 };
    const first = await solveScenario(smallScenario(), coarse, options(directory, { backend: "worker-threads" }));
    const again = await solveScenario(smallScenario(), coarse, options(directory));
    expect(again.runs).toEqual({ total: first.runs.total, made: 0, cached: first.runs.total });
    expect({ ...again, runs: null }).toEqual({ ...first, runs: null });
    const path = storeSolution(directory, again);
    expect(path).toMatch(/solve-[0-9a-f]{12}\.json$/);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ schemaVersion: 1, state: "found" });
  });

  it("solves for names with slashes, quantities and whole numbers", async () => {
    const folder = temporaryFolder();
    const money = { ...question, relation: "protocol-models:payoff/lazy = $5M" };
    expect((await solveScenario(smallScenario(), money, options(folder))).value).toBeCloseTo(5, 1);
    const whole = { ...question, relation: "grant:parties <= 6", isInteger: true };
    const found = await solveScenario(smallScenario(), whole, options(folder));
    expect(found).toMatchObject({ value: 6, ci95: [6, 6], satisfiedBelow: true });
  });

  it("runs only the arms that it needs, and no more runs than allowed", async () => {
    const one = { ...question, relation: "protocol-models:compute = 4", mostRuns: 120 };
    const found = await solveScenario(smallScenario(), one, options(temporaryFolder()));
    expect(found.arms).toEqual(["protocol-models"]);
    expect(found.runs.total).toBeLessThanOrEqual(120);
  });

  it.each([
    [
      { relation: "protocol-model:compute = 1" },
      "unknown arm: protocol-model (expected grant, protocol-models; did you",
    ],
    [{ relation: "compute = 1" }, "no arm for compute: there are grant, protocol-models"],
    [{ relation: "grant:comptue = 1" }, "unknown measure: comptue (expected compute,"],
    [{ relation: "1 = 2" }, "no measure in it"],
    [{ path: "market.revenueMultipel" }, "no number at market.revenueMultipel"],
    [{ path: "mechanism" }, "mechanism is swept by the scenario"],
    [{ mostRuns: 5 }, "too few runs: 5 (expected at least 14"],
  ])("refuses %o", async (change, message) => {
    const asked = solveScenario(smallScenario(), { ...question, ...change }, options(temporaryFolder()));
    await expect(asked).rejects.toThrow(message);
  });

  it("stops at a run that fails, and says which", async () => {
    const failing = smallScenario({ overrides: ["seeds.first=98"] });
    const asked = solveScenario(failing, question, options(temporaryFolder()));
    await expect(asked).rejects.toMatchObject({
      name: "SolveStopped",
      execution: {
        failed: expect.arrayContaining([expect.objectContaining({ message: expect.stringContaining("-1") })]),
      },
    });
  });

  it("stops when it is interrupted, and goes on from there", async () => {
    const directory = temporaryFolder();
    const controller = new AbortController();
    const onProgress = (done: number): void => {
      if (done >= 10) controller.abort();
    };
    const asked = solveScenario(
      smallScenario(),
      question,
      options(directory, { signal: controller.signal, onProgress }),
    );
    await expect(asked).rejects.toMatchObject({ name: "SolveStopped", execution: { isInterrupted: true } });
    const found = await solveScenario(smallScenario(), question, options(directory));
    expect(found.runs.cached).toBeGreaterThanOrEqual(10);
  });
});
