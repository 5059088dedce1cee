/** One run from task to folder: simulate, then write tables and manifest together. */
import { type JsonObject, measuresTable, ResultsError, type RunRecord, writeRun } from "@shardlab/results";
import type { PluginModule } from "./plugin-mechanism.ts";
import type { Provenance } from "./provenance.ts";
import type { RunTask } from "./run-task.ts";
import type { Simulate } from "./simulate.ts";
import { startStopwatch } from "./stopwatch.ts";

/**
 * What all runs of an experiment have in common.
 *
 * @property directory the experiment's folder; a run is a folder in it.
 * @property plugins modules of the mechanisms that are not ours.
 */
export interface RunContext extends Provenance {
  readonly experiment: string;
  readonly directory: string;
  readonly modelHash: string;
  readonly plugins: readonly PluginModule[];
}

/** How a run ended, after how long; `isFatal` when no other run could do better, such as on a full disk. */
export type RunEnd =
  | { readonly ok: true; readonly seconds: number }
  | { readonly ok: false; readonly seconds: number; readonly message: string; readonly isFatal: boolean };

/** Runs one task and writes its folder. Whatever goes wrong comes back as a message. */
export function performRun(task: RunTask, context: RunContext, simulate: Simulate): RunEnd {
  const elapsed = startStopwatch();
  try {
    const outcome = simulate(task);
    const { experiment, directory, modelHash, commit, dirty, node } = context;
    const { design, point, seed, coordinates, scenario, scenarioHash, runHash, plugin } = task;
    const record: RunRecord = {
      ...{ experiment, design, point, seed, coordinates, scenario: scenario as unknown as JsonObject },
      ...{ scenarioHash, runHash, modelHash, commit, dirty, node },
      ...(plugin && { plugin: { kind: scenario.mechanism.kind, hash: plugin.hash } }),
      phases: { simulate: elapsed() },
      traceHash: outcome.traceHash,
      determinism: outcome.determinism,
      assumptions: outcome.assumptions,
    };
    writeRun(directory, record, [measuresTable(outcome.measures), ...outcome.tables]);
    return { ok: true, seconds: elapsed().wallSeconds };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, seconds: elapsed().wallSeconds, message, isFatal: error instanceof ResultsError };
  }
}
