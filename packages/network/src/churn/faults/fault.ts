/** What befalls nodes besides coming and going: the interface that every fault meets. */
import type { EventLoop } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";

/** What a fault reports, as it happens in virtual time. */
export interface FaultReport {
  /** From now on only nodes of the same group reach one another; the groups are the fault's `groupOf`. */
  split(): void;
  /** All reach one another again, as far as this fault is concerned. */
  heal(): void;
  /** From now on this fault makes the node slower by `factor`; 1 when it has recovered. */
  setFactor(node: number, factor: number): void;
}

export interface FaultContext {
  readonly loop: EventLoop;
  readonly report: FaultReport;
  /** A stream of this fault's own, at its first draw. */
  random(purpose: string, node?: number): RandomStream;
}

export interface Fault {
  /** Schedules what does not depend on nodes. To be called once, before any node is known. */
  start(): void;
  /** The node has arrived for the first time. */
  meet(node: number): void;
  /** The node will never come back. */
  forget(node: number): void;
  /** The group of the node, from 0; 0 for all while the network is whole. */
  groupOf(node: number): number;
}

/** A network can be split into at most this many groups by one fault. */
export const mostGroups = 64;
