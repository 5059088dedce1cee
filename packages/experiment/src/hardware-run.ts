/** Runs the swarm on processes, sockets and devices, in a hidden folder that an interrupted run goes on from. */
import { rmSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Plain, RunOutcome } from "@shardlab/contracts";
import { ResultsError, runIdOf } from "@shardlab/results";
import { runHardware } from "@shardlab/runner";
import { isSwarm, type SwarmScenario } from "@shardlab/scenario";
import { swarmMemoryBytes } from "./estimate-swarm.ts";
import { failureOf, type RunContext, type RunEnd, writeOutcome } from "./perform-run.ts";
import type { RunLimits } from "./pool-worker.ts";
import { ProgressTracker } from "./progress-tracker.ts";
import type { RunHooks, RunProgress } from "./run-progress.ts";
import type { RunTask } from "./run-task.ts";
import { compressorsOf, stageSettings } from "./stage-compute.ts";
import { startStopwatch } from "./stopwatch.ts";
import { checkData, givenUp, isComplete, outcomeOf } from "./swarm-outcome.ts";
import { gradientsAreLossless } from "./swarm-sizes.ts";

export interface HardwareRun extends RunHooks, RunLimits {
  /** Stops the run where it can be resumed. */
  readonly signal: AbortSignal;
}

/** Files that are modules of their own when they run: built ones, beside this one or, from sources, in `dist`. */
const entry = (name: string): URL =>
  new URL(import.meta.url.endsWith(".ts") ? `../dist/${name}.js` : `./${name}.js`, import.meta.url);

/** Where a run keeps its checkpoints until it is stored. Hidden names are passed over by whoever reads results. */
export const hardwareFolder = (directory: string, runHash: string): string =>
  join(directory, `.hardware-${runIdOf(runHash)}`);

/** Makes one run and writes its folder, or says that it was interrupted. */
export async function performHardwareRun(
  task: RunTask,
  context: RunContext,
  run: HardwareRun,
): Promise<RunEnd | "interrupted"> {
  const elapsed = startStopwatch();
  const limit = timeLimit(run);
  const folder = hardwareFolder(context.directory, task.runHash);
  try {
    const outcome = await train(task, folder, { ...run, signal: limit.signal });
    writeOutcome(outcome, { task, context, phases: { train: elapsed() } });
    rmSync(folder, { recursive: true, force: true });
    return { ok: true, seconds: elapsed().wallSeconds };
  } catch (error) {
    const { wallSeconds } = elapsed();
    if (limit.isExceeded()) return failureOf(new Error(`time limit of a run exceeded: ${run.seconds} s`), wallSeconds);
    if (run.signal.aborted) return "interrupted";
    return failureOf(nothingFits(error), wallSeconds);
  } finally {
    limit.clear();
  }
}

/** No other run could do better on a disk that is full. */
function nothingFits(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith("disk full") ? new ResultsError(`cannot write results: ${message}`) : error;
}

const longestTimerMilliseconds = 2 ** 31 - 1;

/** A signal that also aborts when a run has had its time. */
function timeLimit({ signal, seconds }: HardwareRun) {
  const controller = new AbortController();
  let exceeded = false;
  const stop = (): void => controller.abort();
  const expire = (): void => {
    exceeded = true;
    stop();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const timer =
    seconds === undefined ? undefined : setTimeout(expire, Math.min(1000 * seconds, longestTimerMilliseconds));
  return {
    signal: controller.signal,
    isExceeded: () => exceeded,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}

const inGibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toPrecision(3)} GiB`;

function refuseWhatCannotFit(scenario: SwarmScenario, memoryBytes: number | undefined): void {
  const needed = swarmMemoryBytes(scenario);
  const [there, whose] = memoryBytes === undefined ? [totalmem(), "this machine has"] : [memoryBytes, "a run may use"];
  if (needed <= there) return;
  throw new Error(`memory that cannot fit: about ${inGibibytes(needed)} (${whose} ${inGibibytes(there)})`);
}

async function train(
  { scenario, scenarioHash, seed, runHash }: RunTask,
  directory: string,
  { signal, memoryBytes, onProgress }: HardwareRun,
): Promise<RunOutcome> {
  if (!isSwarm(scenario)) throw new Error(`no hardware for a scenario of the economy: ${scenario.engine}`);
  refuseWhatCannotFit(scenario, memoryBytes);
  checkData(scenario);
  const { hardware, population, training } = scenario;
  const settings = stageSettings(scenario, seed);
  const { updates, parallelism, faultTolerance, evaluation } = training;
  const { tracker, tell } = progressOf(updates, onProgress);
  const outcome = await runHardware({
    ...{ runId: runIdOf(runHash), scenarioHash, directory, hardware, population, signal },
    protocol: {
      ...{ updates, parallelism, faultTolerance, ...(evaluation && { evaluation }) },
      gradientsAreLossless: gradientsAreLossless(scenario, compressorsOf(settings)),
    },
    compute: { module: entry("stage-compute"), settings: settings as unknown as Plain },
    entries: { nodeProcess: entry("hardware-process"), computeThread: entry("hardware-thread") },
    onRecord: (record) => tracker.add(record),
    onNotice: tell,
    onJoinable: ({ address, token }) => tell(`workers can join: shardlab worker --join ${address} --token ${token}`),
  });
  if (!isComplete(outcome, scenario)) {
    // What is decided is decided: going on from there would end alike.
    rmSync(directory, { recursive: true, force: true });
    throw givenUp(outcome, scenario, tracker.lastTrouble);
  }
  return outcomeOf(outcome, scenario, seed);
}

/** Follows a run, and passes on what its supervisor has to say. */
function progressOf(updates: number, onProgress: RunHooks["onProgress"]) {
  let latest: RunProgress = {
    ...{ update: 0, updates, seconds: 0, tokensPerSecond: 0, loss: null, heldOutLoss: null, sentBytes: 0 },
    secondsLeft: Number.POSITIVE_INFINITY,
  };
  const tellOf = (progress: RunProgress): void => {
    const { happened: _, ...state } = progress;
    latest = state;
    onProgress?.(progress);
  };
  const tracker = new ProgressTracker({ updates, tell: tellOf, intervalSeconds: 0 });
  return { tracker, tell: (happened: string) => onProgress?.({ ...latest, happened }) };
}
