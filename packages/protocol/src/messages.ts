/** What coordinator and workers say to one another. Messages are plain values, at most one tensor each. */
import type { DataSplit, Message, NodeId, TensorRef } from "@shardlab/contracts";
import type { CollectiveSpec } from "@shardlab/network";
import type { GradientExchange, WorkerDuty } from "./settings.ts";
import type { Direction } from "./signing.ts";

/** What stays the same for a whole run. */
export interface RunRules {
  readonly run: string;
  readonly stages: number;
  /** Of one update, over all replicas. */
  readonly microbatches: number;
  readonly schedule: "gpipe" | "one-forward-one-backward" | "asynchronous";
  /** Microbatches that a stage has under way for every stage further down, beside the one that it works on. */
  readonly ahead: number;
  readonly reduction: CollectiveSpec;
  readonly gradientExchange: GradientExchange;
  /** Updates between digests of the weights. */
  readonly digestEvery: number;
}

/**
 * A shard in memory. `attempt`: in which it came to its version, because updates may be undone and made again. `readySpan`
 * and `readyAttempt`: the attempt whose decision it waits for, or -1.
 */
export interface HeldShard {
  readonly stage: number;
  readonly version: number;
  readonly attempt: number;
  readonly readySpan: number;
  readonly readyAttempt: number;
}

/** A checkpoint on a worker's disk, and the attempt in which it was written: updates may be undone and made again. */
export interface CheckpointHeld {
  readonly stage: number;
  readonly version: number;
  readonly attempt: number;
  readonly bytes: number;
}

/** `sequence` counts what a worker says of itself, so that older news never replaces newer. */
export interface JoinMessage extends Message {
  readonly kind: "join";
  readonly sequence: number;
  readonly duty: WorkerDuty;
  readonly publicKey: string;
  readonly held: HeldShard | null;
  /** The latest that this worker wrote, in this life or an earlier one on the same disk. */
  readonly checkpoints: readonly CheckpointHeld[];
}

export interface WelcomeMessage extends Message {
  readonly kind: "welcome";
  readonly rules: RunRules;
}

/** The coordinator does not know the sender (any more): it shall join. */
export interface JoinAgainMessage extends Message {
  readonly kind: "join-again";
}

export const waitingKinds = [
  "activation",
  "activation-gradient",
  "held-out-activation",
  "reduction",
  "encoding",
  "tied",
  "snapshot",
] as const;

/** What a worker waits for: from whom, which message, its number (microbatch, or step of the reduction), how long. */
export interface Waiting {
  readonly node: NodeId;
  readonly what: (typeof waitingKinds)[number];
  readonly item: number;
  readonly update: number;
  readonly seconds: number;
}

/** A sign of life, with what a coordinator needs to see who holds up whom. */
export interface AliveMessage extends Message {
  readonly kind: "alive";
  readonly sequence: number;
  readonly held: HeldShard | null;
  readonly span: number;
  readonly attempt: number;
  /** Passes done (and sent on) in this attempt: forward ones, held-out microbatches first, and backward ones. */
  readonly forwards: number;
  readonly backwards: number;
  /** Updates of the span whose gradients were exchanged; of the next one, the steps of the schedule that were sent. */
  readonly synchronised: number;
  readonly steps: number;
  readonly waiting: Waiting | null;
  /** The last checkpoint that it wrote. */
  readonly checkpoint: CheckpointHeld | null;
  /** It wants to go, and waits to be dismissed. */
  readonly isLeaving: boolean;
}

/** An answer to `alive`, so that a worker knows that the coordinator lives. */
export interface PulseMessage extends Message {
  readonly kind: "pulse";
}

/** That an attempt at a span became the one that counts. */
export interface Decision {
  /** Version before the span. */
  readonly span: number;
  readonly attempt: number;
  readonly updates: number;
  /** Of the whole model's gradient; meaningless where updates were applied within the span. */
  readonly squaredNorm: number;
}

/** A worker's place in the grid and its share of the work. It holds for one plan after another until a new one is given. */
export interface WorkerLayout {
  readonly id: number;
  readonly stage: number;
  /** Replicas of the stage in rank order, this worker among them; empty for one that hands its shard over only. */
  readonly group: readonly NodeId[];
  /** This worker's microbatches of each update, ascending, and who has the stage before and after for each of them. */
  readonly microbatches: readonly number[];
  readonly previous: readonly NodeId[];
  readonly next: readonly NodeId[];
  /** The same for held-out microbatches. */
  readonly evaluationMicrobatches: readonly number[];
  readonly evaluationPrevious: readonly NodeId[];
  readonly evaluationNext: readonly NodeId[];
  /** Who shares a matrix with this worker's stage: whom it sends its gradient to, and whose it takes (-1 for nobody). */
  readonly tiedTo: readonly NodeId[];
  readonly tiedFrom: NodeId;
  /** Public keys of those above, in pairs; empty where nothing is signed. */
  readonly keys: readonly { readonly node: NodeId; readonly publicKey: string }[];
  /** Who may be shown evidence; they hold no stage. */
  readonly verifiers: readonly NodeId[];
}

/** Where a worker that lacks the shard gets it. */
export type PlanSource =
  | { readonly from: "held" }
  | { readonly from: "initial" }
  | { readonly from: "checkpoint" }
  | { readonly from: "peer"; readonly node: NodeId };

/** Do this span; `decision` (of the span before) is to be committed first by those who are ready for it. */
export interface PlanMessage extends Message {
  readonly kind: "plan";
  /** Version to begin with: updates `span` up to and excluding `span + updates` follow. */
  readonly span: number;
  readonly updates: number;
  readonly attempt: number;
  readonly decision: Decision | null;
  readonly layoutId: number;
  /** Left out where the worker has it already. */
  readonly layout?: WorkerLayout;
  readonly source: PlanSource;
  /** Who needs a snapshot first of the shard of stage `serveStage` (-1 where nobody does). */
  readonly serve: readonly NodeId[];
  readonly serveStage: number;
  /** Write a checkpoint of version `span` first. */
  readonly checkpoint: boolean;
  /** Pass held-out microbatches through version `span` first. */
  readonly evaluation: boolean;
}

/** A boundary tensor. `signature` is empty where nothing is signed, else over `commitmentText` with `digest`. */
export type BoundaryMessage = BoundaryFields<"activation"> | BoundaryFields<"activation-gradient">;
interface BoundaryFields<Kind extends string> extends Message {
  readonly kind: Kind;
  readonly span: number;
  readonly attempt: number;
  readonly update: number;
  readonly microbatch: number;
  readonly split: DataSplit;
  readonly tensor: TensorRef;
  readonly digest: string;
  readonly signature: string;
}

/** The receiver's countersignature under a boundary tensor that it sent on or back. */
export interface ReceiptMessage extends Message {
  readonly kind: "receipt";
  readonly span: number;
  readonly attempt: number;
  readonly update: number;
  readonly microbatch: number;
  readonly split: DataSplit;
  readonly direction: Direction;
  readonly digest: string;
  readonly signature: string;
}

/** A slice of the gradient: step `step` of the group's schedule. */
export interface ReductionMessage extends Message {
  readonly kind: "reduction";
  readonly span: number;
  readonly attempt: number;
  readonly update: number;
  readonly step: number;
  readonly tensor: TensorRef;
}

/** A whole encoded gradient, or that of the shared matrix. */
export type GradientMessage = GradientFields<"encoding"> | GradientFields<"tied">;
interface GradientFields<Kind extends string> extends Message {
  readonly kind: Kind;
  readonly span: number;
  readonly attempt: number;
  readonly update: number;
  readonly tensor: TensorRef;
}

/** A shard with its optimiser state. */
export interface SnapshotMessage extends Message {
  readonly kind: "snapshot";
  readonly span: number;
  readonly attempt: number;
  readonly stage: number;
  readonly tensor: TensorRef;
}

/** What a worker did for one update of a span. */
export interface UpdateReport {
  /** Mean loss of each of its microbatches, in their order; empty but at the last stage. */
  readonly losses: readonly number[];
  readonly tokens: number;
  readonly squaredNorm: number;
  readonly flop: number;
}

/** The span is done but for the decision. */
export interface ReadyMessage extends Message {
  readonly kind: "ready";
  readonly sequence: number;
  readonly span: number;
  readonly attempt: number;
  readonly reports: readonly UpdateReport[];
  readonly evaluationLosses: readonly number[];
  readonly evaluationTokens: number;
  /** Device seconds and FLOP of the passes, for measuring speed. */
  readonly passSeconds: number;
  readonly passFlop: number;
}

/** Work of an attempt that was given up. */
export interface AbandonedMessage extends Message {
  readonly kind: "abandoned";
  readonly span: number;
  readonly attempt: number;
  readonly stage: number;
  readonly microbatches: number;
  readonly flop: number;
}

export interface CheckpointedMessage extends Message, CheckpointHeld {
  readonly kind: "checkpointed";
}

/** A task failed, or the plan asks for a shard that the worker lacks. */
export interface FailedMessage extends Message {
  readonly kind: "failed";
  readonly sequence: number;
  readonly span: number;
  readonly attempt: number;
  readonly task: string;
  readonly reason: string;
  readonly held: HeldShard | null;
}

/** A boundary tensor was not what it was signed to be; the evidence is in the text. */
export interface BlameMessage extends Message {
  readonly kind: "blame";
  readonly span: number;
  readonly attempt: number;
  readonly node: NodeId;
  readonly reason: string;
}

/** A worker that wants to go may do so now: it answers with `left`. */
export interface DismissMessage extends Message {
  readonly kind: "dismiss";
}
/** The run is over: workers answer with `left`. */
export interface EndMessage extends Message {
  readonly kind: "end";
  readonly reason: string;
}
export interface LeftMessage extends Message {
  readonly kind: "left";
}

export type ToCoordinator =
  | JoinMessage
  | AliveMessage
  | ReadyMessage
  | AbandonedMessage
  | CheckpointedMessage
  | FailedMessage
  | BlameMessage
  | LeftMessage;
export type FromCoordinator =
  | WelcomeMessage
  | JoinAgainMessage
  | PulseMessage
  | PlanMessage
  | DismissMessage
  | EndMessage;
export type BetweenWorkers = BoundaryMessage | ReceiptMessage | ReductionMessage | GradientMessage | SnapshotMessage;
export type ProtocolMessage = ToCoordinator | FromCoordinator | BetweenWorkers;
export type ProtocolMessageKind = ProtocolMessage["kind"];
