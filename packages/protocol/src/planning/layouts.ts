/** What each worker of a grid is told of it. */
import type { NodeId } from "@shardlab/contracts";
import type { WorkerLayout } from "../messages.ts";
import type { Grid } from "./assignment.ts";
import { dealMicrobatches } from "./paths.ts";

export interface LayoutProblem {
  readonly id: number;
  readonly grid: Grid;
  /** Whole weights of the replicas of each stage, in rank order. */
  readonly weights: readonly (readonly number[])[];
  readonly microbatches: number;
  readonly evaluationMicrobatches: number;
  readonly verifiers: readonly NodeId[];
  /** Public key of a node; empty where nothing is signed. */
  readonly publicKeyOf: (node: NodeId) => string;
}

/** Node that has each microbatch, at each stage. */
type Owners = readonly (readonly NodeId[])[];

/** The layout of every node in the grid. */
export function layoutsOf(problem: LayoutProblem): Map<NodeId, WorkerLayout> {
  const { grid, weights } = problem;
  const ownersOf = (count: number): Owners =>
    grid.map((group, stage) => Array.from(dealMicrobatches(count, weights[stage]), (rank) => group[rank]));
  const training = ownersOf(problem.microbatches);
  const evaluation = ownersOf(problem.evaluationMicrobatches);
  const layouts = new Map<NodeId, WorkerLayout>();
  grid.forEach((group, stage) => {
    const own = ownMicrobatches(training[stage], group);
    const ownEvaluation = ownMicrobatches(evaluation[stage], group);
    group.forEach((node, rank) => {
      const trained = own[rank];
      const evaluated = ownEvaluation[rank];
      const neighbours = {
        previous: ownersAt(training, stage - 1, trained),
        next: ownersAt(training, stage + 1, trained),
        evaluationPrevious: ownersAt(evaluation, stage - 1, evaluated),
        evaluationNext: ownersAt(evaluation, stage + 1, evaluated),
        ...tiesOf(grid, stage, rank),
      };
      layouts.set(node, {
        id: problem.id,
        stage,
        group,
        microbatches: trained,
        evaluationMicrobatches: evaluated,
        ...neighbours,
        keys: keysOf(
          [...neighbours.previous, ...neighbours.next, ...neighbours.evaluationPrevious, ...neighbours.evaluationNext],
          problem,
        ),
        verifiers: problem.verifiers,
      });
    });
  });
  return layouts;
}

/** The layout of one that only hands its shard over. */
export function handoverLayout(id: number, stage: number): WorkerLayout {
  return {
    id,
    stage,
    group: [],
    microbatches: [],
    previous: [],
    next: [],
    evaluationMicrobatches: [],
    evaluationPrevious: [],
    evaluationNext: [],
    tiedTo: [],
    tiedFrom: -1,
    keys: [],
    verifiers: [],
  };
}

function ownMicrobatches(owners: readonly NodeId[], group: readonly NodeId[]): number[][] {
  const rankOf = new Map(group.map((node, rank) => [node, rank]));
  const own: number[][] = group.map(() => []);
  owners.forEach((node, microbatch) => {
    own[rankOf.get(node) ?? 0].push(microbatch);
  });
  return own;
}

const ownersAt = (owners: Owners, stage: number, microbatches: readonly number[]): NodeId[] =>
  stage < 0 || stage >= owners.length ? [] : microbatches.map((microbatch) => owners[stage][microbatch]);

/** Partners between the first and the last stage: rank r takes from rank r modulo the other stage's replicas. */
function tiesOf(grid: Grid, stage: number, rank: number): { tiedTo: NodeId[]; tiedFrom: NodeId } {
  const last = grid.length - 1;
  if (last === 0 || (stage !== 0 && stage !== last)) return { tiedTo: [], tiedFrom: -1 };
  const others = grid[stage === 0 ? last : 0];
  return {
    tiedTo: others.filter((_, other) => other % grid[stage].length === rank),
    tiedFrom: others[rank % others.length],
  };
}

function keysOf(nodes: readonly NodeId[], { publicKeyOf }: LayoutProblem): WorkerLayout["keys"] {
  const keys: { node: NodeId; publicKey: string }[] = [];
  for (const node of new Set(nodes)) {
    const publicKey = publicKeyOf(node);
    if (publicKey !== "") keys.push({ node, publicKey });
  }
  return keys;
}
