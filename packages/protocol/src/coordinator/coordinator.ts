/** The coordinator: who is there, who does what, and which attempt counts. It never holds a weight. */
import type { ComputeResult, ComputeTask, Message, NodeId, Plain, Role, RoleHost } from "@shardlab/contracts";
import type {
  AbandonedMessage,
  AliveMessage,
  BlameMessage,
  CheckpointHeld,
  FailedMessage,
  JoinMessage,
  ProtocolMessage,
  ReadyMessage,
  RunRules,
} from "../messages.ts";
import type { CoordinatorSettings } from "../settings.ts";
import { Attempt } from "./attempt.ts";
import { baseVersion } from "./base-version.ts";
import { CheckpointRegister } from "./checkpoint-register.ts";
import { withRollback } from "./checkpoint-tracker.ts";
import { Gathering } from "./gathering.ts";
import { CoordinatorJournal } from "./journal.ts";
import { type Member, Members } from "./members.ts";
import { Outcomes } from "./outcomes.ts";
import { Pace } from "./pace.ts";
import { continuePlan, type Plan, planMessage } from "./plan.ts";
import { Planner } from "./planner.ts";
import { runRules } from "./run-rules.ts";
import { Sanctions } from "./sanctions.ts";
import { spanTask } from "./schedule.ts";
import { seatMembers } from "./seating.ts";

export { isJournalSnapshot } from "./journal.ts";

/**
 * Node 0.
 * @param journal what this node persisted before, in order; empty at the beginning of a run. Entries before the last one
 * for which `isJournalSnapshot` holds may have been dropped.
 */
export function createCoordinator(settings: CoordinatorSettings, host: RoleHost, journal: readonly Plain[]): Role {
  return new Coordinator(settings, host, journal);
}

const beat = "beat";
const deadline = "deadline";
/** Decisions between two looks at whether workers should move or get other shares. */
const decisionsPerReview = 8;
/** Failed tasks and blames in a row, without a decision between them, after which the run is given up: for each worker. */
const maximumFailures = 8;
/** Plans in a row that count on a shard which is not there, after which an earlier version is begun with. */
const lacksPerSetback = 6;

class Coordinator implements Role {
  private readonly settings: CoordinatorSettings;
  private readonly host: RoleHost;
  private readonly rules: RunRules;
  private readonly journal: CoordinatorJournal;
  private readonly members = new Members();
  private readonly planner: Planner;
  private readonly checkpoints: CheckpointRegister;
  private readonly sanctions: Sanctions;
  private readonly pace: Pace;
  private readonly gathering: Gathering;
  private readonly outcomes: Outcomes;
  private attempt: Attempt | undefined;
  private decisions = 0;
  /** Someone came, wants to go or may come back: the next span may have another grid. */
  private hasNews = false;
  private restartReason = "";
  private failures = 0;
  /** Of these, those of workers that lacked the shard that the plan counted on. */
  private lacks = 0;
  /** Why the run is over, once it is. */
  private ending: string | undefined;
  private endingSeconds = 0;
  /** An earlier life ended the run: nobody is known, but there may be workers that still have to hear of it. */
  private isAfterEnd = false;

  constructor(settings: CoordinatorSettings, host: RoleHost, journal: readonly Plain[]) {
    this.settings = settings;
    this.host = host;
    this.rules = runRules(settings);
    this.journal = new CoordinatorJournal(host, journal);
    this.planner = new Planner(settings, host, this.members, this.journal);
    this.checkpoints = new CheckpointRegister(settings, host, this.journal);
    this.sanctions = new Sanctions(settings.faultTolerance, host, this.members, this.planner.parted);
    this.pace = new Pace(settings.faultTolerance);
    this.gathering = new Gathering(settings.faultTolerance, host);
    this.outcomes = new Outcomes(settings, host, this.members, this.planner.stageFlop);
    this.outcomes.remember(this.journal.state);
  }

  start(): void {
    this.gathering.begin();
    this.restartReason = this.journal.state.attempt > 0 ? "coordinator restarted" : "";
    this.host.setTimer(beat, this.settings.faultTolerance.heartbeat);
    this.isAfterEnd = this.journal.state.isFinished;
    if (this.isAfterEnd) this.end("trained");
    else this.consider();
  }

  receive(from: NodeId, message: Message): void {
    // What comes from sockets was checked by `messageSpec`; other hosts pass on what roles made.
    const said = message as ProtocolMessage;
    if (message.tensor !== undefined) this.host.release(message.tensor);
    if (said.kind === "join") this.receiveJoin(from, said);
    else {
      const member = this.members.get(from);
      if (member !== undefined) this.receiveFrom(member, said);
      else if (said.kind === "alive")
        this.send(from, this.ending === undefined ? { kind: "join-again" } : this.endMessage());
    }
  }

  computed(_task: ComputeTask, _result: ComputeResult): void {}
  computeFailed(_task: ComputeTask, _reason: string): void {}

  timer(name: string): void {
    if (name === deadline) this.ranOut();
    if (name !== beat) return;
    this.host.setTimer(beat, this.settings.faultTolerance.heartbeat);
    this.loseSilent();
    if (this.ending !== undefined) this.finishWhenAlone();
    else this.consider();
  }

  disconnected(node: NodeId): void {
    const member = this.members.get(node);
    if (member === undefined || member.isSuspect) return;
    member.isSuspect = true;
    member.heardSeconds = this.host.nowSeconds;
  }

  private send(to: NodeId, message: ProtocolMessage): void {
    this.host.send(to, message);
  }

  private receiveJoin(from: NodeId, message: JoinMessage): void {
    if (this.ending !== undefined) {
      this.send(from, this.endMessage());
      return;
    }
    const { member, isNew } = this.members.join(from, message, this.host.nowSeconds);
    this.send(from, { kind: "welcome", rules: this.rules });
    for (const checkpoint of member.checkpoints) this.learnCheckpoint(member, checkpoint);
    if (!isNew) return;
    this.hasNews = true;
    this.gathering.arrived();
    this.host.record({ kind: "membership", node: from, change: "joined" });
    this.consider();
  }

  private receiveFrom(member: Member, message: ProtocolMessage): void {
    this.members.hear(member, this.host.nowSeconds);
    switch (message.kind) {
      case "alive":
        this.receiveAlive(member, message);
        break;
      case "ready":
        this.receiveReady(member, message);
        break;
      case "abandoned":
        this.receiveAbandoned(member, message);
        break;
      case "checkpointed":
        this.learnCheckpoint(member, message);
        break;
      case "failed":
        this.receiveFailed(member, message);
        break;
      case "blame":
        this.receiveBlame(member, message);
        break;
      case "left":
        this.lose(member, "left", "left");
        if (this.ending !== undefined) this.finishWhenAlone();
        break;
      default:
    }
  }

  private receiveAlive(member: Member, message: AliveMessage): void {
    this.send(member.node, this.ending === undefined ? { kind: "pulse" } : this.endMessage());
    if (!this.members.learnHeld(member, message.sequence, message.held)) return;
    member.status = message;
    if (message.checkpoint !== null) this.learnCheckpoint(member, message.checkpoint);
    if (message.isLeaving) this.letGo(member);
    const { attempt } = this;
    // It missed the plan, or the decision before it.
    if (attempt?.includes(member.node) && !attempt.matches(message)) this.sendPlan(attempt.plan, member.node, true);
  }

  /** Someone wants to go: at once where it is not needed, else at the end of the span. */
  private letGo(member: Member): void {
    if (!member.isLeaving) this.hasNews = true;
    member.isLeaving = true;
    if (this.attempt?.includes(member.node)) return;
    this.send(member.node, { kind: "dismiss" });
  }

  private loseSilent(): void {
    const { heartbeat, timeout } = this.settings.faultTolerance;
    const now = this.host.nowSeconds;
    for (const member of [...this.members.all()]) {
      const patience = member.isSuspect ? Math.min(timeout, 2 * heartbeat) : timeout;
      if (now - member.heardSeconds > patience) this.lose(member, "lost", "silent");
      else if (member.excludedUntilSeconds > 0 && member.excludedUntilSeconds <= now) {
        member.excludedUntilSeconds = Number.NEGATIVE_INFINITY;
        this.hasNews = true;
      }
    }
  }

  private lose(member: Member, change: "lost" | "left", reason: string): void {
    this.members.remove(member.node);
    this.host.record({ kind: "membership", node: member.node, change, reason });
    if (this.attempt?.includes(member.node)) this.giveUp(`worker ${member.node} ${change}`);
  }

  /** Begins an attempt if none is under way and there are workers for it. */
  private consider(): void {
    if (this.attempt !== undefined || this.ending !== undefined || !this.isGathered()) return;
    const options = this.planner.baseOptions;
    const { state } = options;
    const everyone = [...this.members.all()].filter(({ duty }) => duty === "train");
    const version = baseVersion(everyone, options, Math.floor(this.lacks / lacksPerSetback));
    if (version < (state.checkpoints.at(-1) ?? 0) && this.gathering.isWorthWaiting()) return;
    const grid = this.planner.grid(version, false);
    if (grid === undefined) return;
    const number = state.attempt + 1;
    if (version < state.version) {
      const rollbacks = withRollback(state.rollbacks, version, number);
      const checkpoints = state.checkpoints.filter((checkpoint) => checkpoint <= version);
      const evaluatedVersion = Math.min(state.evaluatedVersion, version);
      this.checkpoints.undo(version);
      this.journal.change({ attempt: number, version, decision: null, rollbacks, checkpoints, evaluatedVersion });
    } else this.journal.change({ attempt: number });
    if (number > 1) this.host.record({ kind: "restart", version, attempt: number, reason: this.restartReason });
    this.hasNews = false;
    const plan = this.planner.plan(spanTask(this.settings, this.journal.state), number, grid);
    seatMembers(plan, this.members, this.host, this.journal);
    this.begin(plan, true);
  }

  private isGathered(): boolean {
    const { seats } = this.planner;
    const isThere = (node: NodeId): boolean => this.members.get(node) !== undefined;
    const expected = this.journal.nodes;
    return this.gathering.isDone({ eligible: this.planner.eligible().length, seats, expected, isThere });
  }

  private begin(plan: Plan, isFull: boolean): void {
    const now = this.host.nowSeconds;
    const { microbatches } = this.settings.parallelism;
    const attempt = new Attempt(plan, now, (this.settings.evaluation?.microbatches ?? 0) / microbatches);
    this.attempt = attempt;
    this.gathering.end();
    for (const node of plan.layouts.keys()) this.sendPlan(plan, node, isFull);
    this.host.setTimer(deadline, this.pace.deadlineSeconds(attempt.work));
  }

  private sendPlan(plan: Plan, node: NodeId, isFull: boolean): void {
    const hasLayout = this.members.get(node)?.layoutId === plan.layoutId;
    this.send(node, planMessage(plan, node, this.journal.state.decision, isFull || !hasLayout));
  }

  private giveUp(reason: string, waits = false): void {
    this.attempt = undefined;
    this.restartReason = reason;
    this.gathering.begin();
    this.host.cancelTimer(deadline);
    if (!waits) this.consider();
  }

  /** The attempt takes too long: whoever holds it up is warned, then left out for a while. */
  private ranOut(): void {
    if (this.attempt === undefined) return;
    this.pace.ranOut();
    this.giveUp(this.sanctions.stalled(this.attempt));
  }

  private receiveReady(member: Member, message: ReadyMessage): void {
    const { attempt } = this;
    if (attempt === undefined || !attempt.matches(message)) return;
    if (!attempt.ready(member.node, message)) return;
    const { span, attempt: number } = message;
    const held = { stage: member.stage, version: span, attempt: number, readySpan: span, readyAttempt: number };
    this.members.learnHeld(member, message.sequence, held);
    member.layoutId = attempt.plan.layoutId;
    if (attempt.isComplete) this.decide(attempt);
  }

  /** The attempt counts: from here on nobody may undo it but by going back to a checkpoint. */
  private decide(attempt: Attempt): void {
    const { plan } = attempt;
    const { state } = this.journal;
    const outcome = this.outcomes.of(attempt);
    // Told first: if it never becomes durable, the restart that follows undoes it. The other way round it could be lost.
    this.outcomes.tell(attempt, outcome);
    const evaluatedVersion = plan.evaluation ? plan.span : state.evaluatedVersion;
    if (plan.updates > 0) {
      const { span, updates } = plan;
      const decision = { span, attempt: plan.attempt, updates, squaredNorm: outcome.squaredNorm };
      this.journal.change({ version: span + updates, decision, evaluatedVersion });
    } else if (plan.evaluation) this.journal.change({ evaluatedVersion });
    this.pace.learn(this.host.nowSeconds - attempt.beganSeconds, attempt.work);
    this.decisions += 1;
    this.failures = 0;
    this.lacks = 0;
    if (plan.updates === 0) this.endWhenWritten();
    else this.goOn(plan);
  }

  /** The next span, with the same grid or another. */
  private goOn(plan: Plan): void {
    const task = spanTask(this.settings, this.journal.state);
    const isReview = this.decisions % decisionsPerReview === 0;
    const other = this.planner.otherPlan(plan, task, { hasNews: this.hasNews, isReview });
    this.hasNews = false;
    if (other !== undefined) seatMembers(other, this.members, this.host, this.journal);
    this.begin(other ?? continuePlan(plan, task), other !== undefined);
    this.dismissLeaving();
  }

  private dismissLeaving(): void {
    for (const member of this.members.all()) if (member.isLeaving) this.letGo(member);
  }

  private receiveAbandoned(member: Member, message: AbandonedMessage): void {
    const { attempt, span } = message;
    const isOld =
      attempt < member.abandonedAttempt || (attempt === member.abandonedAttempt && span <= member.abandonedSpan);
    if (isOld) return;
    member.abandonedAttempt = attempt;
    member.abandonedSpan = span;
    this.outcomes.tellAbandoned(member, message);
  }

  private learnCheckpoint(member: Member, checkpoint: CheckpointHeld): void {
    if (this.checkpoints.learn(member, checkpoint)) this.endWhenWritten();
  }

  private receiveFailed(member: Member, message: FailedMessage): void {
    this.members.learnHeld(member, message.sequence, message.held);
    const { attempt } = this;
    if (attempt === undefined || !attempt.matches(message) || !attempt.includes(member.node)) return;
    this.failures += 1;
    const { task, reason } = message;
    if (task === "open" && /^(no|damaged) checkpoint/.test(reason)) this.checkpoints.forget(member, message.span);
    // Where the worker lacks the shard that it was thought to have, it is the plan that was wrong.
    else if (reason.startsWith("no shard")) this.lacks += 1;
    else this.sanctions.strike(member.node, reason);
    if (this.isHopeless) this.end(`no progress: ${reason}`);
    else this.giveUp(`worker ${member.node} failed: ${reason}`);
  }

  private get isHopeless(): boolean {
    return this.failures > maximumFailures * (this.members.size + 1);
  }

  private receiveBlame(member: Member, message: BlameMessage): void {
    if (!this.attempt?.matches(message) || !this.attempt.includes(member.node)) return;
    this.failures += 1;
    this.sanctions.blame(member.node, message);
    if (this.isHopeless) this.end(`no progress: ${message.reason}`);
    // Where these two cannot be kept apart, someone else may come before the next beat.
    else this.giveUp(`worker ${message.node} blamed by ${member.node}`, this.failures > this.members.size);
  }

  private endWhenWritten(): void {
    const { attempt } = this;
    const { state } = this.journal;
    const isDone = state.version >= this.settings.updates && state.checkpoints.includes(state.version);
    if (attempt === undefined || attempt.plan.updates > 0 || !attempt.isComplete || !isDone) return;
    this.journal.change({ isFinished: true });
    this.end("trained");
  }

  private endMessage() {
    return { kind: "end", reason: this.ending ?? "" } as const;
  }

  private end(reason: string): void {
    this.ending = reason;
    this.endingSeconds = this.host.nowSeconds;
    this.attempt = undefined;
    this.host.cancelTimer(deadline);
    for (const { node } of this.members.all()) this.send(node, this.endMessage());
  }

  /** Workers have some time to say that they heard of the end. */
  private finishWhenAlone(): void {
    const isLate = this.host.nowSeconds - this.endingSeconds > 2 * this.settings.faultTolerance.timeout;
    if ((this.members.size > 0 || this.isAfterEnd) && !isLate) return;
    this.host.cancelTimer(beat);
    this.host.finish(this.ending ?? "");
  }
}
