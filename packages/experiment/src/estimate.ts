/** How long an experiment will take and how much memory it needs, before it starts and while it runs. */
import { epochSeconds } from "@shardlab/economy/epoch";
import { type EconomyScenario, isSwarm, type Scenario } from "@shardlab/scenario";
import { swarmMemoryBytes, swarmSeconds } from "./estimate-swarm.ts";
import type { RunTask } from "./run-task.ts";

/**
 * Cost of a run, of an epoch of it and of a model in that, and of a provider considering honest work for one model; measured on
 * a 2-core machine over worlds of 26 to 10^6 providers.
 */
const secondsPerRun = 3e-3;
const secondsPerEpoch = 15e-6;
const secondsPerModel = 2e-6;
const secondsPerChoice = 6e-9;
/** What an attack that could be run on a model costs beside honest work for it. */
const costOfAttack = 0.5;

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

const providersOf = ({ providers }: EconomyScenario): number => providers.reduce((sum, group) => sum + group.count, 0);

/** Steps after which a search for rational beliefs has usually ended. */
const usualIterations = 4;

/** Passes through the epochs: one, and one more for each step of the search for rational beliefs. */
const passesOf = ({ beliefs }: EconomyScenario): number =>
  1 + (beliefs.kind === "rational" ? Math.min(beliefs.iterations, usualIterations) : 0);

/**
 * Seconds that one run is expected to take. In the economy epochs and models take their part in every pass, and so do choices
 * (providers x models, with what attacks add to them); in the swarm see `swarmSeconds`.
 */
export function expectedSeconds(scenario: Scenario): number {
  if (isSwarm(scenario)) return swarmSeconds(scenario);
  const epochs = scenario.horizon / epochSeconds;
  const models = scenario.models.length;
  const choices = providersOf(scenario) * models * (1 + costOfAttack * scenario.attacks.length);
  const secondsOfEpoch = secondsPerEpoch + models * secondsPerModel + choices * secondsPerChoice;
  return secondsPerRun + passesOf(scenario) * epochs * secondsOfEpoch;
}

const byFormula = ({ scenario }: RunTask): number => expectedSeconds(scenario);

/**
 * The cost of making `tasks` with this many `jobs`. Mechanisms that need no beliefs take less, hard searches more, unless
 * `secondsOf` knows better, see `measuredSeconds`.
 */
export function estimateCost(tasks: readonly RunTask[], jobs: number, secondsOf = byFormula): CostEstimate {
  const workers = Math.max(1, Math.min(jobs, tasks.length));
  const memoryOf = (scenario: Scenario): number =>
    isSwarm(scenario) ? swarmMemoryBytes(scenario) : columnBytes(scenario);
  const columnBytes = (scenario: EconomyScenario): number =>
    8 * providersOf(scenario) * (columnsPerProvider + columnsPerModel * scenario.models.length);
  const largest = tasks.reduce((most, { scenario }) => Math.max(most, memoryOf(scenario)), 0);
  return {
    runs: tasks.length,
    seconds: tasks.reduce((sum, task) => sum + secondsOf(task), 0) / workers,
    memoryBytes: workers * (bytesPerWorker + largest),
  };
}

/** Tells the time left from the runs that ended so far. */
export interface RemainingTime {
  /** @param seconds that the run took by itself; undefined when it died. */
  ended(task: RunTask, seconds: number | undefined): void;
  /** Seconds left after `elapsed` seconds; the estimate itself until a run has ended. */
  secondsLeft(elapsed: number): number;
}

/** Of one arm: expected seconds of the runs to come, and of those that ended beside what they took. */
interface ArmTime {
  ahead: number;
  expected: number;
  taken: number;
}

/**
 * Arms differ in cost by what no formula knows (some search for beliefs), so that the runs of each arm correct its own
 * expectation, and an arm without any is corrected like the others together. The sum is scaled to the time on the clock,
 * which holds the number of workers, their start and whatever else the machine does.
 */
export function createRemainingTime(tasks: readonly RunTask[], jobs: number, secondsOf = byFormula): RemainingTime {
  const arms = new Map<string, ArmTime>();
  for (const task of tasks) {
    const known = arms.get(task.arm) ?? { ahead: 0, expected: 0, taken: 0 };
    arms.set(task.arm, known);
    known.ahead += secondsOf(task);
  }
  const total = (part: keyof ArmTime): number => [...arms.values()].reduce((sum, time) => sum + time[part], 0);
  return {
    ended: (task, seconds) => {
      const time = arms.get(task.arm);
      if (!time) return;
      time.ahead = Math.max(0, time.ahead - secondsOf(task));
      if (seconds === undefined) return;
      time.expected += secondsOf(task);
      time.taken += seconds;
    },
    secondsLeft: (elapsed) => {
      const [expected, taken] = [total("expected"), total("taken")];
      if (expected === 0 || taken === 0) return total("ahead") / Math.max(1, Math.min(jobs, tasks.length));
      const corrected = [...arms.values()].reduce(
        (sum, time) => sum + time.ahead * (time.expected > 0 ? time.taken / time.expected : taken / expected),
        0,
      );
      return (elapsed / taken) * corrected;
    },
  };
}
