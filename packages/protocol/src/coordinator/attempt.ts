/** The attempt that is under way. */
import type { NodeId } from "@shardlab/contracts";
import type { ReadyMessage } from "../messages.ts";
import { type AttemptReports, fits } from "./decision.ts";
import type { Members } from "./members.ts";
import type { SpanWork } from "./pace.ts";
import type { Plan } from "./plan.ts";
import { findStalls, type StalledWorker, type StallFindings } from "./stalls.ts";

export class Attempt {
  readonly plan: Plan;
  readonly beganSeconds: number;
  /** What the span weighs, for judging how long it takes. */
  readonly work: SpanWork;
  private readonly readies = new Map<NodeId, ReadyMessage>();

  constructor(plan: Plan, beganSeconds: number, evaluationShare: number) {
    this.plan = plan;
    this.beganSeconds = beganSeconds;
    const updates = plan.updates + (plan.evaluation ? evaluationShare : 0);
    this.work = { updates, hasMoves: plan.moves.sources.size > 0 };
  }

  get isComplete(): boolean {
    return this.readies.size === this.plan.seated;
  }

  matches({ span, attempt }: { readonly span: number; readonly attempt: number }): boolean {
    return span === this.plan.span && attempt === this.plan.attempt;
  }

  includes(node: NodeId): boolean {
    return this.plan.layouts.has(node);
  }

  isReady(node: NodeId): boolean {
    return this.readies.has(node);
  }

  /** Counts a worker as ready; false where its reports are not what its layout asks for, or it is counted already. */
  ready(node: NodeId, message: ReadyMessage): boolean {
    const layout = this.plan.layouts.get(node);
    if (layout === undefined || layout.group.length === 0 || this.readies.has(node)) return false;
    if (!fits(message, layout, this.plan.updates, layout.stage === this.plan.grid.length - 1)) return false;
    this.readies.set(node, message);
    return true;
  }

  reports(microbatches: number, evaluationMicrobatches: number): AttemptReports {
    const { grid, layouts } = this.plan;
    return { grid, layouts, readies: this.readies, microbatches, evaluationMicrobatches };
  }

  stalls(members: Members): StallFindings {
    const workers = new Map<NodeId, StalledWorker>();
    for (const [node, layout] of this.plan.layouts) {
      if (layout.group.length === 0) continue;
      const status = members.get(node)?.status;
      const isOfAttempt = status !== undefined && this.matches(status);
      workers.set(node, { node, layout, isReady: this.isReady(node), status: isOfAttempt ? status : undefined });
    }
    return findStalls(workers, this.plan.span, this.plan.evaluation);
  }
}
