/** Which runs to make next: those that no other process makes first, then those that others did not finish. */
import { findRun } from "@shardlab/results";
import type { ClaimHolder, Claims } from "@shardlab/results/claim";
import type { RunTask } from "./run-task.ts";

/** A run that another process makes; `holder` is null where its claim does not say whose it is. */
export interface ForeignRun {
  readonly task: RunTask;
  readonly holder: ClaimHolder | null;
}

export interface RunQueueOptions {
  readonly directory: string;
  readonly claims: Claims;
  readonly signal: AbortSignal;
  /** A run that was claimed by another process is in the results. */
  readonly onFound: (task: RunTask) => void;
  /** Nothing is left but runs of other processes, which are waited for. Called once for each change of what is left. */
  readonly onWait: (foreign: readonly ForeignRun[]) => void;
}

const pollMilliseconds = 250;

/** The runs that are left, each claimed before it is handed out. */
export class RunQueue {
  private readonly options: RunQueueOptions;
  private readonly ready: RunTask[];
  private foreign: ForeignRun[] = [];
  /** Runs that were handed out and have not ended. */
  private inProgress = 0;
  private said = "";
  private pause: Promise<void> | undefined;

  constructor(tasks: readonly RunTask[], options: RunQueueOptions) {
    this.ready = [...tasks];
    this.options = options;
  }

  /**
   * Claims up to `most` runs; none when all are made or the signal has aborted. Waits while others make what is left.
   *
   * @throws ResultsError when claims cannot be written.
   */
  async next(most: number): Promise<RunTask[]> {
    const { signal } = this.options;
    while (!signal.aborted) {
      const batch = this.claimUpTo(most);
      if (batch.length > 0 || this.foreign.length === 0) return batch;
      if (this.inProgress === 0) this.announceWait();
      await this.poll();
    }
    return [];
  }

  /** Takes back runs that were handed out and not made; they are still claimed, and come next. */
  putBack(tasks: readonly RunTask[]): void {
    this.inProgress -= tasks.length;
    this.ready.unshift(...tasks);
  }

  /** Says that a run is stored or has failed. */
  ended({ runHash }: RunTask): void {
    this.inProgress -= 1;
    this.options.claims.release(runHash);
  }

  private claimUpTo(most: number): RunTask[] {
    const { claims, directory, onFound } = this.options;
    const batch: RunTask[] = [];
    for (let task = this.ready.shift(); task !== undefined; task = this.ready.shift()) {
      const claim = claims.take(task.runHash);
      if (!claim.mine) {
        this.foreign.push({ task, holder: claim.holder });
      } else if (findRun(directory, task.runHash) !== undefined) {
        claims.release(task.runHash);
        onFound(task);
      } else {
        batch.push(task);
        this.inProgress += 1;
        if (batch.length === most) break;
      }
    }
    return batch;
  }

  private announceWait(): void {
    const left = this.foreign
      .map(({ task, holder }) => `${task.runHash} ${holder?.machine} ${holder?.process}`)
      .sort()
      .join();
    if (left !== this.said) this.options.onWait(this.foreign);
    this.said = left;
  }

  /** Everybody who waits shares one pause, after which the runs of others are tried again. */
  private poll(): Promise<void> {
    this.pause ??= new Promise((resolve) => {
      const { signal } = this.options;
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.ready.push(...this.foreign.map(({ task }) => task));
        this.foreign = [];
        this.pause = undefined;
        resolve();
      };
      const timer = setTimeout(end, pollMilliseconds);
      signal.addEventListener("abort", end);
    });
    return this.pause;
  }
}
