/**
 * Who holds which stage. The swarm is as fast as its weakest stage, so that is where who joins goes; workers move when the
 * throughput falls below a share of what it could be (the rules of Petals: Borzunov et al., "Distributed inference and
 * fine-tuning of large language models over the internet", NeurIPS 2023, sec. 3.2).
 */
import type { NodeId } from "@shardlab/contracts";
import { knownSpeeds, potentialThroughput, weakestStage } from "./throughput.ts";

/**
 * Someone who could hold a stage.
 *
 * @property stage that it has now, or -1.
 * @property heldStage whose shard it has in memory at the version needed, or -1.
 * @property speed FLOP per second, NaN where unknown.
 */
export interface Candidate {
  readonly node: NodeId;
  readonly stage: number;
  readonly heldStage: number;
  readonly speed: number;
}

export interface AssignmentProblem {
  readonly stages: number;
  /** Workers that have a place at most, over all stages. */
  readonly seats: number;
  readonly maximumReplicas: number;
  /** Whether all stages must have equally many replicas. */
  readonly isRectangular: boolean;
  /** FLOP of a microbatch at each stage; equal numbers where unknown. */
  readonly stageFlop: Float64Array;
  /** Workers move while throughput is below this share of what it could be; 0 keeps everybody in place. */
  readonly rebalanceBelow: number;
}

/** Nodes of each stage in rank order, which is that of their numbers. */
export type Grid = readonly (readonly NodeId[])[];

/** @returns undefined where there are fewer candidates than stages */
export function assignStages(candidates: readonly Candidate[], problem: AssignmentProblem): Grid | undefined {
  if (candidates.length < problem.stages) return undefined;
  const seating = new Seating(candidates, problem);
  if (problem.isRectangular) seating.levelTo(Math.min(problem.maximumReplicas, rowsOf(candidates.length, problem)));
  else seating.trim();
  seating.fillEmptyStages();
  seating.seatIdle();
  if (!problem.isRectangular && problem.rebalanceBelow > 0) seating.rebalance();
  return seating.grid();
}

const rowsOf = (count: number, { stages, seats }: AssignmentProblem): number =>
  Math.min(Math.floor(seats / stages), Math.floor(count / stages));

/** Candidates by index, each in a stage or idle (-1). */
class Seating {
  private readonly candidates: readonly Candidate[];
  private readonly problem: AssignmentProblem;
  private readonly speeds: Float64Array;
  private readonly stageOf: Int32Array;
  private readonly replicas: Int32Array;
  private readonly rates: Float64Array;
  private maximumReplicas: number;
  private seats: number;

  constructor(candidates: readonly Candidate[], problem: AssignmentProblem) {
    this.candidates = candidates.toSorted((a, b) => a.node - b.node);
    this.problem = problem;
    this.speeds = knownSpeeds(this.candidates);
    this.stageOf = new Int32Array(candidates.length).fill(-1);
    this.replicas = new Int32Array(problem.stages);
    this.rates = new Float64Array(problem.stages);
    this.maximumReplicas = problem.maximumReplicas;
    this.seats = problem.seats;
    this.candidates.forEach(({ stage }, index) => {
      if (stage >= 0 && stage < problem.stages) this.move(index, stage);
    });
  }

  /** Every stage shall have `rows` replicas: those beyond become idle. */
  levelTo(rows: number): void {
    this.maximumReplicas = rows;
    this.seats = rows * this.problem.stages;
    this.trim();
  }

  trim(): void {
    for (let stage = 0; stage < this.problem.stages; stage++) {
      while (this.replicas[stage] > this.maximumReplicas) this.move(this.leastUseful(stage), -1);
    }
    while (this.seated() > this.seats) this.move(this.leastUseful(this.strongest(-1)), -1);
  }

  fillEmptyStages(): void {
    for (let stage = 0; stage < this.problem.stages; stage++) {
      if (this.replicas[stage] > 0) continue;
      const idle = this.seated() < this.seats ? this.bestIdle(stage) : -1;
      this.move(idle >= 0 ? idle : this.leastUseful(this.strongest(stage)), stage);
    }
  }

  /** Whoever is idle goes to the weakest stage, while there are places. */
  seatIdle(): void {
    for (let seated = this.seated(); seated < this.seats; seated++) {
      const stage = weakestStage(this.rates, this.replicas, (s) => this.replicas[s] < this.maximumReplicas);
      const index = stage < 0 ? -1 : this.bestIdle(stage);
      if (index < 0) return;
      this.move(index, stage);
    }
  }

  /** Moves workers to the weakest stage, one at a time, while that helps and is needed. */
  rebalance(): void {
    const { stageFlop, rebalanceBelow } = this.problem;
    const seatedSpeeds = this.speeds.filter((_, index) => this.stageOf[index] >= 0);
    const potential = potentialThroughput(seatedSpeeds, stageFlop, this.maximumReplicas);
    for (let moves = 0; moves < this.candidates.length; moves++) {
      const weakest = weakestStage(this.rates, this.replicas);
      const actual = this.rates[weakest];
      if (actual >= rebalanceBelow * potential || this.replicas[weakest] >= this.maximumReplicas) return;
      const mover = this.bestMover(weakest);
      if (mover < 0) return;
      this.move(mover, weakest);
    }
  }

  grid(): Grid {
    return Array.from({ length: this.problem.stages }, (_, stage) =>
      this.candidates.filter((_, index) => this.stageOf[index] === stage).map(({ node }) => node),
    );
  }

  private seated(): number {
    return this.replicas.reduce((sum, replicas) => sum + replicas, 0);
  }

  private move(index: number, stage: number): void {
    const before = this.stageOf[index];
    if (before >= 0) this.replicas[before] -= 1;
    this.stageOf[index] = stage;
    if (stage >= 0) this.replicas[stage] += 1;
    if (before >= 0) this.rates[before] = this.rateOf(before);
    if (stage >= 0) this.rates[stage] = this.rateOf(stage);
  }

  private rateOf(stage: number): number {
    let speed = 0;
    for (let index = 0; index < this.stageOf.length; index++) {
      if (this.stageOf[index] === stage) speed += this.speeds[index];
    }
    return speed / this.problem.stageFlop[stage];
  }

  /** Who of a stage is missed least: one that lacks the shard, else the slowest, else the last. */
  private leastUseful(stage: number): number {
    let best = -1;
    for (let index = 0; index < this.stageOf.length; index++) {
      if (this.stageOf[index] !== stage) continue;
      if (best < 0 || this.isLessUseful(index, best, stage)) best = index;
    }
    return best;
  }

  private isLessUseful(index: number, other: number, stage: number): boolean {
    const holds = this.candidates[index].heldStage === stage;
    const otherHolds = this.candidates[other].heldStage === stage;
    if (holds !== otherHolds) return !holds;
    return this.speeds[index] <= this.speeds[other];
  }

  /** An idle candidate for a stage: one that has its shard, else the first; -1 where nobody is idle. */
  private bestIdle(stage: number): number {
    let first = -1;
    for (let index = 0; index < this.stageOf.length; index++) {
      if (this.stageOf[index] >= 0) continue;
      if (this.candidates[index].heldStage === stage) return index;
      if (first < 0) first = index;
    }
    return first;
  }

  /** The stage with the most throughput that can spare somebody, `except` left out. */
  private strongest(except: number): number {
    let best = -1;
    for (let stage = 0; stage < this.rates.length; stage++) {
      if (stage === except || this.replicas[stage] < 2) continue;
      if (best < 0 || this.rates[stage] > this.rates[best]) best = stage;
    }
    return best;
  }

  /** Whose move to `weakest` leaves the greatest minimum of both stages; -1 where no move raises it. */
  private bestMover(weakest: number): number {
    const { stageFlop } = this.problem;
    let best = -1;
    let bestRate = this.rates[weakest];
    for (let index = 0; index < this.stageOf.length; index++) {
      const from = this.stageOf[index];
      if (from < 0 || from === weakest || this.replicas[from] < 2) continue;
      const left = this.rates[from] - this.speeds[index] / stageFlop[from];
      const raised = this.rates[weakest] + this.speeds[index] / stageFlop[weakest];
      if (Math.min(left, raised) <= bestRate) continue;
      best = index;
      bestRate = Math.min(left, raised);
    }
    return best;
  }
}
