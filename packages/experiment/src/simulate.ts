/** Runs a task in its world: the place where worlds, mechanisms and scenarios meet. */
import type { Mechanism, RunOutcome } from "@shardlab/contracts";
import { runEconomy } from "@shardlab/economy";
import { createMechanism } from "@shardlab/mechanisms";
import { type EconomyScenario, isSwarm } from "@shardlab/scenario";
import { conductFamilies } from "./conduct-families.ts";
import type { MechanismFactories } from "./plugin-mechanism.ts";
import type { RunHooks } from "./run-progress.ts";
import { detailOf, type RunTask } from "./run-task.ts";

/** The outcome of one run; what it yields depends on the task alone. */
export type Simulate = (task: RunTask, hooks?: RunHooks) => RunOutcome | Promise<RunOutcome>;

/** The mechanism that a scenario names: one of ours or a plugin's, which may be within one of ours. */
export const mechanismOf = ({ mechanism }: EconomyScenario, plugins: MechanismFactories): Mechanism =>
  createMechanism(mechanism, plugins);

/** Runs tasks of the economy, with the mechanisms of plugins beside ours, and of the swarm on virtual time. */
export const createSimulate =
  (plugins: MechanismFactories): Simulate =>
  (task, hooks = {}) => {
    const { scenario, scenarioHash, seed, design } = task;
    if (isSwarm(scenario)) {
      const run = `${scenarioHash}-${seed}`;
      return loadSwarm().then(({ simulateSwarm }) => simulateSwarm(scenario, { run, seed, design, ...hooks }));
    }
    return runEconomy(scenario, mechanismOf(scenario, plugins), {
      ...{ seed, detail: detailOf(design), families: conductFamilies },
    });
  };

/** Runs of the economy need nothing of it. */
const loadSwarm = () => import("./simulate-swarm.ts");

export const simulate: Simulate = createSimulate(new Map());
