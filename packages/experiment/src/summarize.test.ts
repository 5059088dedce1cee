import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ResultsError, runIdOf } from "@shardlab/results";
import { economyOf } from "@shardlab/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import { executePlan } from "./execute.ts";
import { recordExperiment } from "./experiment-design.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { type Plan, planExperiment } from "./plan.ts";
import { type ExperimentSummary, findingsDocument, summarizeFromResults, summarizePlan } from "./summarize.ts";

/**
 * A world in closed form. `loss` is u + 2 v + seed for `grant`, where u and v are the places of revenue multiple and hazard
 * in the ranges of the sensitivity analysis; `protocol-models` adds ln(multiple / 5) (1 + growth).
 */
const closedForm = `
const year = 365.25 * 86400;
export function simulate({ scenario, seed, arm }) {
  const { revenueMultiple: m, growth } = scenario.market;
  const u = Math.log(m) / Math.log(16);
  const v = (scenario.models[0].hazard * year - 0.1) / 0.2;
  const lead = arm === "grant" ? 0 : Math.log(m / 5) * (1 + growth * year);
  return {
    measures: [
      { name: "loss", unit: "nat", value: u + 2 * v + seed + lead },
      { name: "gini", unit: "", value: arm === "grant" ? NaN : 0.5 },
    ],
    tables: [], traceHash: "t", determinism: "exact", assumptions: [],
  };
}`;

const directory = mkdtempSync(join(tmpdir(), "shardlab-summary-"));
const loaded = smallScenario({ sensitivity: true, frontier: true, overrides: ["sensitivity.draws=64"] });
let plan: Plan;
let summary: ExperimentSummary;

async function execute(planned: Plan, folder: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "shardlab-world-")), "simulator.mjs");
  writeFileSync(file, closedForm);
  await executePlan(planned, {
    ...{ directory: folder, jobs: 1, backend: "in-process", simulator: pathToFileURL(file).href, now: () => 0 },
    provenance: { commit: null, dirty: null, node: "20" },
  });
}

beforeAll(async () => {
  plan = planExperiment(loaded, { modelHash: "0123456789abcdef" });
  await execute(plan, directory);
  summary = await summarizePlan(plan, directory);
});

describe("summarizePlan", () => {
  it("averages each arm over its seeds 11, 12 and 13", () => {
    const [grant, ownership] = summary.points;
    const base = Math.log(3) / Math.log(16) + 1;
    expect(grant.seeds).toEqual([11, 12, 13]);
    expect(grant.measures.loss).toMatchObject({ n: 3, unit: "nat", seeds: [11, 12, 13] });
    expect(grant.measures.loss.mean).toBeCloseTo(base + 12, 10);
    // t_0.975 at 2 degrees of freedom is 4.302653; the seeds 11, 12, 13 have standard deviation 1.
    expect(grant.measures.loss.ci95?.[1]).toBeCloseTo(base + 12 + 4.302653 / Math.sqrt(3), 5);
    expect(ownership.arm).toBe("protocol-models");
  });

  it("leaves out a measure where it does not exist", () => {
    const [grant, ownership] = summary.points;
    expect(grant.measures.gini).toBeUndefined();
    expect(ownership.measures.gini).toMatchObject({ mean: 0.5, n: 3 });
  });

  it("compares the challenger with the others by pairs, so that the seeds' noise cancels", () => {
    expect(summary.challenger).toBe("protocol-models");
    const [loss] = summary.differences;
    expect(loss).toMatchObject({ measure: "loss", against: "grant", unit: "nat" });
    const growth = economyOf(loaded.resolved).market.growth * 365.25 * 86_400;
    expect(loss.difference.mean).toBeCloseTo(Math.log(3 / 5) * (1 + growth), 10);
    expect(loss.difference.verdict).toBe("lower");
    expect(loss.difference.mdd).toBeLessThan(1e-9);
    expect(summary.differences).toHaveLength(1);
  });

  it("finds the shares of variance: 1, 4 and, for the seeds of 64 rows, 12 times 341.25 of the sum", () => {
    const grant = summary.sensitivity?.arms.find(({ arm }) => arm === "grant");
    expect(grant).toMatchObject({ rows: 64, runs: 256 });
    const [multiple, hazard] = grant?.indices ?? [];
    // The seeds are 64 whole numbers in a row: their variance is (64^2 - 1) / 12, that of u is 1 / 12, of 2 v 4 / 12.
    expect(multiple.parameter).toBe("market.revenueMultiple");
    expect(multiple.total.value).toBeCloseTo(1 / 4100, 4);
    expect(hazard.total.value).toBeCloseTo(4 / 4100, 3);
    expect(hazard.total.value).toBeGreaterThan(2 * multiple.total.value);
  });

  it("gives an interval over parameters of its own, and the draws in which the challenger leads", () => {
    const { differences, arms } = summary.sensitivity ?? { differences: [], arms: [] };
    expect(arms[0].intervals.loss.draws).toBe(128);
    expect(arms[0].intervals.gini).toBeUndefined();
    const [{ against, difference }] = differences;
    expect(against).toBe("grant");
    // The multiple is log-uniform from 1 to 16 and the lead positive above 5.
    expect(difference.shareAbove).toBeCloseTo(1 - Math.log(5) / Math.log(16), 1);
  });

  it("finds break-even at 5 on every line", () => {
    const { frontier } = summary;
    expect(frontier?.lines).toHaveLength(3);
    expect(frontier?.range).toEqual([1, 16]);
    for (const line of frontier?.lines ?? []) {
      expect(line.points).toHaveLength(2);
      for (const { breakEven } of line.points) {
        expect(breakEven).toMatchObject({ state: "found", winsAbove: true });
        expect(breakEven.value).toBeCloseTo(5, 8);
      }
    }
    expect(frontier?.lines.map(({ value }) => Math.round(value * 365.25 * 86_400 * 100))).toEqual([0, 20, 40]);
  });

  it("is told which way a measure is better", async () => {
    const turned = await summarizePlan(plan, directory, { betterOf: () => "lower" });
    expect(turned.frontier?.lines[0].points[0].breakEven).toMatchObject({ state: "found", winsAbove: false });
  });
});

describe("findingsDocument", () => {
  it("has the promised shape", () => {
    const document = findingsDocument(summary);
    expect(document).toMatchObject({ scenario: "small", hash: loaded.hash });
    expect(document.points[0]).toMatchObject({ sweep: { mechanism: "grant" }, seeds: [11, 12, 13] });
    expect(Object.keys(document.points[0].measures.loss)).toEqual(["mean", "ci95", "n", "mdd", "unit"]);
  });
});

describe("summarizeFromResults", () => {
  it("says from the folder alone what the plan says, whatever else lies there", async () => {
    recordExperiment(directory, plan, summary);
    const other = planExperiment(smallScenario({ overrides: ["outlay=$9M"] }), { modelHash: "0123456789abcdef" });
    await execute(other, directory);
    expect(await summarizeFromResults(directory)).toEqual(summary);
  });

  it("does with the runs that there are", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardlab-summary-"));
    await execute(plan, folder);
    const lost = plan.tasks.filter(
      ({ design, coordinates }, index) => index < 2 || (design === "sensitivity" && coordinates.row === 3),
    );
    for (const { runHash } of lost) rmSync(join(folder, runIdOf(runHash)), { recursive: true });
    const partial = await summarizePlan(plan, folder);
    expect(partial.points[0].seeds).toEqual([13]);
    expect(partial.points[0].measures.loss).toMatchObject({ n: 1, ci95: null, mdd: null });
    expect(partial.sensitivity?.arms[0].rows).toBe(63);
  });

  it("refuses a folder that is no experiment", async () => {
    await expect(summarizeFromResults(mkdtempSync(join(tmpdir(), "shardlab-none-")))).rejects.toThrow(ResultsError);
  });
});
