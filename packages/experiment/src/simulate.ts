/** Runs a task in its world: the place where worlds, mechanisms and scenarios meet. */
import type { Mechanism, RunOutcome } from "@shardlab/contracts";
import { runEconomy } from "@shardlab/economy";
import { createMechanism } from "@shardlab/mechanisms";
import type { Scenario } from "@shardlab/scenario";
import type { MechanismFactories } from "./plugin-mechanism.ts";
import { detailOf, type RunTask } from "./run-task.ts";

/** The outcome of one run; pure. */
export type Simulate = (task: RunTask) => RunOutcome;

/** The mechanism that a scenario names: a plugin's, or one of ours. */
export function mechanismOf({ mechanism }: Scenario, plugins: MechanismFactories): Mechanism {
  const create = plugins.get(mechanism.kind);
  return create ? create(mechanism) : createMechanism(mechanism);
}

/** Runs tasks in the economy, with the mechanisms of plugins beside ours. */
export const createSimulate =
  (plugins: MechanismFactories): Simulate =>
  ({ scenario, seed, design }) =>
    runEconomy(scenario, mechanismOf(scenario, plugins), { seed, detail: detailOf(design) });

export const simulate: Simulate = createSimulate(new Map());
