/** One run from task to folder: simulate, then write tables and manifest together. */
import type { RunOutcome } from "@shardlab/contracts";
import { type JsonObject, measuresTable, ResultsError, type RunRecord, writeRun } from "@shardlab/results";
import { isEconomy } from "@shardlab/scenario";
import type { PluginModule } from "./plugin-mechanism.ts";
import type { Provenance } from "./provenance.ts";
import type { RunHooks } from "./run-progress.ts";
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

/**
 * How a run ended, after how long; `isFatal` when no other run could do better, such as on a full disk.
 *
 * @property isOfInput whether what was asked for cannot be had: a device, a library, a port.
 */
export type RunEnd =
  | { readonly ok: true; readonly seconds: number }
  | {
      readonly ok: false;
      readonly seconds: number;
      readonly message: string;
      readonly isFatal: boolean;
      readonly isOfInput?: boolean;
    };

/** Runs one task and writes its folder. Whatever goes wrong comes back as a message. */
export async function performRun(
  task: RunTask,
  context: RunContext,
  simulate: Simulate,
  hooks: RunHooks = {},
): Promise<RunEnd> {
  const elapsed = startStopwatch();
  try {
    const outcome = await simulate(task, hooks);
    writeOutcome(outcome, { task, context, phases: { simulate: elapsed() } });
    return { ok: true, seconds: elapsed().wallSeconds };
  } catch (error) {
    return failureOf(error, elapsed().wallSeconds);
  }
}

/** What tensor libraries, sockets and memory say when they are asked for what is not there. */
const inputFaults = [
  ...["no such device", "unknown backend", "backend not installed", "no backend opens", "backend does not"],
  ...["port in use", "no such address", "invalid address", "not permitted", "memory that cannot fit"],
  ...["protocol version", "unreadable text", "text too short", "unsuitable data", "model does not fit"],
];

const isInputFault = (message: string): boolean => inputFaults.some((fault) => message.includes(fault));

/** How a run ended that threw `error`. */
export function failureOf(error: unknown, seconds: number): RunEnd {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, seconds, message, isFatal: error instanceof ResultsError, isOfInput: isInputFault(message) };
}

interface WrittenOutcome {
  readonly task: RunTask;
  readonly context: RunContext;
  readonly phases: RunRecord["phases"];
}

/** Writes what a run yielded into its folder, at once. @throws ResultsError where results cannot be written. */
export function writeOutcome(outcome: RunOutcome, { task, context, phases }: WrittenOutcome): void {
  const { experiment, directory, modelHash, commit, dirty, node } = context;
  const { design, point, seed, coordinates, scenario, scenarioHash, runHash, plugin } = task;
  const record: RunRecord = {
    ...{ experiment, design, point, seed, coordinates, scenario: scenario as unknown as JsonObject },
    ...{ scenarioHash, runHash, modelHash, commit, dirty, node },
    ...(plugin && isEconomy(scenario) && { plugin: { kind: plugin.kind, hash: plugin.hash } }),
    phases,
    traceHash: outcome.traceHash,
    determinism: outcome.determinism,
    assumptions: outcome.assumptions,
  };
  writeRun(directory, record, [measuresTable(outcome.measures), ...outcome.tables]);
}
