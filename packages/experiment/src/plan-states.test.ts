import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { listExperimentRuns } from "@shardlab/results";
import { beforeAll, describe, expect, it } from "vitest";
import { expectedSeconds } from "./estimate.ts";
import { measuredSeconds } from "./estimate-measured.ts";
import { executePlan } from "./execute.ts";
import { executeOptions, simulatorOf, temporaryFolder } from "./fixtures/fake-simulator.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { type Plan, planExperiment } from "./plan.ts";
import { groupStates, statesOf } from "./plan-states.ts";

const code = "0123456789abcdef";
const planned = (overrides: readonly string[] = [], modelHash = code): Plan =>
  planExperiment(smallScenario({ overrides }), { modelHash });
const run = (directory: string, plan: Plan, body = "") =>
  executePlan(plan, executeOptions(directory, { simulator: simulatorOf(body), backend: "in-process" }));

const directory = temporaryFolder();
const groups = (plan: Plan) =>
  groupStates(statesOf(plan, directory).runs).map(({ arm, state, reason, count }) => [arm, state, reason, count]);

beforeAll(() => run(directory, planned()));

describe("statesOf", () => {
  it("finds everything cached where nothing changed, and only further seeds new", () => {
    expect(groups(planned())).toEqual([
      ["grant", "cached", "", 3],
      ["protocol-models", "cached", "", 3],
    ]);
    expect(groups(planned(["seeds.count=5"]))).toEqual([
      ["grant", "cached", "", 3],
      ["grant", "new", "", 2],
      ["protocol-models", "cached", "", 3],
      ["protocol-models", "new", "", 2],
    ]);
  });

  it("names changed code, and changed fields by their paths", () => {
    const stale = (reason: string) => [
      ["grant", "stale", reason, 3],
      ["protocol-models", "stale", reason, 3],
    ];
    expect(groups(planned([], "fedcba9876543210"))).toEqual(stale("model code 01234567 → fedcba98"));
    expect(groups(planned(["outlay=$2M", "providers.gamers.count=21"]))).toEqual(
      stale("scenario: outlay, providers.gamers.count"),
    );
    expect(groups(planned(["horizon=90 d"], "fedcba9876543210"))).toEqual(
      stale("model code 01234567 → fedcba98; scenario: horizon"),
    );
  });

  it("compares with the stored run that is most alike", async () => {
    await run(directory, planned(["outlay=$2M"]));
    expect(groups(planned(["outlay=$2M", "horizon=90 d"])).map(([, , reason]) => reason)).toEqual([
      "scenario: horizon",
      "scenario: horizon",
    ]);
  });

  it("tells what a run died of when it was last tried, also after a line cut off", async () => {
    const folder = temporaryFolder();
    const plan = planned();
    const log = { command: ["run"], timestamp: () => "" };
    const simulator = simulatorOf('if (seed === 12) throw new Error("negative balance: -1");');
    await executePlan(plan, executeOptions(folder, { simulator, backend: "in-process", log }));
    appendFileSync(join(folder, "log.jsonl"), '{"event":"run-fai');
    const failed = statesOf(plan, folder).runs.filter(({ state }) => state !== "cached");
    expect(failed.map(({ state, reason }) => [state, reason])).toEqual([
      ["new", "failed before: negative balance: -1"],
      ["new", "failed before: negative balance: -1"],
    ]);
  });
});

describe("measuredSeconds", () => {
  it("is undefined without runs", () => expect(measuredSeconds(planned(), [])).toBeUndefined());

  it("corrects each arm by what its runs took, and size by the formula", () => {
    const plan = planned();
    const [grant, , , ownership] = plan.tasks;
    const stored = listExperimentRuns(directory)
      .filter(({ manifest }) => plan.tasks.some(({ runHash }) => runHash === manifest.runHash))
      .map((one) => {
        const wallSeconds = one.manifest.coordinates.mechanism === "grant" ? 2 : 6;
        return { ...one, manifest: { ...one.manifest, phases: { simulate: { wallSeconds, cpuSeconds: 0 } } } };
      });
    const measured = measuredSeconds(plan, stored);
    expect(measured?.runs).toBe(6);
    expect(measured?.secondsOf(grant)).toBeCloseTo(2, 9);
    expect(measured?.secondsOf(ownership)).toBeCloseTo(6, 9);
    const [larger] = planned(["providers.gamers.count=100000"]).tasks;
    const growth = expectedSeconds(larger.scenario) / expectedSeconds(grant.scenario);
    expect(measured?.secondsOf(larger)).toBeCloseTo(2 * growth, 6);
    // An arm without runs is corrected like all together: (3 x 2 + 3 x 6) / 6.
    expect(measured?.secondsOf({ ...grant, arm: "another" })).toBeCloseTo(4, 9);
  });
});
