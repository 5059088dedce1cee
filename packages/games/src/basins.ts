/**
 * How much of all starting points the replicator dynamics takes to each equilibrium.
 *
 * Starts are uniform on the simplex, each from a stream of its own, so that the share that ends at an equilibrium is a
 * binomial proportion with Wilson's interval (J. American Statistical Association 22, 1927). What ends nowhere that is known (a
 * cycle, a path that takes too long) is `elsewhere`.
 *
 * Limits: a path counts for an equilibrium within 1e-3 of it. Checked against games with two strategies, whose basins end at
 * the mixed equilibrium.
 */
import type { Estimate } from "@shardlab/contracts";
import { createStreams, normalQuantile } from "@shardlab/random";
import { type PopulationGame, regretOf } from "./game.ts";
import { simplexPoint } from "./population-equilibria.ts";
import { replicatorPath } from "./replicator-dynamics.ts";

/** An equilibrium that paths may end at; those of one component are counted together. */
export interface Attractor {
  readonly shares: Float64Array;
  readonly component: number;
}

/**
 * @property starts at least 1.
 * @property longest see `ReplicatorOptions` (default: 20,000, because strategies that earn almost the same part slowly).
 */
export interface BasinOptions {
  readonly starts: number;
  readonly seed: number;
  readonly longest?: number;
}

/** Shares of the starting points, by component, with 95 % intervals. */
export interface Basins {
  readonly starts: number;
  readonly components: readonly Estimate[];
  readonly elsewhere: Estimate;
}

const near = 1e-3;

/** One population alone. */
export function basinsOfAttraction(
  game: PopulationGame,
  attractors: readonly Attractor[],
  { starts, seed, longest = 20_000 }: BasinOptions,
): Basins {
  const streams = createStreams(seed);
  const components = Math.max(-1, ...attractors.map(({ component }) => component)) + 1;
  const counts = new Int32Array(components + 1);
  for (let start = 0; start < starts; start++) {
    const stream = streams.stream("basin", start);
    const point = Float64Array.from(simplexPoint(game.strategies, () => stream.exponential(1)));
    const { end } = replicatorPath(game, point, { longest });
    counts[endOf(game, end, attractors) ?? components] += 1;
  }
  const shares = Array.from(counts, (count) => wilsonInterval(count, starts));
  return { starts, components: shares.slice(0, components), elsewhere: shares[components] };
}

/** The component that a path has ended in. */
function endOf(game: PopulationGame, end: Float64Array, attractors: readonly Attractor[]): number | undefined {
  const distance = ({ shares }: Attractor): number =>
    end.reduce((most, share, i) => Math.max(most, Math.abs(share - shares[i])), 0);
  const nearest = attractors.toSorted((a, b) => distance(a) - distance(b))[0];
  if (nearest !== undefined && distance(nearest) < near) return nearest.component;
  // Between the extreme points of a continuum of equilibria.
  if (regretOf(game, end) > near * near * game.scale) return undefined;
  const between = attractors.find(({ component }) => {
    const members = attractors.filter((other) => other.component === component);
    return members.length > 1 && end.every((share, i) => share < near || members.some(({ shares }) => shares[i] > 0));
  });
  return between?.component;
}

/** Wilson's interval of a proportion. */
export function wilsonInterval(count: number, of: number, confidence = 0.95): Estimate {
  const z = normalQuantile((1 + confidence) / 2);
  const value = count / of;
  const centre = (value + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((value * (1 - value)) / of + (z * z) / (4 * of * of));
  return { value, low: count === 0 ? 0 : centre - half, high: count === of ? 1 : centre + half };
}
