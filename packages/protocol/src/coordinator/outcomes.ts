/** What came of attempts, as it is told to the results, and what it says of speeds. */
import type { RoleHost } from "@shardlab/contracts";
import type { AbandonedMessage } from "../messages.ts";
import type { CoordinatorSettings } from "../settings.ts";
import type { Attempt } from "./attempt.ts";
import { type AttemptReports, evaluationOutcome, type UpdateOutcome, updateOutcome } from "./decision.ts";
import type { DurableState } from "./journal.ts";
import { learnSpeed, type Member, type Members } from "./members.ts";

export interface SpanOutcome {
  readonly updates: readonly UpdateOutcome[];
  /** Of the last update, which is the one that workers may still need it for. */
  readonly squaredNorm: number;
  readonly evaluation: { readonly loss: number; readonly tokens: number } | undefined;
}

export class Outcomes {
  private readonly settings: CoordinatorSettings;
  private readonly host: RoleHost;
  private readonly members: Members;
  private readonly stageFlop: Float64Array;
  /** The last span that was decided in each attempt; attempts from `firstKnownAttempt` on are all here. */
  private readonly decided = new Map<number, number>();
  private firstKnownAttempt = 0;

  constructor(settings: CoordinatorSettings, host: RoleHost, members: Members, stageFlop: Float64Array) {
    this.settings = settings;
    this.host = host;
    this.members = members;
    this.stageFlop = stageFlop;
  }

  of(attempt: Attempt): SpanOutcome {
    const reports = this.reportsOf(attempt);
    const updates = Array.from({ length: attempt.plan.updates }, (_, index) => updateOutcome(reports, index));
    const evaluation = attempt.plan.evaluation ? evaluationOutcome(reports) : undefined;
    return { updates, squaredNorm: updates.at(-1)?.squaredNorm ?? 0, evaluation };
  }

  /** Records a decided span, and learns from it. */
  tell(attempt: Attempt, { updates, evaluation }: SpanOutcome): void {
    const { span, attempt: number } = attempt.plan;
    this.decided.set(number, span);
    if (evaluation !== undefined) this.host.record({ kind: "evaluation", version: span, ...evaluation });
    updates.forEach(({ loss, tokens, squaredNorm }, index) => {
      const gradientNorm = Math.sqrt(squaredNorm);
      this.host.record({ kind: "update", update: span + index, loss, gradientNorm, tokens, attempt: number });
      this.tellContributions(attempt, index);
    });
    if (updates.length > 0) this.learn(attempt);
  }

  /** What an earlier life of the coordinator left. */
  remember({ attempt, decision }: Pick<DurableState, "attempt" | "decision">): void {
    this.firstKnownAttempt = attempt;
    if (decision !== null) this.decided.set(decision.attempt, decision.span);
  }

  /** Work of an attempt that was given up, unless that attempt counted after all, or nobody knows whether it did. */
  tellAbandoned(member: Member, message: AbandonedMessage): void {
    const { span, attempt, stage, microbatches, flop } = message;
    if (attempt < this.firstKnownAttempt || span <= (this.decided.get(attempt) ?? -1)) return;
    const { node, publicKey } = member;
    const work = { stage, update: span, attempt, microbatches, flop };
    this.host.record({ kind: "contribution", node, publicKey, ...work, isCommitted: false });
  }

  private reportsOf(attempt: Attempt): AttemptReports {
    const { parallelism, evaluation } = this.settings;
    return attempt.reports(parallelism.microbatches, evaluation?.microbatches ?? 0);
  }

  private tellContributions(attempt: Attempt, index: number): void {
    const { span, attempt: number, layouts } = attempt.plan;
    for (const [node, ready] of this.reportsOf(attempt).readies) {
      const layout = layouts.get(node);
      const report = ready.reports[index];
      if (layout === undefined || report === undefined) continue;
      this.host.record({
        kind: "contribution",
        node,
        publicKey: this.members.get(node)?.publicKey ?? "",
        stage: layout.stage,
        update: span + index,
        attempt: number,
        microbatches: layout.microbatches.length,
        flop: report.flop,
        isCommitted: true,
      });
    }
  }

  private learn(attempt: Attempt): void {
    const { layouts } = attempt.plan;
    for (const [node, { passFlop, passSeconds, reports }] of this.reportsOf(attempt).readies) {
      const member = this.members.get(node);
      const layout = layouts.get(node);
      if (member === undefined || layout === undefined) continue;
      learnSpeed(member, passFlop, passSeconds);
      member.strikes = 0;
      if (layout.microbatches.length > 0) this.stageFlop[layout.stage] = reports[0].flop / layout.microbatches.length;
    }
  }
}
