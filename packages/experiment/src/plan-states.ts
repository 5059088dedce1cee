/** Which runs of a plan are stored, which are new, and which were made before something changed, and what that was. */
import { type JsonValue, listExperimentRuns, runIdOf, type StoredRun } from "@shardlab/results";
import { canonicalJson } from "@shardlab/scenario";
import { lastFailures, readEventLog } from "./event-log.ts";
import type { Plan } from "./plan.ts";
import type { RunTask } from "./run-task.ts";
import { scenarioChanges } from "./scenario-changes.ts";

/**
 * - `cached`: it is stored.
 * - `stale`: its place in the experiment (design, coordinates, seed) holds a run of other model code or another scenario.
 * - `new`: nothing is stored at its place.
 */
export type RunState = "cached" | "new" | "stale";

/**
 * @property reason what changed, for a stale run (`model code 1f2e → 9a0b; scenario: horizon, outlay`); what a new run died
 *   of when it was last tried; empty otherwise.
 */
export interface PlannedRun {
  readonly task: RunTask;
  readonly state: RunState;
  readonly reason: string;
}

export interface PlanStates {
  /** In the order of the plan. */
  readonly runs: readonly PlannedRun[];
  /** Every stored run of the experiment, whether the plan has it or not. */
  readonly stored: readonly StoredRun[];
}

type Place = Pick<RunTask, "design" | "coordinates" | "seed">;
const placeOf = ({ design, coordinates, seed }: Place): string => canonicalJson({ design, coordinates, seed });
const codeDigits = 8;

/** Compares a plan with what lies in the experiment's folder. @throws ResultsError when a run there cannot be read. */
export function statesOf(plan: Plan, directory: string): PlanStates {
  const stored = listExperimentRuns(directory);
  const hashes = new Set(stored.map(({ runHash }) => runHash));
  const atPlace = new Map<string, StoredRun[]>();
  for (const run of stored) {
    const known = atPlace.get(placeOf(run));
    if (known) known.push(run);
    else atPlace.set(placeOf(run), [run]);
  }
  const failures = lastFailures(readEventLog(directory).events);
  const changesOf = changesFrom(plan.modelHash);
  const runs = plan.tasks.map((task): PlannedRun => {
    if (hashes.has(task.runHash)) return { task, state: "cached", reason: "" };
    const others = atPlace.get(placeOf(task)) ?? [];
    const failure = failures.get(runIdOf(task.runHash));
    if (failure !== undefined) return { task, state: "new", reason: `failed before: ${failure}` };
    if (others.length === 0) return { task, state: "new", reason: "" };
    return { task, state: "stale", reason: changesOf(task, others) };
  });
  return { runs, stored };
}

/** What changed since the stored run that is most like the planned one. Pairs of scenarios are compared once. */
function changesFrom(modelHash: string): (task: RunTask, others: readonly StoredRun[]) => string {
  const known = new Map<string, readonly string[]>();
  const pathsOf = (task: RunTask, other: StoredRun): readonly string[] => {
    if (task.scenarioHash === other.scenarioHash) return [];
    const key = `${other.scenarioHash} ${task.scenarioHash}`;
    const paths = known.get(key) ?? scenarioChanges(other.manifest.scenario, task.scenario as unknown as JsonValue);
    known.set(key, paths);
    return paths;
  };
  return (task, others) => {
    const changes = others.map((other) => ({ other, paths: pathsOf(task, other) }));
    const weight = ({ other, paths }: (typeof changes)[number]): number =>
      paths.length + (other.modelHash === modelHash ? 0 : 1);
    const { other, paths } = changes.reduce((least, one) => (weight(one) < weight(least) ? one : least));
    const parts: string[] = [];
    if (other.modelHash !== modelHash) {
      parts.push(`model code ${other.modelHash.slice(0, codeDigits)} → ${modelHash.slice(0, codeDigits)}`);
    }
    if (task.plugin !== undefined) {
      const before = other.manifest.plugin?.hash ?? "none";
      if (before !== task.plugin.hash)
        parts.push(`plugin ${before.slice(0, codeDigits)} → ${task.plugin.hash.slice(0, codeDigits)}`);
    }
    if (paths.length > 0) parts.push(`scenario: ${paths.join(", ")}`);
    return parts.join("; ") || "code outside the model packages";
  };
}

/** Runs that share design, arm, state and reason. */
export interface RunGroup {
  readonly design: RunTask["design"];
  readonly arm: string;
  readonly state: RunState;
  readonly reason: string;
  readonly count: number;
}

/** The groups of runs in the order in which the plan meets them. */
export function groupStates(runs: readonly PlannedRun[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const { task, state, reason } of runs) {
    const { design, arm } = task;
    const key = JSON.stringify([design, arm, state, reason]);
    groups.set(key, { design, arm, state, reason, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}
