/** Progress: between two decided updates, faults being over, no more than a given time passes. */
import type { TimedRecord } from "@shardlab/contracts";
import type { Checker } from "./checker.ts";

export interface ProgressBound {
  /** When the last fault was over, in seconds of the run. */
  readonly faultsEndSeconds: number;
  readonly boundSeconds: number;
}

export class Progress implements Checker {
  readonly name = "progress";
  private readonly bound: ProgressBound;
  private lastSeconds: number;
  private longestSeconds = 0;

  constructor(bound: ProgressBound) {
    this.bound = bound;
    this.lastSeconds = bound.faultsEndSeconds;
  }

  record({ seconds, record }: TimedRecord): void {
    if (record.kind !== "update" || seconds <= this.bound.faultsEndSeconds) return;
    this.longestSeconds = Math.max(this.longestSeconds, seconds - this.lastSeconds);
    this.lastSeconds = seconds;
  }

  faults(): readonly string[] {
    const { boundSeconds } = this.bound;
    return this.longestSeconds <= boundSeconds
      ? []
      : [`${this.longestSeconds} s without an update (at most ${boundSeconds})`];
  }
}
