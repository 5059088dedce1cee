/**
 * The port between a role of the protocol and its host. A role is a state machine: the host calls it with what happened,
 * it answers by calling the host with what is to happen. It has no clock, no socket and no random source of its own.
 */
import type { ComputeResult, ComputeTask } from "./compute.ts";
import type { NodeId } from "./node.ts";
import type { TensorRef } from "./tensor.ts";
import type { TrainingRecord } from "./training-record.ts";

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** What nodes say to one another: plain values, and at most one tensor, whose bytes travel with it. */
export interface Message {
  readonly kind: string;
  readonly tensor?: TensorRef;
}

/** Signs and checks short texts. Where nothing is at stake a host may give one that does neither. */
export interface Signer {
  readonly publicKey: string;
  sign(text: string): string;
  verify(publicKey: string, text: string, signature: string): boolean;
}

/** What a role may ask of its host. None of these calls the role back before it returns. */
export interface RoleHost {
  /** Seconds since the run began; it never goes back. */
  readonly nowSeconds: number;
  readonly node: NodeId;
  /**
   * Sends a message, which arrives once, later, or never. A tensor in it stays the role's: the host holds it for as long as
   * it needs it itself, and the role releases it after the last `send` that names it.
   */
  send(to: NodeId, message: Message): void;
  /** Queues a task; tensors in it are released by the host when it has ended. Ends with `computed` or `computeFailed`. */
  compute(task: ComputeTask): void;
  /** Forgets tasks that have not begun. Those under way still end with a call. Answers how many were forgotten. */
  cancelCompute(): number;
  /** Calls `timer(name)` after the delay, once; a timer of the same name is replaced. */
  setTimer(name: string, delaySeconds: number): void;
  cancelTimer(name: string): void;
  release(tensor: TensorRef): void;
  /** Appends to this node's journal, durably before anything that the role sends later leaves. */
  persist(entry: Plain): void;
  /** Tells what happened, for results and progress. */
  record(record: TrainingRecord): void;
  /** The role has nothing more to do. */
  finish(reason: string): void;
}

/** What a host tells a role. The tensor of a received message is the role's: it passes it to a task or releases it. */
export interface Role {
  start(): void;
  receive(from: NodeId, message: Message): void;
  computed(task: ComputeTask, result: ComputeResult): void;
  computeFailed(task: ComputeTask, reason: string): void;
  timer(name: string): void;
  /** The link to a node was lost: a hint, which some hosts give late or never. */
  disconnected(node: NodeId): void;
}
