/** What happened in a run of the protocol, as its roles and hosts tell it: the one source of tables, progress and checkers. */
import type { ComputeTaskKind, DataSplit } from "./compute.ts";
import type { NodeId } from "./node.ts";

export type TrainingRecord =
  /** An update is decided: all stages have its gradient, and will apply it. Told by the coordinator, once for each that stays. */
  | {
      readonly kind: "update";
      readonly update: number;
      /** Mean training loss over the update's microbatches, nats per token. */
      readonly loss: number;
      readonly gradientNorm: number;
      readonly tokens: number;
      readonly attempt: number;
    }
  | { readonly kind: "evaluation"; readonly version: number; readonly loss: number; readonly tokens: number }
  /** Work that a worker did for an update that was decided, or that was in vain. Told by the coordinator. */
  | {
      readonly kind: "contribution";
      readonly node: NodeId;
      readonly publicKey: string;
      readonly stage: number;
      readonly update: number;
      readonly attempt: number;
      readonly microbatches: number;
      readonly flop: number;
      readonly isCommitted: boolean;
    }
  /** The replicas of each stage agreed (or not) on their weights after an update. */
  | {
      readonly kind: "weights";
      readonly update: number;
      /** In which the update was decided: who hears of it late may tell this after it was undone. */
      readonly attempt?: number;
      readonly stage: number;
      readonly node: NodeId;
      readonly digest: string;
    }
  | {
      readonly kind: "membership";
      readonly node: NodeId;
      readonly change: "joined" | "left" | "lost" | "assigned" | "idle" | "excluded";
      readonly stage?: number;
      readonly reason?: string;
    }
  /** An attempt was given up and begins anew; updates after `version` are undone where it is below what was decided. */
  | { readonly kind: "restart"; readonly version: number; readonly attempt: number; readonly reason: string }
  | { readonly kind: "checkpoint"; readonly version: number; readonly bytes: number }
  /** A signature or a digest at a stage boundary was wrong. */
  | { readonly kind: "blame"; readonly node: NodeId; readonly by: NodeId; readonly reason: string }
  /** A task on a node's device, from beginning to end. Told by hosts. */
  | {
      readonly kind: "task";
      readonly node: NodeId;
      readonly task: ComputeTaskKind;
      readonly stage: number;
      readonly update: number;
      readonly microbatch: number;
      readonly split?: DataSplit;
      readonly startSeconds: number;
      readonly endSeconds: number;
      readonly flop: number;
    }
  /** Bytes that went over a node's link so far. Told by hosts, at the end and as often as they like. */
  | {
      readonly kind: "traffic";
      readonly node: NodeId;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      /** Of these, encoded tensors alone. */
      readonly sentTensorBytes: number;
    }
  /** What a node's link was asked for, and what it gave. Told by hosts. */
  | {
      readonly kind: "link";
      readonly node: NodeId;
      readonly askedUplinkBytesPerSecond: number;
      readonly measuredUplinkBytesPerSecond: number;
      readonly askedLatencySeconds: number;
      readonly measuredRoundTripSeconds: number;
    };

/** A record with the time and the node that told it. */
export interface TimedRecord {
  readonly seconds: number;
  readonly by: NodeId;
  readonly record: TrainingRecord;
}
