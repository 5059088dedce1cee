/** How long an attempt may take. */
import type { FaultToleranceSpec } from "../spec.ts";

const smoothing = 0.2;
const maximumDoublings = 6;

export interface SpanWork {
  /** Updates, with held-out microbatches as the share of an update that they are. */
  readonly updates: number;
  /** Whether somebody has to get its shard first. */
  readonly hasMoves: boolean;
}

/** Learns how long updates take, and is more patient after each attempt that ran out of time. */
export class Pace {
  private readonly faultTolerance: FaultToleranceSpec;
  private usualSeconds = Number.NaN;
  private doublings = 0;

  constructor(faultTolerance: FaultToleranceSpec) {
    this.faultTolerance = faultTolerance;
  }

  learn(seconds: number, { updates, hasMoves }: SpanWork): void {
    this.doublings = 0;
    if (hasMoves || updates <= 0) return;
    const each = seconds / updates;
    if (Number.isNaN(this.usualSeconds)) this.usualSeconds = each;
    else this.usualSeconds += smoothing * (each - this.usualSeconds);
  }

  ranOut(): void {
    this.doublings = Math.min(maximumDoublings, this.doublings + 1);
  }

  deadlineSeconds({ updates, hasMoves }: SpanWork): number {
    const { patience, firstUpdateTimeout, timeout } = this.faultTolerance;
    const usual = patience * this.usualSeconds * Math.max(1, updates) + timeout;
    const isKnown = !Number.isNaN(this.usualSeconds);
    const allowed = isKnown && !hasMoves ? usual : Math.max(firstUpdateTimeout, isKnown ? usual : 0);
    return allowed * (1 << this.doublings);
  }
}
