/** A worker: holds one shard, does the passes of its microbatches, and agrees with its replicas. */
import {
  type ComputeResult,
  type ComputeTask,
  coordinatorNode,
  type Message,
  type NodeId,
  type Plain,
  type Role,
  type RoleHost,
} from "@shardlab/contracts";
import type {
  CheckpointHeld,
  HeldShard,
  PlanMessage,
  ProtocolMessage,
  SnapshotMessage,
  WorkerLayout,
} from "../messages.ts";
import type { WorkerDuty, WorkerSettings } from "../settings.ts";
import type { FaultToleranceSpec } from "../spec.ts";
import { CheckpointJournal } from "./checkpoint-journal.ts";
import { EarlyMessages, type SpanMessage, type Standing } from "./early-messages.ts";
import { Shard } from "./shard.ts";
import { SpanWork } from "./span-work.ts";
import { WorkerContext } from "./worker-context.ts";

export interface WorkerRole extends Role {
  /** Announces that this worker wants to go; it finishes when its shard is in other hands. */
  leave(): void;
}

/** @param journal what this worker persisted in its earlier lives on the same disk: the checkpoints that it can open. */
export function createWorker(settings: WorkerSettings, host: RoleHost, journal: readonly Plain[] = []): WorkerRole {
  return new Worker(settings, host, journal);
}

const beat = "beat";

/** The class is open to tests, which plant faults by overriding what is protected. */
export class Worker implements WorkerRole {
  protected readonly context: WorkerContext;
  protected readonly shard: Shard;
  protected work: SpanWork | undefined;
  protected plan: PlanMessage | undefined;
  private layout: WorkerLayout | undefined;
  private readonly faultTolerance: FaultToleranceSpec;
  private readonly duty: WorkerDuty;
  private readonly journal: CheckpointJournal;
  private readonly early: EarlyMessages;
  /** Who shall send the shard before the work can begin, or -1. */
  private awaited: NodeId = -1;
  private sequence = 0;
  private heardSeconds = Number.NEGATIVE_INFINITY;
  private isLeaving = false;
  /** Why it is over, once it is: what is under way is waited for. */
  private ending: string | undefined;
  private hasFinished = false;

  constructor(settings: WorkerSettings, host: RoleHost, journal: readonly Plain[]) {
    this.context = new WorkerContext(settings, host);
    this.faultTolerance = settings.faultTolerance;
    this.duty = settings.duty ?? "train";
    this.shard = new Shard(this.context, {
      opened: () => this.work?.opened(),
      applied: (update) => this.work?.applied(update),
      checkpointed: (checkpoint) => this.checkpointed(checkpoint),
      lost: (task, reason) => this.fail(task, reason),
      failed: (task, reason) => this.fail(task, reason),
    });
    this.journal = new CheckpointJournal(host, journal);
    this.early = new EarlyMessages(host);
  }

  /** What it holds, and the attempt at work: for observers. */
  get held(): HeldShard | null {
    return this.shard.held;
  }
  get position(): { readonly span: number; readonly attempt: number } | undefined {
    return this.plan;
  }

  start(): void {
    this.join();
    this.context.host.setTimer(beat, this.faultTolerance.heartbeat);
  }

  leave(): void {
    this.isLeaving = true;
    if (this.ending === undefined) this.sayAlive();
  }

  timer(name: string): void {
    if (name !== beat || this.ending !== undefined) return;
    this.context.host.setTimer(beat, this.faultTolerance.heartbeat);
    const silence = this.context.host.nowSeconds - this.heardSeconds;
    // Without the rules, which come with the welcome, nothing can be done.
    if (silence > this.faultTolerance.timeout || this.context.rules === undefined) this.join();
    else this.sayAlive();
    // Perhaps the first time was in vain.
    if (this.work?.isFinished === true && this.shard.isReady) this.sayReady(this.work);
  }

  disconnected(_node: NodeId): void {}

  computed(_task: ComputeTask, result: ComputeResult): void {
    this.context.tasks.done(result);
    this.finishIfDone();
  }

  computeFailed(task: ComputeTask, reason: string): void {
    this.context.tasks.failed(task, reason);
    this.finishIfDone();
  }

  receive(from: NodeId, message: Message): void {
    // What comes from sockets was checked by `messageSpec`; other hosts pass on what roles made.
    const said = message as ProtocolMessage;
    if (this.ending !== undefined) {
      if (said.kind === "end") this.context.send(coordinatorNode, { kind: "left" });
      this.drop(message);
    } else if (from === coordinatorNode) this.receiveFromCoordinator(said);
    else this.receiveFromWorker(from, said);
  }

  /** Whether a plan is newer than the one at work. */
  protected isNews(plan: PlanMessage): boolean {
    return this.standingOf(plan) === "early";
  }

  protected standingOf({ attempt, span }: { readonly attempt: number; readonly span: number }): Standing {
    if (this.plan === undefined) return "early";
    if (attempt !== this.plan.attempt) return attempt < this.plan.attempt ? "stale" : "early";
    if (span !== this.plan.span) return span < this.plan.span ? "stale" : "early";
    return "present";
  }

  private receiveFromCoordinator(message: ProtocolMessage): void {
    this.heardSeconds = this.context.host.nowSeconds;
    switch (message.kind) {
      case "welcome":
        this.context.rules = message.rules;
        break;
      case "join-again":
        this.join();
        break;
      case "plan":
        if (this.isNews(message)) this.adopt(message);
        break;
      case "dismiss":
        if (this.isLeaving) this.end("left");
        break;
      case "end":
        this.end(message.reason);
        break;
      default:
        this.drop(message);
    }
  }

  private receiveFromWorker(from: NodeId, message: ProtocolMessage): void {
    switch (message.kind) {
      case "activation":
      case "activation-gradient":
      case "reduction":
      case "encoding":
      case "tied":
      case "snapshot":
      case "receipt":
        this.receiveOfSpan(from, message);
        break;
      default:
        this.drop(message);
    }
  }

  private receiveOfSpan(from: NodeId, message: SpanMessage): void {
    const standing = this.standingOf(message);
    if (standing === "early") this.early.keep(from, message);
    else if (standing === "stale" || !this.take(from, message)) this.drop(message);
  }

  /** Takes a message of the present attempt; false where it is not wanted. */
  private take(from: NodeId, message: SpanMessage): boolean {
    if (message.kind === "snapshot") return this.takeSnapshot(from, message);
    if (message.kind !== "receipt") return this.work?.receive(from, message) ?? false;
    this.work?.receiveReceipt(from, message);
    return true;
  }

  private takeSnapshot(from: NodeId, { stage, span, tensor }: SnapshotMessage): boolean {
    if (this.awaited !== from || this.layout?.stage !== stage || this.plan === undefined) return false;
    this.awaited = -1;
    this.context.madeProgress();
    this.shard.open(stage, this.plan, { from: "snapshot", version: span, tensor });
    this.beginWork(this.plan);
    return true;
  }

  /** Gives up what was under way, commits what was decided, gets the shard, and begins. */
  private adopt(plan: PlanMessage): void {
    const layout = plan.layout ?? (this.layout?.id === plan.layoutId ? this.layout : undefined);
    const { rules } = this.context;
    // Without them the coordinator sees that this worker lags behind, and says everything again.
    if (layout === undefined || rules === undefined) return;
    const isCommitted = this.commitIfDecided(plan);
    if (!isCommitted) this.abandon();
    this.work?.release();
    this.context.tasks.beginEpoch();
    this.plan = plan;
    this.layout = layout;
    this.awaited = -1;
    this.work = new SpanWork(this.context, this.spanListener, { plan, layout, rules, shard: this.shard });
    this.context.madeProgress();
    // The coordinator knows whether the version that is held was undone since.
    const isHeld = plan.source.from === "held";
    const hasShard = isHeld && this.shard.stage === layout.stage && this.shard.version === plan.span;
    if (this.shard.isDirty && this.shard.stage >= 0) this.shard.discard();
    const serves = plan.serveStage >= 0;
    const servesHeld = serves && this.shard.stage === plan.serveStage && (isHeld || layout.stage !== plan.serveStage);
    if (servesHeld) this.handOver(plan);
    const isThere = hasShard || this.obtain(plan, layout.stage);
    if (serves && !servesHeld) this.handOver(plan);
    if (isThere) this.beginWork(plan);
    this.early.replay(
      (message) => this.standingOf(message),
      (from, message) => this.receiveOfSpan(from, message),
    );
  }

  protected commitIfDecided({ decision }: PlanMessage): boolean {
    if (!this.shard.isReadyFor(decision)) return false;
    this.shard.commit(decision, this.context.rules?.microbatches ?? 1);
    return true;
  }

  private readonly spanListener = {
    finished: (work: SpanWork): void => {
      this.shard.setReady(work.span, work.attempt);
      this.sayReady(work);
    },
    blamed: (node: NodeId, reason: string): void => {
      if (this.plan === undefined) return;
      const { span, attempt } = this.plan;
      this.context.send(coordinatorNode, { kind: "blame", span, attempt, node, reason });
    },
    failed: (task: ComputeTask, reason: string): void => this.fail(task, reason),
  };

  private beginWork(plan: PlanMessage): void {
    if (plan.checkpoint) this.shard.checkpoint(plan.span, plan.attempt);
    if (plan.updates > 0) this.shard.isDirty = true;
    this.work?.begin();
  }

  private handOver(plan: PlanMessage): void {
    if (this.shard.stage === plan.serveStage && this.shard.version === plan.span) this.shard.handOver(plan);
    else this.reportFailure("snapshot", `no shard of version ${plan.span} to hand over`);
  }

  /** Asks for the shard; false where work can begin only when a peer has sent it. */
  private obtain(plan: PlanMessage, stage: number): boolean {
    const { source, span } = plan;
    if (source.from === "peer") {
      this.awaited = source.node;
      return false;
    }
    if (source.from === "held") {
      this.reportFailure("open", `no shard of stage ${stage} at version ${span}`);
      return false;
    }
    this.shard.open(stage, plan, source.from === "initial" ? source : { from: "checkpoint", version: span });
    return true;
  }

  /** Tells the coordinator of work that was in vain. */
  private abandon(): void {
    const { work } = this;
    if (work === undefined || work.plan.updates === 0) return;
    const { span, attempt, layout, passes } = work;
    if (passes.forwardsDone === 0) return;
    const microbatches = passes.backwardsDone;
    const done = { span, attempt, stage: layout.stage, microbatches, flop: passes.trainingFlop };
    this.context.send(coordinatorNode, { kind: "abandoned", ...done });
  }

  private join(): void {
    const { publicKey } = this.context.signer;
    const { duty, journal } = this;
    const held = this.shard.held;
    this.sequence += 1;
    const { sequence } = this;
    this.context.send(coordinatorNode, { kind: "join", sequence, duty, publicKey, held, checkpoints: journal.latest });
  }

  private sayAlive(): void {
    const { work, plan } = this;
    this.sequence += 1;
    this.context.send(coordinatorNode, {
      kind: "alive",
      sequence: this.sequence,
      held: this.shard.held,
      span: plan?.span ?? 0,
      attempt: plan?.attempt ?? 0,
      forwards: (work?.passes.evaluationsDone ?? 0) + (work?.passes.forwardsDone ?? 0),
      backwards: work?.passes.backwardsDone ?? 0,
      synchronised: work?.exchangedUpdates ?? 0,
      steps: work?.stepsSent ?? 0,
      waiting: this.waiting(),
      checkpoint: this.journal.last,
      isLeaving: this.isLeaving,
    });
  }

  private waiting() {
    if (this.awaited < 0) return this.work?.waiting() ?? null;
    const seconds = this.context.host.nowSeconds - this.context.progressSeconds;
    return { node: this.awaited, what: "snapshot" as const, item: 0, update: this.plan?.span ?? 0, seconds };
  }

  private sayReady({ span, attempt, reports, passes }: SpanWork): void {
    const { evaluationLosses, evaluationTokens, passSeconds, passFlop } = passes;
    this.sequence += 1;
    const evaluation = { evaluationLosses, evaluationTokens, passSeconds, passFlop };
    const { sequence } = this;
    this.context.send(coordinatorNode, { kind: "ready", sequence, span, attempt, reports, ...evaluation });
  }

  private checkpointed(checkpoint: CheckpointHeld): void {
    this.journal.add(checkpoint);
    this.context.send(coordinatorNode, { kind: "checkpointed", ...checkpoint });
  }

  private fail(task: ComputeTask, reason: string): void {
    if (task.kind === "open" && task.source.from === "checkpoint") this.journal.forget(task.stage, task.source.version);
    this.reportFailure(task.kind, reason);
  }

  private reportFailure(task: string, reason: string): void {
    const { span, attempt } = this.plan ?? { span: 0, attempt: 0 };
    this.sequence += 1;
    const { sequence } = this;
    const text = reason.slice(0, 1000);
    this.context.send(coordinatorNode, {
      kind: "failed",
      sequence,
      span,
      attempt,
      task,
      reason: text,
      held: this.shard.held,
    });
  }

  private drop({ tensor }: Message): void {
    if (tensor !== undefined) this.context.host.release(tensor);
  }

  private end(reason: string): void {
    this.ending = reason;
    this.context.send(coordinatorNode, { kind: "left" });
    this.work?.release();
    this.early.release();
    this.context.tasks.beginEpoch();
    this.context.host.cancelTimer(beat);
    this.finishIfDone();
  }

  private finishIfDone(): void {
    if (this.ending === undefined || this.hasFinished || !this.context.tasks.isEmpty) return;
    this.hasFinished = true;
    this.context.host.finish(this.ending);
  }
}
