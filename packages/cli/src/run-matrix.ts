/** What an experiment will run, before it runs. */
import type { CostEstimate, Plan, RunTask } from "@shardlab/experiment";
import { formatDuration, formatQuantity } from "./number-format.ts";
import { formatTable } from "./text-table.ts";

/**
 * @property file, overrides what the plan was made from.
 * @property stored hashes of the runs that are already in the results.
 */
export interface Matrix {
  readonly file: string;
  readonly overrides: readonly string[];
  readonly plan: Plan;
  readonly stored: ReadonlySet<string>;
  readonly cost: CostEstimate;
  readonly jobs: number;
  readonly directory: string;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function row(design: string, arm: string, tasks: readonly RunTask[], stored: ReadonlySet<string>): string[] {
  const points = new Set(tasks.map(({ point }) => point)).size;
  const seeds = new Set(tasks.map(({ seed }) => seed)).size;
  const kept = tasks.filter(({ runHash }) => stored.has(runHash)).length;
  return [design, arm, String(points), String(seeds), String(tasks.length), String(kept), String(tasks.length - kept)];
}

/** One line per design and arm: points, seeds, runs, how many are stored and how many are left. */
export function matrixLines({ plan, stored }: Matrix): string[] {
  const rows: string[][] = [];
  for (const design of new Set(plan.tasks.map((task) => task.design))) {
    const ofDesign = plan.tasks.filter((task) => task.design === design);
    for (const { label } of plan.arms) {
      const tasks = ofDesign.filter(({ arm }) => arm === label);
      if (tasks.length > 0) rows.push(row(design, label, tasks, stored));
    }
  }
  const header = ["design", "arm", "points", "seeds", "runs", "stored", "to run"];
  return formatTable([header, ...rows], ["left", "left", "right", "right", "right", "right", "right"]);
}

/** `80 runs: 4 arms; 3 stored, 77 to run; about 1 min on 2 workers, 300 MB; into results/x`. */
export function costLine({ plan, stored, cost, jobs, directory }: Matrix): string {
  const kept = plan.tasks.filter(({ runHash }) => stored.has(runHash)).length;
  const left = plan.tasks.length - kept;
  const price =
    left === 0
      ? "nothing to run"
      : `${left} to run: about ${formatDuration(cost.seconds)} on ${plural(Math.min(jobs, left), "worker")}, ${formatQuantity(cost.memoryBytes, "B")} of memory`;
  return `${plural(plan.tasks.length, "run")} of ${plural(plan.arms.length, "arm")}; ${kept} stored, ${price}; results in ${directory}`;
}
