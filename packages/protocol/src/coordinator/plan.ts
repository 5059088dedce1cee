/** One attempt at a span: who does what, and from where each gets its shard. */
import type { NodeId } from "@shardlab/contracts";
import type { Decision, PlanMessage, PlanSource, WorkerLayout } from "../messages.ts";
import type { Candidate, Grid } from "../planning/assignment.ts";
import { handoverLayout, layoutsOf } from "../planning/layouts.ts";
import { weightsOf } from "../planning/paths.ts";
import { knownSpeeds } from "../planning/throughput.ts";
import { type BaseOptions, canOpen } from "./base-version.ts";
import { isHolder, type Member } from "./members.ts";

/** What is to be done in a span. */
export interface SpanTask {
  readonly span: number;
  readonly updates: number;
  readonly evaluation: boolean;
  readonly checkpoint: boolean;
}

export interface Plan extends SpanTask {
  readonly attempt: number;
  readonly layoutId: number;
  readonly grid: Grid;
  /** Of everyone in the grid, and of those that only hand a shard over. */
  readonly layouts: ReadonlyMap<NodeId, WorkerLayout>;
  readonly seated: number;
  readonly weights: readonly (readonly number[])[];
  readonly moves: ShardMoves;
  /** Who writes the checkpoint. */
  readonly writers: ReadonlySet<NodeId>;
}

export interface ShardMoves {
  /** Of workers that lack their shard. */
  readonly sources: ReadonlyMap<NodeId, PlanSource>;
  /** Whom a worker sends its shard to. */
  readonly serves: ReadonlyMap<NodeId, { readonly stage: number; readonly to: readonly NodeId[] }>;
}

export const noMoves: ShardMoves = { sources: new Map(), serves: new Map() };

/** Weights of the replicas of each stage by measured speed; all alike where the grid must be rectangular. */
export function gridWeights(grid: Grid, speedOf: (node: NodeId) => number, isRectangular: boolean): number[][] {
  return grid.map((group) => {
    if (isRectangular) return group.map(() => 1);
    return weightsOf([...knownSpeeds(group.map((node) => ({ speed: speedOf(node) })))]);
  });
}

/** What a holder of `version` has; those who are ready for the last decision have its version. */
function targetAt(version: number, { state: { version: decided, decision, rollbacks } }: BaseOptions) {
  return { version, decision: version === decided ? decision : null, rollbacks };
}

/** How every worker of `grid` comes to its shard at `version`. */
export function planMoves(grid: Grid, members: readonly Member[], version: number, options: BaseOptions): ShardMoves {
  const sources = new Map<NodeId, PlanSource>();
  const serves = new Map<NodeId, { stage: number; to: NodeId[] }>();
  const target = targetAt(version, options);
  const seats = new Map(grid.flatMap((group, stage) => group.map((node) => [node, stage] as const)));
  const byNode = new Map(members.map((member) => [member.node, member]));
  grid.forEach((group, stage) => {
    const has = (node: NodeId): boolean => {
      const member = byNode.get(node);
      return member !== undefined && isHolder(member, stage, target);
    };
    const isHeldSomewhere = members.some((member) => isHolder(member, stage, target));
    const opens = (node: NodeId): boolean => {
      const member = byNode.get(node);
      return member !== undefined && (version === 0 || !isHeldSomewhere) && canOpen(member, stage, version, options);
    };
    // Who opens a shard only to hand it over can do so while it has no place of its own.
    const gives = (node: NodeId): boolean =>
      has(node) || (opens(node) && (!seats.has(node) || seats.get(node) === stage));
    const givers = giversOf(group, members, gives);
    let turn = 0;
    for (const node of group) {
      if (has(node)) continue;
      if (opens(node)) sources.set(node, version === 0 ? { from: "initial" } : { from: "checkpoint" });
      else if (givers.length > 0) {
        const giver = givers[turn++ % givers.length];
        sources.set(node, { from: "peer", node: giver });
        if (!has(giver)) sources.set(giver, { from: "checkpoint" });
        const served = serves.get(giver);
        if (served === undefined) serves.set(giver, { stage, to: [node] });
        else served.to.push(node);
      }
    }
  });
  return { sources, serves };
}

/** Who can give a stage's shard away: replicas of the stage, else anybody who has it. */
function giversOf(group: readonly NodeId[], members: readonly Member[], gives: (node: NodeId) => boolean): NodeId[] {
  const replicas = group.filter(gives);
  return replicas.length > 0 ? replicas : members.map(({ node }) => node).filter(gives);
}

export interface PlanProblem {
  readonly task: SpanTask;
  readonly attempt: number;
  readonly layoutId: number;
  readonly grid: Grid;
  readonly weights: readonly (readonly number[])[];
  readonly moves: ShardMoves;
  readonly microbatches: number;
  readonly evaluationMicrobatches: number;
  readonly verifiers: readonly NodeId[];
  readonly publicKeyOf: (node: NodeId) => string;
  readonly checkpointsAreShared: boolean;
}

export function makePlan(problem: PlanProblem): Plan {
  const { task, attempt, layoutId, grid, weights, moves } = problem;
  const layouts = layoutsOf({ ...problem, id: layoutId });
  const seated = layouts.size;
  for (const [node, { stage }] of moves.serves) {
    if (!layouts.has(node)) layouts.set(node, handoverLayout(layoutId, stage));
  }
  const writers = new Set(problem.checkpointsAreShared ? grid.map((group) => group[0]) : grid.flat());
  return { ...task, attempt, layoutId, grid, layouts, seated, weights, moves, writers };
}

/** The same grid goes on with the next span; who only handed a shard over is not needed any more. */
export function continuePlan(plan: Plan, task: SpanTask): Plan {
  return { ...plan, ...task, moves: noMoves };
}

/** What a plan says to one worker. */
export function planMessage(plan: Plan, node: NodeId, decision: Decision | null, isFull: boolean): PlanMessage {
  const { span, updates, attempt, layoutId, moves, evaluation } = plan;
  const layout = isFull ? plan.layouts.get(node) : undefined;
  const served = moves.serves.get(node);
  return {
    kind: "plan",
    span,
    updates,
    attempt,
    decision,
    layoutId,
    ...(layout === undefined ? {} : { layout }),
    source: moves.sources.get(node) ?? { from: "held" },
    serve: served?.to ?? [],
    serveStage: served?.stage ?? -1,
    checkpoint: plan.checkpoint && plan.writers.has(node),
    evaluation,
  };
}

/** A member as someone to be assigned, when an attempt begins at `version`. */
export function candidateOf(member: Member, version: number, options: BaseOptions): Candidate {
  const { node, speed } = member;
  const target = targetAt(version, options);
  const held = member.held?.stage ?? -1;
  const isCurrent = held >= 0 && isHolder(member, held, target);
  if (isCurrent) return { node, speed, stage: member.stage >= 0 ? member.stage : held, heldStage: held };
  const openable = options.checkpointsAreShared || version === 0 ? -1 : openableStage(member, version, options);
  return { node, speed, stage: openable >= 0 ? openable : member.stage, heldStage: openable };
}

/** A stage that a member alone can open from its own disk: its place in the grid, or another. */
function openableStage(member: Member, version: number, options: BaseOptions): number {
  if (member.stage >= 0 && canOpen(member, member.stage, version, options)) return member.stage;
  const found = member.checkpoints.find(
    (one) => one.version === version && canOpen(member, one.stage, version, options),
  );
  return found?.stage ?? -1;
}
