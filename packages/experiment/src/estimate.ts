/** How long an experiment will take and how much memory it needs, before it starts and while it runs. */
import { epochSeconds } from "@shardlab/economy/epoch";
import type { Scenario } from "@shardlab/scenario";
import type { RunTask } from "./run-task.ts";

/** Cost of a provider deciding between the models in one epoch, and of a run apart from that; measured, 2-core machine. */
const secondsPerChoice = 50e-9;
const secondsPerRun = 5e-3;

/** Columns of 8 bytes that a provider takes, besides three for each model. */
const columnsPerProvider = 40;
const columnsPerModel = 3;
const bytesPerWorker = 120e6;

/**
 * @property runs how many there are to make.
 * @property seconds wall time of all of them on `jobs` workers.
 * @property memoryBytes of all workers together, at the largest scenario.
 */
export interface CostEstimate {
  readonly runs: number;
  readonly seconds: number;
  readonly memoryBytes: number;
}

const providersOf = ({ providers }: Scenario): number => providers.reduce((sum, group) => sum + group.count, 0);

/** Passes through the epochs: one, and up to one more for each step of the search for rational beliefs. */
const passesOf = ({ beliefs }: Scenario): number => 1 + (beliefs.kind === "rational" ? beliefs.iterations : 0);

/** Seconds that one run is expected to take: choices (providers x epochs x models x passes) and a fixed part. */
export function expectedSeconds(scenario: Scenario): number {
  const epochs = scenario.horizon / epochSeconds;
  const choices = providersOf(scenario) * epochs * scenario.models.length * passesOf(scenario);
  return secondsPerRun + choices * secondsPerChoice;
}

/** The cost of making `tasks` with this many `jobs`. An upper bound where a search for beliefs ends early. */
export function estimateCost(tasks: readonly RunTask[], jobs: number): CostEstimate {
  const workers = Math.max(1, Math.min(jobs, tasks.length));
  const memoryOf = (scenario: Scenario): number =>
    8 * providersOf(scenario) * (columnsPerProvider + columnsPerModel * scenario.models.length);
  const largest = tasks.reduce((most, { scenario }) => Math.max(most, memoryOf(scenario)), 0);
  return {
    runs: tasks.length,
    seconds: tasks.reduce((sum, { scenario }) => sum + expectedSeconds(scenario), 0) / workers,
    memoryBytes: workers * (bytesPerWorker + largest),
  };
}

/** Tells the time left from the runs that ended so far, weighing each by what it was expected to cost. */
export interface RemainingTime {
  ended(task: RunTask): void;
  /** Seconds left after `elapsed` seconds; the estimate itself until a run has ended. */
  secondsLeft(elapsed: number): number;
}

export function createRemainingTime(tasks: readonly RunTask[], jobs: number): RemainingTime {
  const whole = tasks.reduce((sum, { scenario }) => sum + expectedSeconds(scenario), 0);
  let done = 0;
  return {
    ended: ({ scenario }) => {
      done += expectedSeconds(scenario);
    },
    secondsLeft: (elapsed) => {
      if (done === 0) return whole / Math.max(1, Math.min(jobs, tasks.length));
      return (elapsed / done) * Math.max(0, whole - done);
    },
  };
}
