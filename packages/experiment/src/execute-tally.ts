/** Counts how the runs of a plan end, tells those who listen, and writes the log. */
import { hostname } from "node:os";
import { ResultsError, runIdOf } from "@shardlab/results";
import { writeError } from "@shardlab/results/results-error";
import { createRemainingTime, type RemainingTime } from "./estimate.ts";
import { type EventLog, type LogEvent, openEventLog, type RunPlace } from "./event-log.ts";
import type { ExecuteOptions, Execution, FailedRun } from "./execute-options.ts";
import type { RunEnd } from "./perform-run.ts";
import type { Plan } from "./plan.ts";
import type { RunTask } from "./run-task.ts";

const cachedReason = "already in the results";
const foreignReason = "made by another process";
const missingReason = "not in the results";

const placeOf = ({ runHash, design, arm, coordinates, seed }: RunTask, worker: number): RunPlace => ({
  ...{ run: runIdOf(runHash), design, arm, coordinates, seed, worker },
});

export class Tally {
  /** Set when no run can be written. */
  fatal: Error | undefined;
  private readonly options: ExecuteOptions;
  private readonly total: number;
  private readonly remaining: RemainingTime;
  private readonly start: number;
  private readonly log: EventLog | undefined;
  private readonly failed: FailedRun[] = [];
  private made = 0;
  private cached: number;
  private madeElsewhere = 0;
  private stoppedBy: "interrupt" | "failure" | undefined;

  constructor(plan: Plan, missing: readonly RunTask[], options: ExecuteOptions) {
    const { directory, jobs, log, secondsOf, now } = options;
    this.options = options;
    this.total = plan.tasks.length;
    this.cached = plan.tasks.length - missing.length;
    this.remaining = createRemainingTime(missing, jobs, secondsOf);
    this.start = now();
    // An experiment that is complete is left as it is, and may lie where nobody can write.
    if (log && missing.length > 0) this.log = openEventLog(directory, log.timestamp);
    this.open(plan, new Set(missing));
  }

  private open({ experiment, tasks, modelHash, scenarioHash }: Plan, missing: ReadonlySet<RunTask>): void {
    const { log, provenance, jobs } = this.options;
    const { commit, dirty, node } = provenance;
    this.write({
      ...{ event: "experiment-start", experiment, command: log?.command ?? [], node, commit, dirty },
      ...{ modelHash, scenarioHash, total: tasks.length, jobs, host: hostname() },
    });
    if (this.cached > 0) this.write({ event: "runs-cached", count: this.cached, reason: cachedReason });
    for (const task of tasks) {
      if (!missing.has(task)) this.options.onTask?.({ task, state: "cached", reason: cachedReason });
    }
    this.report();
  }

  started(task: RunTask, worker: number): void {
    this.write({ event: "run-start", ...placeOf(task, worker), reason: this.reasonOf(task) });
  }

  ended(task: RunTask, end: RunEnd, worker: number): void {
    this.remaining.ended(task, end.ok ? end.seconds : undefined);
    const place = placeOf(task, worker);
    if (end.ok) {
      this.made += 1;
      this.write({ event: "run-end", ...place, seconds: end.seconds });
      this.options.onTask?.({ task, state: "made", reason: this.reasonOf(task) });
    } else if (end.isFatal) {
      this.fatal ??= new ResultsError(end.message);
    } else {
      const message = this.messageOf(task, end.message);
      this.failed.push({ task, reason: end.message, message, isOfInput: end.isOfInput === true });
      this.write({ event: "run-failed", ...place, seconds: end.seconds, reason: end.message });
      this.options.onTask?.({ task, state: "failed", reason: message });
    }
    this.report();
  }

  /** A run that another process has finished meanwhile. */
  found(task: RunTask): void {
    this.remaining.ended(task, undefined);
    this.cached += 1;
    this.madeElsewhere += 1;
    this.options.onTask?.({ task, state: "cached", reason: foreignReason });
    this.report();
  }

  stopped(by: "interrupt" | "failure"): void {
    if (this.stoppedBy !== undefined) return;
    this.stoppedBy = by;
    this.write({ event: "interrupt", reason: by === "interrupt" ? "asked to stop" : "first failure" });
  }

  /** Writes the end into the log, and says how it went. */
  finish(): Execution {
    const { total, made, cached, failed, stoppedBy, madeElsewhere } = this;
    const isComplete = made + cached + failed.length === total;
    if (madeElsewhere > 0) this.write({ event: "runs-cached", count: madeElsewhere, reason: foreignReason });
    const seconds = this.options.now() - this.start;
    this.write({ event: "experiment-end", made, cached, failed: failed.length, seconds, isComplete });
    this.log?.close();
    const isStoppedByFailure = !isComplete && stoppedBy === "failure";
    return { total, made, cached, failed, isInterrupted: !isComplete && !isStoppedByFailure, isStoppedByFailure };
  }

  private reasonOf(task: RunTask): string {
    return this.options.reasonOf?.(task) ?? missingReason;
  }

  private messageOf(task: RunTask, message: string): string {
    const again = this.options.replayCommand?.(task);
    return `${message} (arm ${task.arm}, seed ${task.seed}${again === undefined ? "" : `; again: ${again}`})`;
  }

  /** Where the log cannot be written, runs could not be, either. */
  private write(event: LogEvent): void {
    try {
      this.log?.append(event);
    } catch (error) {
      const written = writeError(error, this.options.directory);
      this.fatal ??= written instanceof Error ? written : new Error(String(written));
    }
  }

  private report(): void {
    const { total, made, cached, failed } = this;
    const secondsLeft = this.remaining.secondsLeft(this.options.now() - this.start);
    this.options.onProgress?.({ done: made + cached + failed.length, total, failed: failed.length, secondsLeft });
  }
}
