/** What an execution is told, what it tells while it goes on, and how it went. */
import type { ClaimsOptions } from "@shardlab/results/claim";
import type { RunLimits } from "./pool-worker.ts";
import type { Provenance } from "./provenance.ts";
import type { RunProgress } from "./run-progress.ts";
import type { ForeignRun } from "./run-queue.ts";
import type { RunTask } from "./run-task.ts";

export interface Progress {
  /** Runs that are there, whether made now, found, or failed. */
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly secondsLeft: number;
}

/** What became of a run, in the order in which they end; `reason` says why a run was made or not, or what it died of. */
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
  /**
   * `worker-threads` unless given. In process, a run that ends the process ends the experiment, limits do not hold, and
   * claims are refreshed between runs alone.
   */
  readonly backend?: "in-process" | "worker-threads";
  readonly provenance: Provenance;
  /** A clock in seconds, for progress and the log. */
  readonly now: () => number;
  /** Where given, what happens is appended to the log of the experiment, see `LogEvent`. */
  readonly log?: { readonly command: readonly string[]; readonly timestamp: () => string };
  /** The command that makes one run again, for messages. */
  readonly replayCommand?: (task: RunTask) => string;
  /** Why a run has to be made, for the log and `onTask`. */
  readonly reasonOf?: (task: RunTask) => string;
  /** Seconds that a run is expected to take; by formula unless given. */
  readonly secondsOf?: (task: RunTask) => number;
  readonly onProgress?: (progress: Progress) => void;
  readonly onTask?: (report: TaskReport) => void;
  /** How far a run is that takes long enough to be watched. */
  readonly onRunProgress?: (task: RunTask, progress: RunProgress) => void;
  /** Only runs that other processes are making are left. */
  readonly onWait?: (foreign: readonly ForeignRun[]) => void;
  /**
   * Aborting lets started runs finish and leaves the others; a run on hardware stops where it can be resumed.
   */
  readonly signal?: AbortSignal;
  /** Starts no further run once one has failed. */
  readonly failFast?: boolean;
  /** What one run may use on a worker thread; a run that needs more fails. */
  readonly limits?: RunLimits;
  /** How claims are kept, for tests. */
  readonly claims?: Omit<ClaimsOptions, "since">;
  /** URL of a module that exports `simulate`, in place of the economy's. */
  readonly simulator?: string;
  /** The worker's file; beside this one unless given. */
  readonly workerUrl?: URL;
}

export interface FailedRun {
  readonly task: RunTask;
  readonly reason: string;
  /** Whether what was asked for cannot be had, and another try changes nothing. */
  readonly isOfInput: boolean;
  /** `REASON (arm ARM, seed SEED; again: COMMAND)`. */
  readonly message: string;
}

/** How an experiment went: `made + cached + failed.length` is `total` unless it was interrupted or stopped by a failure. */
export interface Execution {
  readonly total: number;
  readonly made: number;
  readonly cached: number;
  readonly failed: readonly FailedRun[];
  readonly isInterrupted: boolean;
  readonly isStoppedByFailure: boolean;
}
