/** Signed commitments to boundary tensors: the sender signs, the receiver checks and countersigns. */
import type { DataSplit, NodeId, TensorRef } from "@shardlab/contracts";
import type { BoundaryMessage, ReceiptMessage, WorkerLayout } from "../messages.ts";
import { type Boundary, commitmentText, type Direction, isSigning, receiptText } from "../signing.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Where a tensor stands in the work. */
export interface BoundaryPlace {
  readonly update: number;
  readonly microbatch: number;
  readonly split: DataSplit;
  readonly direction: Direction;
}

/** A countersigned commitment: proof that `node` got what this worker said it sent. */
export interface Receipt {
  readonly node: NodeId;
  readonly text: string;
  readonly signature: string;
}

export class Commitments {
  /** Receipts of the present span. */
  readonly receipts: Receipt[] = [];
  private readonly context: WorkerContext;
  private readonly span: number;
  private readonly attempt: number;
  private readonly layout: WorkerLayout;
  private readonly isOn: boolean;
  private readonly keys: ReadonlyMap<NodeId, string>;
  /** Digests that were signed in this span, by node, place and direction. */
  private readonly sent = new Map<string, string>();

  constructor(context: WorkerContext, layout: WorkerLayout, span: number, attempt: number) {
    this.context = context;
    this.layout = layout;
    this.span = span;
    this.attempt = attempt;
    this.isOn = isSigning(context.signer);
    this.keys = new Map(layout.keys.map(({ node, publicKey }) => [node, publicKey]));
  }

  /** Signature for a tensor that goes to `to`; empty where nothing is signed. */
  sign(to: NodeId, place: BoundaryPlace, tensor: TensorRef): string {
    if (!this.isOn) return "";
    const text = commitmentText(this.boundary(place, this.layout.stage, tensor.digest));
    this.sent.set(this.keyOf(to, place), tensor.digest);
    return this.context.signer.sign(text);
  }

  /** What is wrong with a tensor that came; undefined (and a receipt is sent) where nothing is. */
  check(from: NodeId, message: BoundaryMessage): string | undefined {
    const publicKey = this.keys.get(from);
    if (!this.isOn || publicKey === undefined) return undefined;
    const direction: Direction = message.kind === "activation" ? "forward" : "backward";
    const senderStage = this.layout.stage + (direction === "forward" ? -1 : 1);
    const signed = this.boundary({ ...message, direction }, senderStage, message.digest);
    const text = commitmentText(signed);
    if (!this.context.signer.verify(publicKey, text, message.signature)) {
      return `wrong signature: ${message.signature} of ${from} under ${text}`;
    }
    if (message.digest !== message.tensor.digest) {
      return `wrong digest: ${message.tensor.digest} arrived from ${from}, who signed ${text} with ${message.signature}`;
    }
    this.sendReceipt(from, signed);
    return undefined;
  }

  /** Keeps a receipt that fits what was sent. */
  receive(from: NodeId, message: ReceiptMessage): void {
    const publicKey = this.keys.get(from);
    if (!this.isOn || publicKey === undefined) return;
    if (this.sent.get(this.keyOf(from, message)) !== message.digest) return;
    const text = receiptText(this.boundary(message, this.layout.stage, message.digest));
    if (!this.context.signer.verify(publicKey, text, message.signature)) return;
    this.sent.delete(this.keyOf(from, message));
    this.receipts.push({ node: from, text, signature: message.signature });
  }

  private boundary(place: BoundaryPlace, stage: number, digest: string): Boundary {
    const { update, microbatch, split, direction } = place;
    const run = this.context.rules?.run ?? "";
    return { run, update, attempt: this.attempt, microbatch, split, stage, direction, digest };
  }

  private keyOf(node: NodeId, { update, microbatch, split, direction }: BoundaryPlace): string {
    return `${node}|${update}|${microbatch}|${split}|${direction}`;
  }

  private sendReceipt(to: NodeId, signed: Boundary): void {
    const { span, attempt } = this;
    const { update, microbatch, split, direction, digest } = signed;
    const signature = this.context.signer.sign(receiptText(signed));
    const receipt = { span, attempt, update, microbatch, split, direction, digest, signature };
    this.context.send(to, { kind: "receipt", ...receipt });
  }
}
