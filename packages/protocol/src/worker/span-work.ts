/** A worker's part of one attempt at a span: passes, then the exchange of gradients, update by update. */
import type { ComputeTask, NodeId } from "@shardlab/contracts";
import type {
  BoundaryMessage,
  GradientMessage,
  PlanMessage,
  ReceiptMessage,
  ReductionMessage,
  RunRules,
  UpdateReport,
  Waiting,
  WorkerLayout,
} from "../messages.ts";
import { Commitments } from "./commitments.ts";
import { Passes } from "./passes.ts";
import type { Shard } from "./shard.ts";
import { allSteps, Synchronisation } from "./synchronisation.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Whom a span tells. */
export interface SpanListener {
  finished(work: SpanWork): void;
  blamed(node: NodeId, reason: string): void;
  failed(task: ComputeTask, reason: string): void;
}

export interface SpanWorkOptions {
  readonly plan: PlanMessage;
  readonly layout: WorkerLayout;
  readonly rules: RunRules;
  readonly shard: Shard;
}

export class SpanWork {
  readonly plan: PlanMessage;
  readonly layout: WorkerLayout;
  readonly passes: Passes;
  readonly commitments: Commitments;
  readonly reports: UpdateReport[] = [];
  readonly span: number;
  readonly attempt: number;
  isFinished = false;
  private readonly context: WorkerContext;
  private readonly rules: RunRules;
  private readonly shard: Shard;
  private readonly listener: SpanListener;
  private synchronisation: Synchronisation | undefined;
  private hasBegun = false;
  /** Updates whose gradients were exchanged. */
  private exchanged = 0;
  private early: { from: NodeId; message: ReductionMessage | GradientMessage }[] = [];

  constructor(context: WorkerContext, listener: SpanListener, { plan, layout, rules, shard }: SpanWorkOptions) {
    this.context = context;
    this.listener = listener;
    this.plan = plan;
    this.layout = layout;
    this.rules = rules;
    this.shard = shard;
    this.span = plan.span;
    this.attempt = plan.attempt;
    this.commitments = new Commitments(context, layout, plan.span, plan.attempt);
    this.passes = new Passes(context, this, { plan, layout, rules, commitments: this.commitments });
  }

  /** Updates whose gradients were exchanged, and steps of the next one that were sent. */
  get exchangedUpdates(): number {
    return this.exchanged;
  }
  get stepsSent(): number {
    return this.isFinished ? allSteps : (this.synchronisation?.stepsSent ?? 0);
  }

  /** The shard is there, or its opening was asked for. */
  begin(): void {
    this.hasBegun = true;
    this.advance();
  }

  /** The shard was opened: element counts are known. */
  opened(): void {
    this.advance();
  }

  passed(): void {
    this.advance();
  }

  /** An update within the span was applied. */
  applied(update: number): void {
    if (update === this.span + this.plan.updates - 1) this.finish();
  }

  synchronised(update: number, squaredNorm: number): void {
    this.context.madeProgress();
    this.exchanged += 1;
    this.reports.push(this.passes.reportOf(update - this.span, squaredNorm));
    if (this.rules.schedule !== "asynchronous") {
      this.finish();
      return;
    }
    // Nobody knows the whole model's norm before the pipeline is empty: each stage goes by its own.
    this.shard.applyInSpan(update, squaredNorm, this.rules.microbatches);
    this.passes.applied += 1;
    this.advance();
  }

  countFlop(update: number, flop: number): void {
    this.passes.countFlop(update, flop);
  }

  failed(task: ComputeTask, reason: string): void {
    this.listener.failed(task, reason);
  }

  blamed(node: NodeId, reason: string): void {
    this.listener.blamed(node, reason);
  }

  /** Takes a message of this attempt; false where it is not wanted, and its tensor stays the caller's. */
  receive(from: NodeId, message: BoundaryMessage | ReductionMessage | GradientMessage): boolean {
    if (message.kind === "activation" || message.kind === "activation-gradient") {
      if (!this.passes.receive(from, message)) return false;
    } else if (!this.receiveGradient(from, message)) return false;
    this.context.madeProgress();
    this.advance();
    return true;
  }

  receiveReceipt(from: NodeId, message: ReceiptMessage): void {
    this.commitments.receive(from, message);
  }

  waiting(): Waiting | null {
    if (this.isFinished || !this.hasBegun) return null;
    const seconds = this.context.host.nowSeconds - this.context.progressSeconds;
    return this.synchronisation?.isActive ? this.synchronisation.waiting(seconds) : this.passes.waiting(seconds);
  }

  release(): void {
    this.passes.release();
    this.synchronisation?.release();
    for (const { message } of this.early) this.context.host.release(message.tensor);
    this.early = [];
  }

  private advance(): void {
    if (!this.hasBegun || this.isFinished) return;
    this.passes.advance();
    if (this.exchanged < this.plan.updates) this.exchange();
    else if (this.plan.updates === 0 && this.passes.isEvaluated && this.layout.group.length > 0) this.finish();
  }

  /** Begins or goes on with the exchange of the next update, once all that comes before it was done. */
  private exchange(): void {
    if (this.synchronisation?.isActive) {
      this.synchronisation.advance();
      return;
    }
    const { passes, exchanged } = this;
    if (passes.perUpdate === 0 || passes.backwardsDone < (exchanged + 1) * passes.perUpdate) return;
    if (this.rules.schedule === "asynchronous" && passes.forwardsDone < passes.forwardsBefore(exchanged)) return;
    this.openSynchronisation().begin(this.span + exchanged);
  }

  private openSynchronisation(): Synchronisation {
    if (this.synchronisation !== undefined) return this.synchronisation;
    const { elementCount, tiedElementCount } = this.shard;
    const { stages, microbatches } = this.rules;
    const options = { layout: this.layout, stages, divisor: microbatches, elementCount, tiedElementCount };
    this.synchronisation = new Synchronisation(this.context, this, options);
    for (const { from, message } of this.early) {
      if (!this.synchronisation.receive(from, message)) this.context.host.release(message.tensor);
    }
    this.early = [];
    return this.synchronisation;
  }

  /** Before the first exchange the shard may not be open yet. */
  private receiveGradient(from: NodeId, message: ReductionMessage | GradientMessage): boolean {
    if (this.synchronisation !== undefined) return this.synchronisation.receive(from, message);
    if (message.update >= this.span + this.plan.updates || this.early.length >= this.layout.group.length * 1024 + 1)
      return false;
    this.early.push({ from, message });
    return true;
  }

  private finish(): void {
    this.isFinished = true;
    this.listener.finished(this);
  }
}
