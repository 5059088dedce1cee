/** What an experiment will run, before it runs, and why. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { CostEstimate, Plan, PlannedRun, RunTask } from "@shardlab/experiment";
import type { Design } from "@shardlab/results";
import type { LoadedScenario } from "@shardlab/scenario";
import { formatDuration, formatQuantity } from "./number-format.ts";
import { formatTable } from "./text-table.ts";

/**
 * @property file, overrides, scenario what the plan was made from.
 * @property runs every run of the plan, whether it is stored, and why not.
 * @property measuredRuns stored runs that the estimate rests on; 0 where it is the formula's.
 * @property secondsOf seconds that a run is expected to take.
 */
export interface Matrix {
  readonly file: string;
  readonly overrides: readonly string[];
  readonly scenario: LoadedScenario;
  readonly plan: Plan;
  readonly runs: readonly PlannedRun[];
  readonly cost: CostEstimate;
  readonly measuredRuns: number;
  readonly secondsOf?: (task: RunTask) => number;
  readonly jobs: number;
  readonly directory: string;
}

export interface MatrixSources {
  readonly file: string;
  readonly overrides: readonly string[];
  readonly scenario: LoadedScenario;
  readonly out: string;
  readonly jobs?: number | undefined;
  readonly designs?: readonly Design[] | undefined;
}

/** Plans an experiment and compares it with what is stored. */
export async function matrixOf({ file, overrides, scenario, out, jobs, designs }: MatrixSources): Promise<Matrix> {
  const { estimateCost, measuredSeconds, modelHashOf, planExperiment, statesOf } = await import("@shardlab/experiment");
  const plan = planExperiment(scenario, { modelHash: modelHashOf(scenario.resolved), ...(designs && { designs }) });
  const directory = join(out, plan.experiment);
  const { runs, stored } = statesOf(plan, directory);
  const measured = measuredSeconds(plan, stored);
  const workers = jobs ?? availableParallelism();
  const left = runs.filter(({ state }) => state !== "cached").map(({ task }) => task);
  return {
    ...{ file, overrides, scenario, plan, runs, directory, jobs: workers, measuredRuns: measured?.runs ?? 0 },
    cost: estimateCost(left, workers, measured?.secondsOf),
    ...(measured && { secondsOf: measured.secondsOf }),
  };
}

/** `1 run`, `3 runs`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function row(design: string, arm: string, runs: readonly PlannedRun[]): string[] {
  const points = new Set(runs.map(({ task }) => task.point)).size;
  const seeds = new Set(runs.map(({ task }) => task.seed)).size;
  const count = (state: PlannedRun["state"]): number => runs.filter((run) => run.state === state).length;
  const left = runs.length - count("cached");
  return [design, arm, ...[points, seeds, runs.length, count("cached"), left, count("stale")].map(String)];
}

/** One line per design and arm: points, seeds, runs, how many are stored and left, and how many of those are stale. */
export function matrixLines({ plan, runs }: Matrix): string[] {
  const groups = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    const key = JSON.stringify([run.task.design, run.task.arm]);
    const known = groups.get(key);
    if (known) known.push(run);
    else groups.set(key, [run]);
  }
  const rows = [...new Set(runs.map(({ task }) => task.design))].flatMap((design) =>
    plan.arms.flatMap(({ label }) => {
      const ofArm = groups.get(JSON.stringify([design, label]));
      return ofArm ? [row(design, label, ofArm)] : [];
    }),
  );
  const header = ["design", "arm", "points", "seeds", "runs", "stored", "to run", "stale"];
  return formatTable([header, ...rows], ["left", "left", ...Array<"right">(6).fill("right")]);
}

const armsNamed = 3;
const pathsNamed = 8;

/** A long list of changed paths is cut: beyond a few, the scenario is simply another one. */
function shortReason(reason: string): string {
  const paths = reason.split(", ");
  if (paths.length <= pathsNamed) return reason;
  return `${paths.slice(0, pathsNamed).join(", ")} and ${paths.length - pathsNamed} more`;
}

/** `stale: 6 runs (grant, protocol-models): scenario: horizon`, one line for each reason. */
export async function reasonLines({ runs }: Matrix): Promise<string[]> {
  const { groupStates } = await import("@shardlab/experiment");
  const byReason = new Map<string, { state: string; reason: string; count: number; arms: Set<string> }>();
  for (const { state, reason, count, arm } of groupStates(runs)) {
    if (state === "cached" || reason === "") continue;
    const group = byReason.get(`${state} ${reason}`) ?? { state, reason, count: 0, arms: new Set() };
    byReason.set(`${state} ${reason}`, group);
    group.count += count;
    group.arms.add(arm);
  }
  return [...byReason.values()].map(({ state, reason, count, arms }) => {
    const named = arms.size > armsNamed ? `${arms.size} arms` : [...arms].join("; ");
    return `${state}: ${plural(count, "run")} (${named}): ${shortReason(reason)}`;
  });
}

/** `80 runs of 4 arms; 3 stored, 77 to run: about 1 min on 2 workers (by formula), 300 MB of memory; results in results/x`. */
export function costLine({ runs, cost, jobs, directory, measuredRuns }: Matrix): string {
  const kept = runs.filter(({ state }) => state === "cached").length;
  const left = runs.length - kept;
  const basis = measuredRuns > 0 ? `measured on ${plural(measuredRuns, "stored run")}` : "by formula";
  const price =
    left === 0
      ? "nothing to run"
      : `${left} to run: about ${cost.seconds < 1 ? "a second" : formatDuration(cost.seconds)} on ${plural(Math.min(jobs, left), "worker")} (${basis}), ${formatQuantity(cost.memoryBytes, "B")} of memory`;
  const arms = new Set(runs.map(({ task }) => task.arm)).size;
  return `${plural(runs.length, "run")} of ${plural(arms, "arm")}; ${kept} stored, ${price}; results in ${directory}`;
}
