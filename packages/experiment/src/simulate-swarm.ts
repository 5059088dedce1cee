/** Runs the swarm on virtual time, with sizes and durations alone or with real numbers. */
import { readFileSync } from "node:fs";
import type { RunOutcome } from "@shardlab/contracts";
import type { Design } from "@shardlab/results";
import type { SwarmScenario } from "@shardlab/scenario";
import { runSimulation, type SimulationOptions } from "@shardlab/simulation";
import { ProgressTracker } from "./progress-tracker.ts";
import type { RunHooks } from "./run-progress.ts";
import { detailOf } from "./run-task.ts";
import { compressorsOf, stageComputeOn, stageSettings } from "./stage-compute.ts";
import { checkData, givenUp, isComplete, outcomeOf } from "./swarm-outcome.ts";

export interface SimulatedSwarm extends RunHooks {
  /** Names the run in what its nodes sign; the same for the same scenario, whatever code runs it. */
  readonly run: string;
  readonly seed: number;
  readonly design: Design;
}

/** Least time between two tellings: they cross a thread, and virtual updates take microseconds. */
const progressSeconds = 0.25;

/** @throws Error `model does not fit: ...`, BackendError where no tensor library computes, and what nodes failed of. */
export async function simulateSwarm(scenario: SwarmScenario, options: SimulatedSwarm): Promise<RunOutcome> {
  const { seed } = options;
  const settings = stageSettings(scenario, seed);
  const simulation: SimulationOptions = {
    ...{ run: options.run, seed, spec: scenario.simulation, model: scenario.model, training: scenario.training },
    ...{ population: scenario.population, ...compressorsOf(settings), detail: detailOf(options.design) },
    readText: (path) => readFileSync(path, "utf8"),
    ...observerOf(scenario, options),
  };
  if (scenario.simulation.compute === "modelled") {
    const report = await runSimulation(simulation);
    if (report.reason !== undefined && !isComplete(report, scenario)) throw givenUp(report, scenario, report.reason);
    return outcomeOf(report, scenario, seed);
  }
  checkData(scenario);
  const { openBackend } = await import("@shardlab/learning");
  const { backend: kind, devices, threads } = scenario.hardware;
  const backend = await openBackend({ kind, device: devices[0] ?? "cpu", threads });
  try {
    const report = await runSimulation({
      ...simulation,
      compute: ({ node, store, checkpoints }) =>
        stageComputeOn(settings, { backend, store, checkpoints, owner: `worker-${node}` }),
    });
    if (report.reason !== undefined && !isComplete(report, scenario)) throw givenUp(report, scenario, report.reason);
    const statement = `Numbers are those of the backend ${backend.kind} on ${backend.device}.`;
    return outcomeOf({ ...report, assumptions: [...report.assumptions, { statement }] }, scenario, seed);
  } finally {
    backend.dispose();
  }
}

function observerOf({ training }: SwarmScenario, { onProgress }: RunHooks): Pick<SimulationOptions, "observe"> {
  if (onProgress === undefined) return {};
  const tracker = new ProgressTracker({
    ...{ updates: training.updates, tell: onProgress, intervalSeconds: progressSeconds },
  });
  return { observe: (timed) => tracker.add(timed) };
}
