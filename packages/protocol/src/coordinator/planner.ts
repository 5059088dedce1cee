/** Makes plans: who is eligible, who holds which stage, and whether moving workers is worth it. */
import type { NodeId, RoleHost } from "@shardlab/contracts";
import { type AssignmentProblem, assignStages, type Candidate, type Grid } from "../planning/assignment.ts";
import type { CoordinatorSettings } from "../settings.ts";
import { isSigning, nullSigner } from "../signing.ts";
import type { BaseOptions } from "./base-version.ts";
import type { CoordinatorJournal } from "./journal.ts";
import type { Member, Members } from "./members.ts";
import { candidateOf, gridWeights, makePlan, type Plan, planMoves, type SpanTask } from "./plan.ts";
import { PartedPairs } from "./stalls.ts";

export class Planner {
  /** FLOP of a microbatch at each stage, NaN before it is known. */
  readonly stageFlop: Float64Array;
  readonly parted = new PartedPairs();
  private readonly settings: CoordinatorSettings;
  private readonly host: RoleHost;
  private readonly members: Members;
  private readonly journal: CoordinatorJournal;
  private lastLayoutId = 0;

  constructor(settings: CoordinatorSettings, host: RoleHost, members: Members, journal: CoordinatorJournal) {
    this.settings = settings;
    this.host = host;
    this.members = members;
    this.journal = journal;
    this.stageFlop = new Float64Array(settings.parallelism.stages).fill(Number.NaN);
  }

  get baseOptions(): BaseOptions {
    const { checkpointsAreShared, parallelism } = this.settings;
    return { state: this.journal.state, stages: parallelism.stages, checkpointsAreShared };
  }

  get seats(): number {
    return this.settings.parallelism.stages * this.settings.parallelism.replicas;
  }

  get isRectangular(): boolean {
    return this.settings.parallelism.schedule.kind === "asynchronous";
  }

  /**
   * Who may be given a stage. Those that were excluded, and those that want to go, are taken only where there are not
   * enough others.
   */
  eligible(): Member[] {
    const now = this.host.nowSeconds;
    const trainers = [...this.members.all()].filter(({ duty }) => duty === "train");
    const { stages } = this.settings.parallelism;
    const isIn = (member: Member): boolean => member.excludedUntilSeconds <= now;
    const willing = trainers.filter((member) => isIn(member) && !member.isLeaving);
    if (willing.length >= stages) return willing;
    const leaving = trainers.filter((member) => isIn(member) && member.isLeaving);
    const excluded = trainers.filter((member) => !isIn(member));
    excluded.sort((a, b) => a.excludedUntilSeconds - b.excludedUntilSeconds || a.node - b.node);
    const lacking = stages - willing.length;
    return [...willing, ...[...leaving, ...excluded].slice(0, lacking)];
  }

  /** @returns undefined where there are too few workers */
  grid(version: number, isRebalancing: boolean): Grid | undefined {
    const candidates = this.eligible().map((member) => candidateOf(member, version, this.baseOptions));
    const problem = this.problem(isRebalancing ? this.settings.faultTolerance.rebalanceBelow : 0);
    return this.aroundParted(candidates, problem);
  }

  plan(task: SpanTask, attempt: number, grid: Grid): Plan {
    const { parallelism, evaluation, checkpointsAreShared, signer } = this.settings;
    const isSigned = isSigning(signer ?? nullSigner);
    this.lastLayoutId += 1;
    const everyone = [...this.members.all()].filter(({ duty }) => duty === "train");
    return makePlan({
      task,
      attempt,
      layoutId: this.lastLayoutId,
      grid,
      weights: this.weights(grid),
      moves: planMoves(grid, everyone, task.span, this.baseOptions),
      microbatches: parallelism.microbatches,
      evaluationMicrobatches: evaluation?.microbatches ?? 0,
      verifiers: this.members.verifiers(),
      publicKeyOf: (node) => (isSigned ? (this.members.get(node)?.publicKey ?? "") : ""),
      checkpointsAreShared,
    });
  }

  /**
   * A plan for the next span in the place of going on with `plan`: where someone came or goes, where a review finds that
   * workers should move or have other shares, or where those that handed a shard over are not needed any more.
   * @returns undefined where nothing changes
   */
  otherPlan(
    plan: Plan,
    task: SpanTask,
    why: { readonly hasNews: boolean; readonly isReview: boolean },
  ): Plan | undefined {
    const isReview = why.isReview && !this.isRectangular;
    const isSettled = plan.layouts.size === plan.seated;
    if (!why.hasNews && !isReview && isSettled) return undefined;
    const grid = this.grid(task.span, isReview);
    if (grid === undefined) return undefined;
    const isSame = isSameGrid(grid, plan.grid) && this.hasWeights(plan);
    return isSame && isSettled ? undefined : this.plan(task, plan.attempt, grid);
  }

  /** Whether the weights of a plan are still those that the measured speeds ask for. */
  private hasWeights(plan: Plan): boolean {
    return JSON.stringify(this.weights(plan.grid)) === JSON.stringify(plan.weights);
  }

  private weights(grid: Grid): number[][] {
    return gridWeights(grid, (node) => this.members.get(node)?.speed ?? Number.NaN, this.isRectangular);
  }

  private problem(rebalanceBelow: number): AssignmentProblem {
    const { stages, microbatches, replicas } = this.settings.parallelism;
    const isKnown = this.stageFlop.every((flop) => flop > 0);
    return {
      stages,
      seats: this.seats,
      maximumReplicas: this.isRectangular ? replicas : microbatches,
      isRectangular: this.isRectangular,
      stageFlop: isKnown ? this.stageFlop : new Float64Array(stages).fill(1),
      rebalanceBelow,
    };
  }

  /** Leaves out one of each pair that cannot reach each other, while there are enough others. */
  private aroundParted(candidates: readonly Candidate[], problem: AssignmentProblem): Grid | undefined {
    const pairs = this.parted.now(this.host.nowSeconds);
    let left = candidates;
    let grid = assignStages(left, problem);
    for (const pair of pairs) {
      if (grid === undefined || left.length <= problem.stages) break;
      if (!meet(grid, pair)) continue;
      const fewer = left.filter(({ node }) => node !== lessNeeded(left, pair));
      grid = assignStages(fewer, problem);
      left = fewer;
    }
    return grid;
  }
}

const isSameGrid = (a: Grid, b: Grid): boolean =>
  a.length === b.length &&
  a.every((group, stage) => group.length === b[stage].length && group.every((node, rank) => node === b[stage][rank]));

/** Whether two nodes have to do with one another: same stage, or neighbours, or the two ends of the pipeline. */
function meet(grid: Grid, [a, b]: readonly [NodeId, NodeId]): boolean {
  const stageA = grid.findIndex((group) => group.includes(a));
  const stageB = grid.findIndex((group) => group.includes(b));
  if (stageA < 0 || stageB < 0) return false;
  const distance = Math.abs(stageA - stageB);
  return distance <= 1 || distance === grid.length - 1;
}

/** Of a pair, the one whose stage has more replicas to spare; of two alike, the later one. */
function lessNeeded(candidates: readonly Candidate[], [a, b]: readonly [NodeId, NodeId]): NodeId {
  const replicasOf = (node: NodeId): number => {
    const stage = candidates.find((candidate) => candidate.node === node)?.stage;
    return candidates.filter((candidate) => candidate.stage === stage).length;
  };
  const [ofA, ofB] = [replicasOf(a), replicasOf(b)];
  if (ofA !== ofB) return ofA > ofB ? a : b;
  return Math.max(a, b);
}
