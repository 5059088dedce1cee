/** Runs a task in its world: the place where worlds, mechanisms and scenarios meet. */
import type { RunOutcome } from "@shardlab/contracts";
import { runEconomy } from "@shardlab/economy";
import { createMechanism } from "@shardlab/mechanisms";
import { detailOf, type RunTask } from "./run-task.ts";

/** The outcome of one run; pure. */
export type Simulate = (task: RunTask) => RunOutcome;

export const simulate: Simulate = ({ scenario, seed, design }) =>
  runEconomy(scenario, createMechanism(scenario.mechanism), { seed, detail: detailOf(design) });
