/** Makes the runs of a plan, in process or on worker threads, and keeps those that are already there. */
import { storedRuns } from "@shardlab/results";
import { type Claims, openClaims } from "@shardlab/results/claim";
import type { ExecuteOptions, Execution } from "./execute-options.ts";
import { Tally } from "./execute-tally.ts";
import { loadSimulate } from "./load-simulate.ts";
import { performRun, type RunContext } from "./perform-run.ts";
import type { Plan } from "./plan.ts";
import { keepPlugins } from "./plugin-store.ts";
import { RunQueue } from "./run-queue.ts";
import type { RunTask } from "./run-task.ts";
import { runOnWorkers } from "./worker-pool.ts";

/**
 * Makes every run of `plan` that has no folder yet. A run that fails fails alone; the others go on. Each run is claimed
 * before it starts, so that several processes, also on several machines, can work on one experiment: runs that others have
 * claimed are left for last, then waited for, and count as cached once they are there.
 *
 * @throws ResultsError when results cannot be written (a full disk), or a run of another hash lies under the same id.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions): Promise<Execution> {
  const { directory, log } = options;
  const stored = storedRuns(directory);
  const missing = plan.tasks.filter(({ runHash }) => !stored.has(runHash));
  const tally = new Tally(plan, missing, options);
  const claims = openClaims(directory, { since: log?.timestamp() ?? "", ...options.claims });
  const halt = haltOn(options.signal, () => tally.stopped("interrupt"));
  try {
    keepPlugins(plan.plugins, directory);
    if (missing.length > 0 && !halt.signal.aborted) await makeRuns(missing, { plan, options, tally, claims, halt });
  } finally {
    halt.forget();
    claims.close();
  }
  const execution = tally.finish();
  if (tally.fatal !== undefined) throw tally.fatal;
  return execution;
}

/** A signal of our own, because fatal faults stop everything, too. */
interface Halt {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  readonly forget: () => void;
}

function haltOn(asked: AbortSignal | undefined, onAsked: () => void): Halt {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const obey = (): void => {
    onAsked();
    stop();
  };
  if (asked?.aborted) obey();
  asked?.addEventListener("abort", obey);
  return { signal: controller.signal, stop, forget: () => asked?.removeEventListener("abort", obey) };
}

interface Making {
  readonly plan: Plan;
  readonly options: ExecuteOptions;
  readonly tally: Tally;
  readonly claims: Claims;
  readonly halt: Halt;
}

async function makeRuns(tasks: readonly RunTask[], { plan, options, tally, claims, halt }: Making): Promise<void> {
  const { directory, provenance, jobs, simulator, limits, failFast, onWait } = options;
  const { experiment, modelHash, plugins } = plan;
  const context: RunContext = { experiment, directory, modelHash, plugins, ...provenance };
  const { signal } = halt;
  const onFound = (task: RunTask): void => tally.found(task);
  const queue = new RunQueue(tasks, { directory, claims, signal, onFound, onWait: onWait ?? (() => undefined) });
  const onStart = (task: RunTask, worker: number): void => tally.started(task, worker);
  const onEnd: Parameters<typeof runOnWorkers>[0]["onEnd"] = (task, end, worker) => {
    queue.ended(task);
    tally.ended(task, end, worker);
    if (!end.ok && failFast) tally.stopped("failure");
    if (tally.fatal !== undefined || (!end.ok && failFast)) halt.stop();
  };
  if (options.backend === "in-process") return runInProcess({ context, simulator, queue, onStart, onEnd });
  await runOnWorkers({
    ...{ context, jobs: Math.min(jobs, tasks.length), queue, signal, onStart, onEnd },
    workerUrl: options.workerUrl ?? new URL("./worker.js", import.meta.url),
    ...(simulator !== undefined && { simulator }),
    ...(limits !== undefined && { limits }),
  });
}

interface InProcess extends Pick<Parameters<typeof runOnWorkers>[0], "context" | "queue" | "onStart" | "onEnd"> {
  readonly simulator: string | undefined;
}

async function runInProcess({ context, simulator, queue, onStart, onEnd }: InProcess): Promise<void> {
  const simulate = await loadSimulate(context.plugins, simulator);
  for (let [task] = await queue.next(1); task !== undefined; [task] = await queue.next(1)) {
    onStart(task, 0);
    onEnd(task, performRun(task, context, simulate), 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
