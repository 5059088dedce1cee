/**
 * A worker's passes of one span, in the order of the schedule.
 *
 * Forward and backward passes are each done in ascending order, so that sums have one order whatever the timing; at most
 * `window` microbatches are between the two. This cannot lock up: the smallest unfinished microbatch can always go on.
 * GPipe does all forward passes first. Without flushing, the forward pass of microbatch j waits for the updates that end
 * with microbatch j - window or before, and such an update waits for the forward passes up to there, so that each pass
 * sees the same weights whatever the timing. Held-out microbatches come first.
 */
import type { ComputeResult, ComputeTask, DataSplit, NodeId, TensorRef } from "@shardlab/contracts";
import type { BoundaryMessage, PlanMessage, RunRules, UpdateReport, Waiting, WorkerLayout } from "../messages.ts";
import type { Commitments } from "./commitments.ts";
import type { TaskOwner } from "./task-queue.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Whom passes tell. */
export interface PassesListener {
  /** A pass has ended: there may be more to do. */
  passed(): void;
  blamed(node: NodeId, reason: string): void;
  failed(task: ComputeTask, reason: string): void;
}

export interface PassesOptions {
  readonly plan: PlanMessage;
  readonly layout: WorkerLayout;
  readonly rules: RunRules;
  readonly commitments: Commitments;
}

const forwardPass = 0;
const backwardPass = 1;
const heldOutPass = 2;

/** Microbatches that may be between forward and backward pass at a stage. */
export function windowOf({ schedule, stages, ahead }: RunRules, stage: number): number {
  return schedule === "gpipe" ? Number.POSITIVE_INFINITY : 1 + ahead * (stages - 1 - stage);
}

export class Passes implements TaskOwner {
  /** Updates of the span that were applied already; only where nothing is flushed. */
  applied = 0;
  forwardsDone = 0;
  backwardsDone = 0;
  evaluationsDone = 0;
  passSeconds = 0;
  passFlop = 0;
  evaluationTokens = 0;
  readonly evaluationLosses: number[] = [];
  /** Microbatches of an update, and of the whole span. */
  readonly perUpdate: number;
  readonly total: number;
  private readonly context: WorkerContext;
  private readonly listener: PassesListener;
  private readonly plan: PlanMessage;
  private readonly layout: WorkerLayout;
  private readonly commitments: Commitments;
  private readonly window: number;
  private readonly isGpipe: boolean;
  private readonly isFirst: boolean;
  private readonly isLast: boolean;
  private readonly evaluations: number;
  private readonly inputs: (TensorRef | undefined)[];
  private readonly gradients: (TensorRef | undefined)[];
  private readonly evaluationInputs: (TensorRef | undefined)[];
  private readonly losses: Float64Array;
  private readonly tokens: Float64Array;
  private readonly flop: Float64Array;
  private isBusy = false;
  /** Code of the pass under way, which has taken its tensor out of its slot. */
  private underWay = forwardPass;
  /** When the pass under way began, or NaN where it had to wait for other tasks. */
  private beganSeconds = Number.NaN;

  constructor(context: WorkerContext, listener: PassesListener, { plan, layout, rules, commitments }: PassesOptions) {
    this.context = context;
    this.listener = listener;
    this.plan = plan;
    this.layout = layout;
    this.commitments = commitments;
    this.perUpdate = layout.microbatches.length;
    this.total = this.perUpdate * plan.updates;
    this.window = windowOf(rules, layout.stage);
    this.isGpipe = rules.schedule === "gpipe";
    this.isFirst = layout.stage === 0;
    this.isLast = layout.stage === rules.stages - 1;
    this.evaluations = plan.evaluation ? layout.evaluationMicrobatches.length : 0;
    this.inputs = new Array<TensorRef | undefined>(this.isFirst ? 0 : this.total);
    this.gradients = new Array<TensorRef | undefined>(this.isLast ? 0 : this.total);
    this.evaluationInputs = new Array<TensorRef | undefined>(this.isFirst ? 0 : this.evaluations);
    this.losses = new Float64Array(this.isLast ? this.total : 0);
    this.tokens = new Float64Array(plan.updates);
    this.flop = new Float64Array(plan.updates);
  }

  get isEvaluated(): boolean {
    return this.evaluationsDone === this.evaluations;
  }

  /** Forward passes that must have been done before update `index` of the span may be applied. */
  forwardsBefore(index: number): number {
    return Math.min(this.total, (index + 1) * this.perUpdate - 1 + this.window);
  }

  countFlop(update: number, flop: number): void {
    this.flop[update - this.plan.span] += flop;
  }

  /** FLOP of training so far. */
  get trainingFlop(): number {
    return this.flop.reduce((sum, flop) => sum + flop, 0);
  }

  reportOf(index: number, squaredNorm: number): UpdateReport {
    const losses = this.isLast
      ? Array.from(this.losses.subarray(index * this.perUpdate, (index + 1) * this.perUpdate))
      : [];
    return { losses, tokens: this.tokens[index], squaredNorm, flop: this.flop[index] };
  }

  /** Begins the next pass, if one may begin and none is under way. */
  advance(): void {
    if (this.isBusy) return;
    if (this.evaluationsDone < this.evaluations) this.evaluate();
    else if (this.mayGoBack()) this.goBack();
    else if (this.mayGoForward()) this.goForward();
  }

  /** Takes a boundary tensor of this span; false (and it stays the caller's) where it is not expected, or came before. */
  receive(from: NodeId, message: BoundaryMessage): boolean {
    const isForward = message.kind === "activation";
    const isHeldOut = message.split === "held-out";
    const { layout } = this;
    const microbatches = isHeldOut ? layout.evaluationMicrobatches : layout.microbatches;
    const done = isHeldOut ? this.evaluationsDone : isForward ? this.forwardsDone : this.backwardsDone;
    // Most come in order: it is looked for from the one that is done next.
    const next = done % Math.max(1, microbatches.length);
    const later = microbatches.indexOf(message.microbatch, next);
    const place = later < 0 ? microbatches.indexOf(message.microbatch) : later;
    if (place < 0 || (isHeldOut && !isForward)) return false;
    const senders = isHeldOut ? layout.evaluationPrevious : isForward ? layout.previous : layout.next;
    if (senders[place] !== from) return false;
    const index = isHeldOut ? place : (message.update - this.plan.span) * this.perUpdate + place;
    const slots = isHeldOut ? this.evaluationInputs : isForward ? this.inputs : this.gradients;
    if (index < done || index >= slots.length || slots[index] !== undefined) return false;
    if (this.isBusy && index === done && this.isTaken(message)) return false;
    const fault = this.commitments.check(from, message);
    if (fault !== undefined) {
      this.listener.blamed(from, fault);
      return false;
    }
    slots[index] = message.tensor;
    return true;
  }

  taskDone(code: number, item: number, result: ComputeResult): void {
    this.isBusy = false;
    this.context.madeProgress();
    if (code === heldOutPass) this.heldOutDone(item, result);
    else this.trainingDone(code, item, result);
    this.listener.passed();
  }

  taskFailed(task: ComputeTask, reason: string): void {
    this.isBusy = false;
    this.listener.failed(task, reason);
  }

  /** Whose message holds this up; null where a pass is under way or nothing is left. */
  waiting(seconds: number): Waiting | null {
    if (this.isBusy) return null;
    const { layout, plan } = this;
    if (this.evaluationsDone < this.evaluations) {
      const item = layout.evaluationMicrobatches[this.evaluationsDone];
      const node = layout.evaluationPrevious[this.evaluationsDone];
      return { node, what: "held-out-activation", item, update: plan.span, seconds };
    }
    const isBack = this.backwardsDone < this.forwardsDone && !this.isLast;
    const index = isBack ? this.backwardsDone : this.forwardsDone;
    if (index >= this.total || (!isBack && this.isFirst)) return null;
    const place = index % this.perUpdate;
    const update = plan.span + Math.floor(index / this.perUpdate);
    const node = (isBack ? layout.next : layout.previous)[place];
    return {
      node,
      what: isBack ? "activation-gradient" : "activation",
      item: layout.microbatches[place],
      update,
      seconds,
    };
  }

  release(): void {
    for (const slots of [this.inputs, this.gradients, this.evaluationInputs]) {
      slots.forEach((tensor, index) => {
        if (tensor !== undefined) this.context.host.release(tensor);
        slots[index] = undefined;
      });
    }
  }

  private isTaken(message: BoundaryMessage): boolean {
    const code =
      message.split === "held-out" ? heldOutPass : message.kind === "activation" ? forwardPass : backwardPass;
    return code === this.underWay;
  }

  private mayGoBack(): boolean {
    const index = this.backwardsDone;
    if (index >= this.forwardsDone || (!this.isLast && this.gradients[index] === undefined)) return false;
    if (this.isGpipe) return this.forwardsDone === this.total;
    return this.plan.updates === 1 || Math.floor(index / this.perUpdate) <= this.applied;
  }

  private mayGoForward(): boolean {
    const index = this.forwardsDone;
    if (index >= this.total || (!this.isFirst && this.inputs[index] === undefined)) return false;
    if (index - this.backwardsDone >= this.window) return false;
    return Math.floor((index - this.window + 1) / this.perUpdate) <= this.applied;
  }

  private evaluate(): void {
    const place = this.evaluationsDone;
    const input = this.evaluationInputs[place];
    if (!this.isFirst && input === undefined) return;
    this.evaluationInputs[place] = undefined;
    const microbatch = this.layout.evaluationMicrobatches[place];
    const split: DataSplit = "held-out";
    this.begin({ kind: "forward", update: this.plan.span, microbatch, split, input }, heldOutPass, place);
  }

  private goForward(): void {
    const index = this.forwardsDone;
    const input = this.isFirst ? undefined : this.inputs[index];
    if (!this.isFirst) this.inputs[index] = undefined;
    const update = this.plan.span + Math.floor(index / this.perUpdate);
    const microbatch = this.layout.microbatches[index % this.perUpdate];
    this.begin({ kind: "forward", update, microbatch, split: "training", input }, forwardPass, index);
  }

  private goBack(): void {
    const index = this.backwardsDone;
    const gradient = this.isLast ? undefined : this.gradients[index];
    if (!this.isLast) this.gradients[index] = undefined;
    const update = this.plan.span + Math.floor(index / this.perUpdate);
    const microbatch = this.layout.microbatches[index % this.perUpdate];
    this.begin({ kind: "backward", update, microbatch, split: "training", gradient }, backwardPass, index);
  }

  private begin(task: ComputeTask, code: number, index: number): void {
    this.isBusy = true;
    this.underWay = code;
    this.beganSeconds = this.context.tasks.isEmpty ? this.context.host.nowSeconds : Number.NaN;
    this.context.tasks.askForPlan(task, this, code, index);
  }

  private heldOutDone(place: number, result: ComputeResult): void {
    this.evaluationsDone += 1;
    if (this.isLast) {
      this.evaluationLosses.push(result.loss ?? 0);
      this.evaluationTokens += result.tokens ?? 0;
      return;
    }
    const microbatch = this.layout.evaluationMicrobatches[place];
    this.pass(
      this.layout.evaluationNext[place],
      "activation",
      { update: this.plan.span, microbatch, split: "held-out" },
      result,
    );
  }

  private trainingDone(code: number, index: number, result: ComputeResult): void {
    const ofSpan = Math.floor(index / this.perUpdate);
    const place = index - ofSpan * this.perUpdate;
    this.flop[ofSpan] += result.flop;
    if (!Number.isNaN(this.beganSeconds)) {
      this.passSeconds += this.context.host.nowSeconds - this.beganSeconds;
      this.passFlop += result.flop;
    }
    const at = {
      update: this.plan.span + ofSpan,
      microbatch: this.layout.microbatches[place],
      split: "training" as const,
    };
    if (code === backwardPass) {
      this.backwardsDone += 1;
      if (!this.isFirst) this.pass(this.layout.previous[place], "activation-gradient", at, result);
      return;
    }
    this.forwardsDone += 1;
    if (!this.isLast) this.pass(this.layout.next[place], "activation", at, result);
    else {
      this.losses[index] = result.loss ?? 0;
      this.tokens[ofSpan] += result.tokens ?? 0;
    }
  }

  /** Sends what a pass gave to the stage after or before. */
  private pass(
    to: NodeId,
    kind: BoundaryMessage["kind"],
    at: { readonly update: number; readonly microbatch: number; readonly split: DataSplit },
    { output }: ComputeResult,
  ): void {
    if (output === undefined) return;
    const { span, attempt } = this.plan;
    const { update, microbatch, split } = at;
    const direction = kind === "activation" ? "forward" : "backward";
    const signature = this.commitments.sign(to, { update, microbatch, split, direction }, output);
    const { digest } = output;
    this.context.sendTensor(to, { kind, span, attempt, update, microbatch, split, tensor: output, digest, signature });
  }
}
