/**
 * Equilibria of players who choose with noise: shares x_i in proportion to exp(precision u_i(x)), McKelvey and Palfrey, "Quantal
 * response equilibria for normal form games" (Games and Economic Behavior 10, 1995). Without precision all strategies are alike;
 * the branch that begins there leads, for almost all games, to one equilibrium of players without noise, its limit.
 *
 * The branch is followed as a curve in (log x, precision), by its tangent and Newton's steps back to it across the tangent,
 * because it may turn back in precision (Turocy, "A dynamic homotopy interpretation of the logistic quantal response equilibrium
 * correspondence", Games and Economic Behavior 51, 2005). Precision is counted in units of 1 / (range of payoffs).
 *
 * Limits: of several branches the principal one alone; the last point is near its limit, not at it. Checked: that points are
 * fixed points of the logistic choice between two strategies, through a turn as well; that noise costs no more than the entropy
 * that it buys; and that coordination ends at the risk-dominant equilibrium.
 */
import { exp, log } from "@shardlab/numerics";
import type { PopulationGame } from "./game.ts";
import { solveLinear } from "./linear-system.ts";

export interface LogitPoint {
  readonly precision: number;
  readonly shares: Float64Array;
}

export interface LogitBranch {
  readonly points: readonly LogitPoint[];
  /** Whether the precision asked for was reached. */
  readonly isComplete: boolean;
}

const mostSteps = 5000;
const largestStep = 2;
const smallestStep = 1e-7;
const accuracy = 1e-11;
const newtonSteps = 8;

/** Follows the principal branch of one population up to `precision` (default: 100, in units of 1 / scale). */
export function logitBranch(game: PopulationGame, precision = 100): LogitBranch {
  const curve = new Curve(game);
  const size = game.strategies;
  let at = new Float64Array(size + 1).fill(-log(size));
  at[size] = 0;
  let tangent = new Float64Array(size + 1);
  tangent[size] = 1;
  tangent = curve.tangentAt(at, tangent) ?? tangent;
  const points = [curve.point(at)];
  let step = 0.05;
  for (let count = 0; count < mostSteps && at[size] < precision; count++) {
    const from = at;
    const along = tangent;
    const next = curve.correct(
      from.map((value, i) => value + step * along[i]),
      along,
    );
    const turned = next && curve.tangentAt(next, along);
    // A sharp turn within one step may be a jump to another branch.
    const isSmooth = turned !== undefined && turned.reduce((sum, part, i) => sum + part * along[i], 0) > 0.9;
    if (next === undefined || turned === undefined || !isSmooth) {
      step /= 2;
      if (step < smallestStep) return { points, isComplete: false };
      continue;
    }
    at = next;
    tangent = turned;
    points.push(curve.point(at));
    step = Math.min(largestStep, 1.3 * step);
  }
  return { points, isComplete: at[size] >= precision };
}

/** The curve on which log x_i - log x_0 = precision (u_i - u_0) for all i, and the shares sum to 1. */
class Curve {
  private readonly game: PopulationGame;
  private readonly shares: Float64Array;
  private readonly payoffs: Float64Array;
  private readonly jacobian: Float64Array;
  private readonly system: Float64Array;
  private readonly solution: Float64Array;

  constructor(game: PopulationGame) {
    const size = game.strategies;
    this.game = game;
    this.shares = new Float64Array(size);
    this.payoffs = new Float64Array(size);
    this.jacobian = new Float64Array(size * size);
    this.system = new Float64Array((size + 1) * (size + 2));
    this.solution = new Float64Array(size + 1);
  }

  point(at: Float64Array): LogitPoint {
    const size = this.game.strategies;
    const shares = at.slice(0, size).map(exp);
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { precision: at[size], shares: shares.map((share) => share / total) };
  }

  /** The unit tangent that goes on as `before` does; undefined where there is none. */
  tangentAt(at: Float64Array, before: Float64Array): Float64Array<ArrayBuffer> | undefined {
    const size = this.game.strategies;
    this.linearize(at);
    this.border(before, 1);
    for (let row = 0; row < size; row++) this.system[row * (size + 2) + size + 1] = 0;
    if (!this.solve()) return undefined;
    const length = Math.sqrt(this.solution.reduce((sum, part) => sum + part * part, 0));
    return this.solution.map((part) => part / length);
  }

  /** Newton's steps back to the curve, across `along`. */
  correct(guess: Float64Array<ArrayBuffer>, along: Float64Array): Float64Array<ArrayBuffer> | undefined {
    let at = guess;
    for (let step = 0; step < newtonSteps; step++) {
      const residual = this.linearize(at);
      if (residual < accuracy) return at;
      if (!(residual < 1e6)) return undefined;
      this.border(along, 0);
      if (!this.solve()) return undefined;
      const change = this.solution;
      at = at.map((value, i) => value + change[i]);
    }
    return this.linearize(at) < 1e-8 ? at : undefined;
  }

  /** Fills the system with derivatives and what is missing to 0; returns the greatest of these. */
  private linearize(at: Float64Array): number {
    const { game, shares, payoffs, jacobian, system } = this;
    const { strategies: size, scale } = game;
    const width = size + 2;
    for (let i = 0; i < size; i++) shares[i] = exp(at[i]);
    game.payoffsAt(shares, payoffs);
    game.jacobianAt(shares, jacobian);
    const precision = at[size];
    let total = 0;
    for (let j = 0; j < size; j++) {
      total += shares[j];
      system[j] = shares[j];
    }
    system[size] = 0;
    system[size + 1] = 1 - total;
    let greatest = Math.abs(1 - total);
    for (let i = 1; i < size; i++) {
      const row = i * width;
      for (let j = 0; j < size; j++) {
        const lead = (jacobian[i * size + j] - jacobian[j]) / scale;
        system[row + j] = (j === i ? 1 : 0) - (j === 0 ? 1 : 0) - precision * lead * shares[j];
      }
      const lead = (payoffs[i] - payoffs[0]) / scale;
      system[row + size] = -lead;
      system[row + size + 1] = precision * lead - (at[i] - at[0]);
      greatest = Math.max(greatest, Math.abs(system[row + size + 1]));
    }
    return greatest;
  }

  /** The last equation: how far to go along a direction. */
  private border(along: Float64Array, distance: number): void {
    const size = this.game.strategies;
    this.system.set(along, size * (size + 2));
    this.system[size * (size + 2) + size + 1] = distance;
  }

  private solve(): boolean {
    const size = this.game.strategies;
    return solveLinear({ system: this.system, rows: size + 1, unknowns: size + 1 }, this.solution).solutions === "one";
  }
}
