/**
 * How a population changes when strategies spread by what they earn: dx_i/dt = x_i (u_i(x) - u(x)), Taylor and Jonker,
 * "Evolutionary stable strategies and game dynamics" (Mathematical Biosciences 40, 1978).
 *
 * Integrated by Dormand and Prince's method of order 5(4) (J. Computational and Applied Mathematics 6, 1980) with a step held
 * to an error of 1e-9 a step. Time is counted in units of 1 / (range of payoffs), so that multiplying all payoffs changes
 * nothing. What starts at 0 stays at 0.
 *
 * Limits: no more than 20,000 steps are taken; one starting point says nothing of others. A path that passes a rest point
 * slower than 1e-9 counts as ended there. Checked against the closed form of games with two strategies, and the constants of
 * motion of rock-paper-scissors and of two populations.
 */
import { pow } from "@shardlab/numerics";
import type { PopulationGame } from "./game.ts";

/**
 * @property longest time after which a path is left, in units of 1 / scale (default: 10,000).
 * @property points the most that are kept along the way, besides the first and the last; 0 unless given.
 */
export interface ReplicatorOptions {
  readonly longest?: number;
  readonly points?: number;
}

/**
 * @property shares points x strategies along the path, the first and the last among them.
 * @property times of the points.
 * @property end the shares at the end.
 * @property ended whether the population came to rest, or time was up (it cycles, or is slow).
 */
export interface ReplicatorPath {
  readonly shares: Float64Array;
  readonly times: Float64Array;
  readonly end: Float64Array;
  readonly ended: "at rest" | "time up";
}

const stepError = 1e-9;
const restSpeed = 1e-9;
const largestStep = 5;
/** Of a path whose points are kept, so that lines between them look smooth. */
const largestStepKept = 0.5;
const mostSteps = 20_000;

/** Stages of Dormand and Prince: row s holds what stage s + 1 takes of the earlier slopes; the last is the solution itself. */
const stages: readonly (readonly number[])[] = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** The solution of order 5 minus that of order 4. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/**
 * Follows the population from `start`: shares of each population, that sum to 1.
 * @throws Error `invalid start: ...`
 */
export function replicatorPath(
  game: PopulationGame,
  start: Float64Array,
  { longest = 10_000, points = 0 }: ReplicatorOptions = {},
): ReplicatorPath {
  checkStart(game, start);
  const flow = new Flow(game);
  const state = Float64Array.from(start);
  const kept = new Kept(state.length, points);
  kept.add(0, state);
  const largest = points > 0 ? largestStepKept : largestStep;
  let time = 0;
  let step = 0.01;
  let ended: ReplicatorPath["ended"] = "time up";
  for (let count = 0; count < mostSteps && time < longest; count++) {
    if (flow.begin(state) < restSpeed) {
      ended = "at rest";
      break;
    }
    const taken = Math.min(step, longest - time);
    const error = flow.tryStep(state, taken);
    // Order 5: the error goes with the fifth power of the step.
    const factor = error === 0 ? 5 : 0.9 * pow(stepError / error, 0.2);
    step = Math.min(largest, taken * Math.min(5, Math.max(0.2, factor)));
    if (error > stepError) continue;
    time += taken;
    flow.accept(state);
    kept.add(time, state);
  }
  return { ...kept.finish(time, state), end: state, ended };
}

function checkStart(game: PopulationGame, start: Float64Array): void {
  if (start.length !== game.strategies)
    throw new Error(`invalid start: ${start.length} shares (expected ${game.strategies})`);
  for (const [from, to] of blocksOf(game)) {
    const shares = start.subarray(from, to);
    const total = shares.reduce((sum, share) => sum + share, 0);
    const isMix = shares.every((share) => share >= 0) && Math.abs(total - 1) < 1e-9;
    if (!isMix) throw new Error(`invalid start: shares that sum to ${total} (expected 1, and none below 0)`);
  }
}

/** Where the shares of each population begin and end. */
function blocksOf({ strategies, populations = [strategies] }: PopulationGame): (readonly [number, number])[] {
  let from = 0;
  return populations.map((size) => {
    from += size;
    return [from - size, from] as const;
  });
}

/** The slopes of one step. */
class Flow {
  private readonly game: PopulationGame;
  private readonly blocks: readonly (readonly [number, number])[];
  private readonly slopes: Float64Array[];
  private readonly payoffs: Float64Array;
  private readonly trial: Float64Array;

  constructor(game: PopulationGame) {
    this.game = game;
    this.blocks = blocksOf(game);
    this.slopes = Array.from({ length: stages.length + 1 }, () => new Float64Array(game.strategies));
    this.payoffs = new Float64Array(game.strategies);
    this.trial = new Float64Array(game.strategies);
  }

  /** The slope at `state`; returns the greatest speed of a share. */
  begin(state: Float64Array): number {
    this.slopeAt(state, this.slopes[0]);
    return this.slopes[0].reduce((speed, slope) => Math.max(speed, Math.abs(slope)), 0);
  }

  /** Error of a step; where it leads is kept for `accept`. */
  tryStep(state: Float64Array, step: number): number {
    const { slopes, trial } = this;
    for (const [stage, weights] of stages.entries()) {
      for (let i = 0; i < trial.length; i++) {
        let sum = 0;
        for (let earlier = 0; earlier < weights.length; earlier++) sum += weights[earlier] * slopes[earlier][i];
        trial[i] = state[i] + step * sum;
      }
      this.slopeAt(trial, slopes[stage + 1]);
    }
    let largest = 0;
    for (let i = 0; i < trial.length; i++) {
      let error = 0;
      for (let stage = 0; stage < errorWeights.length; stage++) error += errorWeights[stage] * slopes[stage][i];
      largest = Math.max(largest, Math.abs(step * error));
      // A share that would turn negative asks for a smaller step.
      if (trial[i] < 0) largest = Math.max(largest, 2 * stepError);
    }
    return largest;
  }

  accept(state: Float64Array): void {
    for (const [from, to] of this.blocks) {
      let total = 0;
      for (let i = from; i < to; i++) total += this.trial[i];
      for (let i = from; i < to; i++) state[i] = this.trial[i] / total;
    }
  }

  private slopeAt(shares: Float64Array, out: Float64Array): void {
    const { game, payoffs } = this;
    game.payoffsAt(shares, payoffs);
    for (const [from, to] of this.blocks) {
      let mean = 0;
      for (let i = from; i < to; i++) mean += shares[i] * payoffs[i];
      for (let i = from; i < to; i++) out[i] = (shares[i] * (payoffs[i] - mean)) / game.scale;
    }
  }
}

/** Keeps points that are about evenly far apart; where there get too many, every second of them goes. */
class Kept {
  private readonly strategies: number;
  private readonly most: number;
  private spacing: number;
  private times: number[] = [];
  private points: Float64Array[] = [];

  constructor(strategies: number, most: number) {
    this.strategies = strategies;
    this.most = most;
    this.spacing = most === 0 ? Number.POSITIVE_INFINITY : 1 / most;
  }

  add(time: number, state: Float64Array): void {
    const last = this.points.at(-1);
    if (last !== undefined && distance(last, state) < this.spacing) return;
    this.times.push(time);
    this.points.push(Float64Array.from(state));
    if (this.points.length <= this.most + 1) return;
    this.times = this.times.filter((_, index) => index % 2 === 0);
    this.points = this.points.filter((_, index) => index % 2 === 0);
    this.spacing *= 2;
  }

  finish(time: number, state: Float64Array): Pick<ReplicatorPath, "shares" | "times"> {
    const isNew = time > (this.times.at(-1) ?? 0);
    const points = isNew ? [...this.points, state] : this.points;
    const shares = new Float64Array(points.length * this.strategies);
    for (const [index, point] of points.entries()) shares.set(point, index * this.strategies);
    return { shares, times: Float64Array.from(isNew ? [...this.times, time] : this.times) };
  }
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum;
}
