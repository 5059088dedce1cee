/** The shard that a worker holds: where it came from, which version it has, and what was decided of it. */
import type { ComputeResult, ComputeTask, ShardSource } from "@shardlab/contracts";
import type { CheckpointHeld, Decision, HeldShard, PlanMessage } from "../messages.ts";
import type { TaskOwner } from "./task-queue.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Whom a shard tells. */
export interface ShardListener {
  /** The element counts are known now. */
  opened(): void;
  /** An update within a span was applied. */
  applied(update: number): void;
  checkpointed(checkpoint: CheckpointHeld): void;
  /** What the worker holds is not known any more. */
  lost(task: ComputeTask, reason: string): void;
  failed(task: ComputeTask, reason: string): void;
}

const opened = 0;
const applied = 1;
const appliedInSpan = 2;
const marked = 3;
const snapshotTaken = 4;
const checkpointed = 5;
const discarded = 6;

interface Handover {
  readonly plan: PlanMessage;
  readonly stage: number;
}

/** Versions here are those that the tasks asked for so far will lead to. */
export class Shard implements TaskOwner {
  stage = -1;
  version = -1;
  /** In which it came to this version. */
  attempt = 0;
  /** Whether there is anything since the last mark that a new attempt has to drop. */
  isDirty = false;
  elementCount = 0;
  tiedElementCount = 0;
  private readySpan = -1;
  private readyAttempt = -1;
  private readonly context: WorkerContext;
  private readonly listener: ShardListener;
  /** Digests after updates that were applied within a span, to be told when it is decided. */
  private digests: { update: number; digest: string }[] = [];
  private readonly handovers: Handover[] = [];
  /** Stage and attempt of each update that is being applied, in order. */
  private readonly applying: { stage: number; attempt: number }[] = [];
  private readonly writing: { stage: number; version: number; attempt: number }[] = [];

  constructor(context: WorkerContext, listener: ShardListener) {
    this.context = context;
    this.listener = listener;
  }

  get held(): HeldShard | null {
    if (this.stage < 0) return null;
    const { stage, version, attempt, readySpan, readyAttempt } = this;
    return { stage, version, attempt, readySpan, readyAttempt };
  }

  get isReady(): boolean {
    return this.readyAttempt >= 0;
  }

  /** The span is done but for the decision. */
  setReady(span: number, attempt: number): void {
    this.readySpan = span;
    this.readyAttempt = attempt;
  }

  isReadyFor(decision: Decision | null): decision is Decision {
    return decision !== null && decision.span === this.readySpan && decision.attempt === this.readyAttempt;
  }

  /** Becomes the holder of a stage at the version that `plan` begins with. */
  open(stage: number, { span, attempt }: PlanMessage, source: ShardSource): void {
    const stages = this.context.rules?.stages ?? 1;
    this.stage = stage;
    this.version = span;
    this.attempt = attempt;
    this.forgetAttempt();
    this.context.tasks.ask({ kind: "open", stage, stages, source }, this, { code: opened, scope: "shard" });
  }

  /** Makes the attempt that this shard is ready for the one that counts. */
  commit({ span, attempt, updates, squaredNorm }: Decision, divisor: number): void {
    const isFlushed = this.context.rules?.schedule !== "asynchronous";
    // JSON has null in the place of a norm that is not finite.
    if (updates > 0 && isFlushed) {
      this.applying.push({ stage: this.stage, attempt });
      this.askApply(span, squaredNorm ?? Number.NaN, { divisor, code: applied });
    }
    if (updates > 0) this.context.tasks.ask({ kind: "mark" }, this, { code: marked, scope: "shard" });
    for (const { update, digest } of this.digests) this.recordDigest(update, { stage: this.stage, attempt }, digest);
    this.version = span + updates;
    this.attempt = attempt;
    this.forgetAttempt();
  }

  /** Applies an update within a span, to be undone if the span is given up. */
  applyInSpan(update: number, squaredNorm: number, divisor: number): void {
    this.askApply(update, squaredNorm, { divisor, code: appliedInSpan });
  }

  discard(): void {
    this.forgetAttempt();
    this.context.tasks.ask({ kind: "discard" }, this, { code: discarded, scope: "shard" });
  }

  /** Sends the shard to those whom the plan names. */
  handOver(plan: PlanMessage): void {
    this.handovers.push({ plan, stage: this.stage });
    this.context.tasks.ask({ kind: "snapshot" }, this, { code: snapshotTaken, scope: "shard" });
  }

  checkpoint(version: number, attempt: number): void {
    this.writing.push({ stage: this.stage, version, attempt });
    this.context.tasks.ask({ kind: "checkpoint", version }, this, { code: checkpointed, scope: "shard" });
  }

  taskDone(code: number, item: number, result: ComputeResult): void {
    if (code === opened) {
      this.elementCount = result.elementCount ?? 0;
      this.tiedElementCount = result.tiedElementCount ?? 0;
      this.listener.opened();
    } else if (code === applied) this.recordDigest(item, this.applying.shift() ?? this, result.digest);
    else if (code === appliedInSpan) {
      if (result.digest !== undefined) this.digests.push({ update: item, digest: result.digest });
      this.listener.applied(item);
    } else if (code === snapshotTaken) this.sendSnapshot(result);
    else if (code === checkpointed) {
      const written = this.writing.shift();
      if (written !== undefined) this.listener.checkpointed({ ...written, bytes: result.bytes ?? 0 });
    }
  }

  taskFailed(task: ComputeTask, reason: string): void {
    if (task.kind === "snapshot" || task.kind === "checkpoint") {
      if (task.kind === "snapshot") this.handovers.shift();
      else this.writing.shift();
      this.listener.failed(task, reason);
      return;
    }
    if (task.kind === "apply") this.applying.shift();
    this.stage = -1;
    this.version = -1;
    this.forgetAttempt();
    this.listener.lost(task, reason);
  }

  private forgetAttempt(): void {
    this.readySpan = -1;
    this.readyAttempt = -1;
    this.isDirty = false;
    this.digests = [];
  }

  private askApply(update: number, squaredNorm: number, { divisor, code }: { divisor: number; code: number }): void {
    const digest = (update + 1) % (this.context.rules?.digestEvery ?? 1) === 0;
    const task: ComputeTask = { kind: "apply", update, divisor, squaredNorm, digest };
    this.context.tasks.ask(task, this, { code, item: update, scope: code === applied ? "shard" : "plan" });
  }

  private recordDigest(
    update: number,
    { stage, attempt }: { readonly stage: number; readonly attempt: number },
    digest: string | undefined,
  ): void {
    if (digest === undefined) return;
    const { node } = this.context.host;
    this.context.host.record({ kind: "weights", update, attempt, stage, node, digest });
  }

  private sendSnapshot({ output }: ComputeResult): void {
    const handover = this.handovers.shift();
    if (output === undefined || handover === undefined) return;
    const { plan, stage } = handover;
    const { span, attempt } = plan;
    for (const node of plan.serve) this.context.send(node, { kind: "snapshot", span, attempt, stage, tensor: output });
    this.context.host.release(output);
  }
}
