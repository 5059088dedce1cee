/** How long to wait for workers before an attempt begins with those who are there. */
import type { NodeId, RoleHost } from "@shardlab/contracts";
import type { FaultToleranceSpec } from "../spec.ts";

export interface Presence {
  readonly eligible: number;
  readonly seats: number;
  /** Workers of the last grid of an earlier life of the coordinator. */
  readonly expected: readonly NodeId[];
  readonly isThere: (node: NodeId) => boolean;
}

export class Gathering {
  private readonly faultTolerance: FaultToleranceSpec;
  private readonly host: RoleHost;
  private beganSeconds = 0;
  /** When somebody last joined, or the waiting began. */
  private arrivalSeconds = 0;
  private isOver = false;

  constructor(faultTolerance: FaultToleranceSpec, host: RoleHost) {
    this.faultTolerance = faultTolerance;
    this.host = host;
  }

  /** The coordinator started, or an attempt was given up. */
  begin(): void {
    this.beganSeconds = this.host.nowSeconds;
    this.arrivalSeconds = this.beganSeconds;
  }

  arrived(): void {
    this.arrivalSeconds = this.host.nowSeconds;
  }

  /** An attempt began: in this life of the coordinator, the next one needs no more waiting. */
  end(): void {
    this.isOver = true;
  }

  /**
   * Whether everyone is there who may be expected, or waiting for them has taken long enough. After a restart those of the
   * last grid are waited for even where others could fill it: they hold what was decided.
   */
  isDone({ eligible, seats, expected, isThere }: Presence): boolean {
    if (this.isOver) return true;
    const { gather, timeout } = this.faultTolerance;
    const waited = this.host.nowSeconds - this.beganSeconds;
    if (expected.length === 0) return waited >= gather || eligible >= seats;
    return this.isQuiet() || waited > Math.max(gather, 2 * timeout) || expected.every(isThere);
  }

  /** Whether somebody who is away may still bring back a checkpoint that would be lost otherwise. */
  isWorthWaiting(): boolean {
    return !this.isQuiet() || this.host.nowSeconds - this.beganSeconds < this.faultTolerance.gather;
  }

  private isQuiet(): boolean {
    return this.host.nowSeconds - this.arrivalSeconds > 2 * this.faultTolerance.timeout;
  }
}
