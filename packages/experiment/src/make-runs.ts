/** Makes runs where they belong: simulated ones on worker threads, those of real hardware one at a time from here. */
import type { Claims } from "@shardlab/results/claim";
import { isSwarm } from "@shardlab/scenario";
import type { ExecuteOptions } from "./execute-options.ts";
import type { Tally } from "./execute-tally.ts";
import { loadSimulate } from "./load-simulate.ts";
import { performRun, type RunContext, type RunEnd } from "./perform-run.ts";
import type { Plan } from "./plan.ts";
import type { RunProgress } from "./run-progress.ts";
import { RunQueue } from "./run-queue.ts";
import type { RunTask } from "./run-task.ts";
import { runOnWorkers } from "./worker-pool.ts";

/** A signal of our own, because fatal faults stop everything, too. */
export interface Halt {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  readonly forget: () => void;
}

interface Making {
  readonly plan: Plan;
  readonly options: ExecuteOptions;
  readonly tally: Tally;
  readonly claims: Claims;
  readonly halt: Halt;
}

/** Who is told of runs, and what they are made with. */
interface Made {
  readonly context: RunContext;
  readonly queue: RunQueue;
  readonly signal: AbortSignal;
  readonly onStart: (task: RunTask, worker: number) => void;
  readonly onEnd: (task: RunTask, end: RunEnd, worker: number) => void;
  readonly onProgress: (task: RunTask, progress: RunProgress) => void;
}

const isOnHardware = ({ scenario }: RunTask): boolean => isSwarm(scenario) && scenario.engine === "hardware";

/**
 * Makes runs. Simulated ones come first: what they predict is then stored before anything was measured, and nothing else works
 * on this machine while hardware is measured.
 */
export async function makeRuns(tasks: readonly RunTask[], making: Making): Promise<void> {
  const simulated = tasks.filter((task) => !isOnHardware(task));
  const onHardware = tasks.filter(isOnHardware);
  if (simulated.length > 0) await makeSimulated(simulated, making);
  if (onHardware.length > 0 && !making.halt.signal.aborted) await makeOnHardware(onHardware, making);
}

function madeOf(tasks: readonly RunTask[], { plan, options, tally, claims, halt }: Making): Made {
  const { directory, provenance, failFast, onWait, onRunProgress } = options;
  const { experiment, modelHash, plugins } = plan;
  const { signal } = halt;
  const onFound = (task: RunTask): void => tally.found(task);
  const queue = new RunQueue(tasks, { directory, claims, signal, onFound, onWait: onWait ?? (() => undefined) });
  return {
    ...{ context: { experiment, directory, modelHash, plugins, ...provenance }, queue, signal },
    onStart: (task, worker) => tally.started(task, worker),
    onEnd: (task, end, worker) => {
      queue.ended(task);
      tally.ended(task, end, worker);
      if (!end.ok && failFast) tally.stopped("failure");
      if (tally.fatal !== undefined || (!end.ok && failFast)) halt.stop();
    },
    onProgress: (task, progress) => onRunProgress?.(task, progress),
  };
}

async function makeSimulated(tasks: readonly RunTask[], making: Making): Promise<void> {
  const made = madeOf(tasks, making);
  const { jobs, simulator, limits, backend, workerUrl } = making.options;
  if (backend === "in-process") return runInProcess(made, simulator);
  await runOnWorkers({
    ...made,
    jobs: Math.min(jobs, tasks.length),
    workerUrl: workerUrl ?? new URL("./worker.js", import.meta.url),
    ...(simulator !== undefined && { simulator }),
    ...(limits !== undefined && { limits }),
  });
}

async function runInProcess(
  { context, queue, onStart, onEnd, onProgress }: Made,
  simulator: string | undefined,
): Promise<void> {
  const simulate = await loadSimulate(context.plugins, simulator);
  for (let [task] = await queue.next(1); task !== undefined; [task] = await queue.next(1)) {
    const current = task;
    onStart(current, 0);
    const hooks = { onProgress: (progress: RunProgress) => onProgress(current, progress) };
    onEnd(current, await performRun(current, context, simulate, hooks), 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** One after the other, because two runs would measure each other. An interrupted one is left where it can be resumed. */
async function makeOnHardware(tasks: readonly RunTask[], making: Making): Promise<void> {
  const { context, queue, signal, onStart, onEnd, onProgress } = madeOf(tasks, making);
  const { performHardwareRun } = await import("./hardware-run.ts");
  const { limits } = making.options;
  for (let [task] = await queue.next(1); task !== undefined; [task] = await queue.next(1)) {
    const current = task;
    onStart(current, 0);
    const end = await performHardwareRun(current, context, {
      ...{ signal, ...limits },
      onProgress: (progress) => onProgress(current, progress),
    });
    if (end === "interrupted") return queue.putBack([current]);
    onEnd(current, end, 0);
  }
}
