/** Observers of a run: they see what is recorded and delivered, and say at the end what the protocol did not keep. */
import type { Message, NodeId, TimedRecord } from "@shardlab/contracts";

export interface Delivery {
  readonly seconds: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

export interface Checker {
  readonly name: string;
  record?(timed: TimedRecord): void;
  delivered?(delivery: Delivery): void;
  /** What went wrong, in words; empty where nothing did. */
  faults(): readonly string[];
}

export interface CheckedRun {
  readonly updates: number;
  readonly stages: number;
  /** Of one update, over all replicas. */
  readonly microbatches: number;
}
