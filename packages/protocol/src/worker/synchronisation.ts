/** Bringing the gradients of an update together: over the replicas of the stage, then between first and last stage. */
import type { ComputeResult, ComputeTask, NodeId, TensorRef } from "@shardlab/contracts";
import type { GradientMessage, ReductionMessage, Waiting, WorkerLayout } from "../messages.ts";
import { type ReductionSteps, reductionSteps } from "./reduction-steps.ts";
import type { TaskOwner } from "./task-queue.ts";
import type { WorkerContext } from "./worker-context.ts";

/** What a synchronisation tells the span that it belongs to. */
export interface SynchronisationListener {
  readonly span: number;
  readonly attempt: number;
  synchronised(update: number, squaredNorm: number): void;
  countFlop(update: number, flop: number): void;
  failed(task: ComputeTask, reason: string): void;
}

export interface SynchronisationOptions {
  readonly layout: WorkerLayout;
  readonly stages: number;
  readonly divisor: number;
  readonly elementCount: number;
  readonly tiedElementCount: number;
}

type Phase = "idle" | "reduce" | "encode" | "tied" | "norm";

const exported = 0;
const imported = 1;
const encoded = 2;
const tiedExported = 3;
const normed = 4;

/** More slices than replicas can have sent ahead. */
const maximumKept = 65_536;

/** Said of the steps sent when all of them and the shared matrix are. */
export const allSteps = 2 ** 31 - 1;

export class Synchronisation implements TaskOwner {
  private readonly context: WorkerContext;
  private readonly listener: SynchronisationListener;
  private readonly options: SynchronisationOptions;
  private readonly rank: number;
  private readonly takesTied: boolean;
  private steps: ReductionSteps | undefined;
  private phase: Phase = "idle";
  private update = -1;
  private cursor = 0;
  private encodings: (TensorRef | undefined)[] = [];
  private stepsSentCount = 0;
  /** Slices that came before their turn, by (update - span) x 2^32 + step; step 2^31 + rank is an encoding, 2^32 - 1 the tied one. */
  private readonly inbox = new Map<number, TensorRef>();
  /** Keys of what was taken from the inbox in the present update, so that a duplicate is known. */
  private readonly taken = new Set<number>();

  constructor(context: WorkerContext, listener: SynchronisationListener, options: SynchronisationOptions) {
    this.context = context;
    this.listener = listener;
    this.options = options;
    this.rank = options.layout.group.indexOf(context.host.node);
    this.takesTied = options.tiedElementCount > 0 && options.layout.tiedFrom >= 0;
  }

  get isActive(): boolean {
    return this.phase !== "idle";
  }

  /** Steps of the schedule that were sent. */
  get stepsSent(): number {
    return this.stepsSentCount;
  }

  begin(update: number): void {
    const { layout, elementCount } = this.options;
    this.update = update;
    this.cursor = 0;
    this.stepsSentCount = 0;
    this.taken.clear();
    if (layout.group.length < 2 || elementCount === 0) this.beginTied();
    else if (this.context.rules?.gradientExchange === "reduce") this.beginReduction();
    else this.beginEncodings();
  }

  /** Takes a tensor of this span; false (and it stays the caller's) where it is not expected, or came before. */
  receive(from: NodeId, message: ReductionMessage | GradientMessage): boolean {
    const item = this.itemOf(from, message);
    if (this.inbox.size >= maximumKept) return false;
    if (item < 0 || message.update < this.update || message.update < this.listener.span) return false;
    const key = this.keyOf(message.update, item);
    if (this.inbox.has(key) || (message.update === this.update && this.taken.has(key))) return false;
    this.inbox.set(key, message.tensor);
    return true;
  }

  advance(): void {
    if (this.phase === "reduce") this.advanceReduction();
    if (this.phase === "encode") this.advanceEncodings();
    if (this.phase === "tied") this.advanceTied();
  }

  taskDone(code: number, item: number, result: ComputeResult): void {
    this.listener.countFlop(this.update, result.flop);
    if (code === exported) this.sendSlice(item, result);
    else if (code === encoded) this.sendEncoding(result);
    else if (code === tiedExported) this.sendTied(result);
    else if (code === normed) {
      this.phase = "idle";
      this.listener.synchronised(this.update, result.squaredNorm ?? 0);
    }
  }

  taskFailed(task: ComputeTask, reason: string): void {
    this.listener.failed(task, reason);
  }

  /** Whose message holds this up, if any does. */
  waiting(seconds: number): Waiting | null {
    const { update } = this;
    if (this.phase === "reduce" && this.steps !== undefined && this.cursor < this.steps.count) {
      const { peer, step } = this.steps;
      const node = this.options.layout.group[peer[this.cursor]];
      return { node, what: "reduction", item: step[this.cursor], update, seconds };
    }
    if (this.phase === "encode") {
      const missing = this.encodings.indexOf(undefined);
      if (missing < 0 || missing === this.rank) return null;
      return { node: this.options.layout.group[missing], what: "encoding", item: 0, update, seconds };
    }
    if (this.phase !== "tied") return null;
    return { node: this.options.layout.tiedFrom, what: "tied", item: 0, update, seconds };
  }

  release(): void {
    for (const tensor of this.inbox.values()) this.context.host.release(tensor);
    for (const tensor of this.encodings) if (tensor !== undefined) this.context.host.release(tensor);
    this.inbox.clear();
    this.encodings = [];
  }

  private keyOf(update: number, item: number): number {
    return (update - this.listener.span) * 2 ** 32 + item;
  }

  /** Where a message belongs, or -1 where it comes from the wrong node. */
  private itemOf(from: NodeId, message: ReductionMessage | GradientMessage): number {
    if (message.kind === "tied") return from === this.options.layout.tiedFrom ? 2 ** 32 - 1 : -1;
    const rank = this.options.layout.group.indexOf(from);
    if (rank < 0 || rank === this.rank) return -1;
    return message.kind === "encoding" ? 2 ** 31 + rank : message.step;
  }

  private take(item: number): TensorRef | undefined {
    const key = this.keyOf(this.update, item);
    const tensor = this.inbox.get(key);
    if (tensor === undefined) return undefined;
    this.inbox.delete(key);
    this.taken.add(key);
    return tensor;
  }

  private beginReduction(): void {
    const { layout, elementCount } = this.options;
    // The rules are known, because the plan came with them or after them.
    const collective = this.context.rules?.reduction ?? { kind: "ring" };
    const ranks = layout.group.length;
    this.steps ??= reductionSteps({ collective, ranks, rank: this.rank, elements: elementCount });
    this.phase = "reduce";
    this.advanceReduction();
  }

  /** Asks for exports at once, and for imports in the order of the schedule as they come. */
  private advanceReduction(): void {
    const { steps, update } = this;
    if (steps === undefined) return;
    for (; this.cursor < steps.count; this.cursor++) {
      const at = this.cursor;
      const firstElement = steps.firstElement[at];
      const elementCount = steps.elementCount[at];
      if (steps.isSend[at] === 1) {
        this.context.tasks.askForPlan(
          { kind: "reduce-export", update, firstElement, elementCount },
          this,
          exported,
          at,
        );
        continue;
      }
      const tensor = this.take(steps.step[at]);
      if (tensor === undefined) return;
      const mode = steps.isReduction[at] === 1 ? "add" : "replace";
      const task: ComputeTask = { kind: "reduce-import", update, firstElement, elementCount, mode, tensor };
      this.context.tasks.askForPlan(task, this, imported, at);
    }
    this.beginTied();
  }

  private sendSlice(at: number, { output }: ComputeResult): void {
    const { steps, update } = this;
    if (steps === undefined || output === undefined) return;
    const { span, attempt } = this.listener;
    const step = steps.step[at];
    this.stepsSentCount = Math.max(this.stepsSentCount, step + 1);
    const peer = this.options.layout.group[steps.peer[at]];
    this.context.sendTensor(peer, { kind: "reduction", span, attempt, update, step, tensor: output });
  }

  private beginEncodings(): void {
    this.phase = "encode";
    this.encodings = this.options.layout.group.map(() => undefined);
    this.context.tasks.askForPlan({ kind: "gradient-encode", update: this.update }, this, encoded, 0);
  }

  private sendEncoding({ output }: ComputeResult): void {
    if (output === undefined) return;
    const { span, attempt } = this.listener;
    for (const node of this.options.layout.group) {
      if (node === this.context.host.node) continue;
      this.context.send(node, { kind: "encoding", span, attempt, update: this.update, tensor: output });
    }
    this.encodings[this.rank] = output;
    this.stepsSentCount = 1;
    this.advanceEncodings();
  }

  private advanceEncodings(): void {
    const { encodings } = this;
    for (let rank = 0; rank < encodings.length; rank++) {
      if (rank === this.rank) continue;
      encodings[rank] ??= this.take(2 ** 31 + rank);
    }
    const tensors = encodings.filter((tensor) => tensor !== undefined);
    if (tensors.length < encodings.length) return;
    this.encodings = [];
    this.context.tasks.askForPlan({ kind: "gradient-decode", update: this.update, tensors }, this, imported, 0);
    this.beginTied();
  }

  private beginTied(): void {
    if (!this.takesTied) {
      this.beginNorm();
      return;
    }
    this.phase = "tied";
    this.context.tasks.askForPlan({ kind: "tied-export", update: this.update }, this, tiedExported, 0);
    this.advanceTied();
  }

  private sendTied({ output }: ComputeResult): void {
    if (output === undefined) return;
    const { span, attempt } = this.listener;
    for (const node of this.options.layout.tiedTo) {
      this.context.send(node, { kind: "tied", span, attempt, update: this.update, tensor: output });
    }
    this.context.host.release(output);
    this.stepsSentCount = allSteps;
  }

  private advanceTied(): void {
    const tensor = this.take(2 ** 32 - 1);
    if (tensor === undefined) return;
    this.context.tasks.askForPlan({ kind: "tied-import", update: this.update, tensor }, this, imported, 0);
    this.beginNorm();
  }

  private beginNorm(): void {
    this.phase = "norm";
    const { divisor } = this.options;
    this.context.tasks.askForPlan({ kind: "gradient-norm", update: this.update, divisor }, this, normed, 0);
  }
}
