/** Makes the runs of a plan, in process or on worker threads, and keeps those that are already there. */
import { findRun, ResultsError } from "@shardlab/results";
import { createRemainingTime, type RemainingTime } from "./estimate.ts";
import { performRun, type RunContext, type RunEnd } from "./perform-run.ts";
import type { Plan } from "./plan.ts";
import type { RunTask } from "./run-task.ts";
import type { Simulate } from "./simulate.ts";
import { runOnWorkers } from "./worker-pool.ts";

export interface Progress {
  /** Runs that are there, whether made now, found, or failed. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly secondsLeft: number;
}

/** What became of a run, in the order in which they end; `reason` says why a run was not made or what it died of. */
export interface TaskReport {
  readonly task: RunTask;
  readonly state: "made" | "cached" | "failed";
  readonly reason: string;
}

export interface ExecuteOptions {
  /** The experiment's folder. */
  readonly directory: string;
  /** Runs at the same time. 1 with `backend: "in-process"` makes them in this thread. */
  readonly jobs: number;
  /** `worker-threads` unless given; in process a run that ends the process ends the experiment. */
  readonly backend?: "in-process" | "worker-threads";
  readonly provenance: Pick<RunContext, "commit" | "dirty" | "node">;
  /** A clock in seconds, for progress alone. */
  readonly now: () => number;
  /** The command that makes one run again, for messages. */
  readonly replayCommand?: (task: RunTask) => string;
  readonly onProgress?: (progress: Progress) => void;
  readonly onTask?: (report: TaskReport) => void;
  /** Aborting lets started runs finish and leaves the others. */
  readonly signal?: AbortSignal;
  /** Heap of one worker; a run that needs more fails. Node's own limit unless given. */
  readonly heapMegabytes?: number;
  /** URL of a module that exports `simulate`, in place of the economy's. */
  readonly simulator?: string;
  /** The worker's file; beside this one unless given. */
  readonly workerUrl?: URL;
}

export interface FailedRun {
  readonly task: RunTask;
  /** `MESSAGE (arm ARM, seed SEED; again: COMMAND)`. */
  readonly message: string;
}

/** How an experiment went: `made + cached + failed.length` is `total` unless it was interrupted. */
export interface Execution {
  readonly total: number;
  readonly made: number;
  readonly cached: number;
  readonly failed: readonly FailedRun[];
  readonly isInterrupted: boolean;
}

/**
 * Makes every run of `plan` that has no folder yet. A run that fails fails alone; the others go on.
 *
 * @throws ResultsError when results cannot be written (a full disk), or a run of another hash lies under the same id.
 */
export async function executePlan(plan: Plan, options: ExecuteOptions): Promise<Execution> {
  const { directory, signal, onTask } = options;
  const missing = plan.tasks.filter(({ runHash }) => findRun(directory, runHash) === undefined);
  const isMissing = new Set(missing);
  for (const task of plan.tasks) {
    if (!isMissing.has(task)) onTask?.({ task, state: "cached", reason: "already in the results" });
  }
  const tally = new Tally(plan, missing, options);
  const halt = new AbortController();
  const stop = (): void => halt.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const onEnd = (task: RunTask, end: RunEnd): void => {
    tally.record(task, end);
    if (tally.fatal !== undefined) stop();
  };
  try {
    await makeRuns(missing, { plan, options, signal: halt.signal, onEnd });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  if (tally.fatal !== undefined) throw new ResultsError(tally.fatal);
  return tally.execution();
}

interface Making {
  readonly plan: Plan;
  readonly options: ExecuteOptions;
  readonly signal: AbortSignal;
  readonly onEnd: (task: RunTask, end: RunEnd) => void;
}

async function makeRuns(tasks: readonly RunTask[], { plan, options, signal, onEnd }: Making): Promise<void> {
  if (tasks.length === 0) return;
  const { directory, provenance, jobs, simulator } = options;
  const context: RunContext = { experiment: plan.experiment, directory, modelHash: plan.modelHash, ...provenance };
  if (options.backend === "in-process") {
    // Loaded here and not before: with workers, the main thread needs no world.
    const module = await (simulator === undefined ? import("./simulate.ts") : import(simulator));
    for (const task of tasks) {
      if (signal.aborted) return;
      onEnd(task, performRun(task, context, (module as { simulate: Simulate }).simulate));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return;
  }
  const workerUrl = options.workerUrl ?? new URL("./worker.js", import.meta.url);
  await runOnWorkers(tasks, {
    ...{ context, jobs, workerUrl, signal, onEnd },
    ...(simulator !== undefined && { simulator }),
    ...(options.heapMegabytes !== undefined && { heapMegabytes: options.heapMegabytes }),
  });
}

/** Counts how the runs end. */
class Tally {
  /** Set when no run can be written. */
  fatal: string | undefined;
  private readonly total: number;
  private readonly cached: number;
  private readonly options: ExecuteOptions;
  private readonly remaining: RemainingTime;
  private readonly start: number;
  private readonly failed: FailedRun[] = [];
  private made = 0;

  constructor(plan: Plan, missing: readonly RunTask[], options: ExecuteOptions) {
    this.total = plan.tasks.length;
    this.cached = plan.tasks.length - missing.length;
    this.options = options;
    this.remaining = createRemainingTime(missing, options.jobs);
    this.start = options.now();
    this.report();
  }

  record(task: RunTask, end: RunEnd): void {
    this.remaining.ended(task, end.ok ? end.seconds : undefined);
    if (end.ok) {
      this.made += 1;
      this.options.onTask?.({ task, state: "made", reason: "not in the results" });
    } else if (end.isFatal) {
      this.fatal ??= end.message;
    } else {
      const message = this.messageOf(task, end.message);
      this.failed.push({ task, message });
      this.options.onTask?.({ task, state: "failed", reason: message });
    }
    this.report();
  }

  execution(): Execution {
    const { total, made, cached, failed } = this;
    return { total, made, cached, failed, isInterrupted: made + cached + failed.length < total };
  }

  private messageOf(task: RunTask, message: string): string {
    const again = this.options.replayCommand?.(task);
    return `${message} (arm ${task.arm}, seed ${task.seed}${again === undefined ? "" : `; again: ${again}`})`;
  }

  private report(): void {
    const { total, made, cached, failed } = this;
    const secondsLeft = this.remaining.secondsLeft(this.options.now() - this.start);
    this.options.onProgress?.({ done: made + cached + failed.length, total, failed: failed.length, secondsLeft });
  }
}
