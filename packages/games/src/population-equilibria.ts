/**
 * Equilibria of a population whose payoffs are no matrix, by Newton's method on each support.
 *
 * A mix with support S is a rest point where all i in S earn one number v; from many starts Newton's steps solve for the shares
 * and v, and what converges inside the support with nobody outside earning more is kept. `refine` does the same from one start.
 *
 * Limits: a search, not a proof: an equilibrium whose neighbourhood no start meets is missed; with two strategies every change of
 * sign between 512 points is found. Of a continuum, points are found here and there. For a matrix one step is exact, so that
 * all isolated equilibria are found. Checked against support enumeration and roots of polynomials.
 */
import { createStreams } from "@shardlab/random";
import { meanPayoff, membersOf, type PopulationGame, sizeOf, tolerance } from "./game.ts";
import { solveLinear } from "./linear-system.ts";

/** See `SymmetricEquilibrium`. */
export interface PopulationEquilibrium {
  readonly shares: Float64Array;
  readonly support: number;
  readonly bestResponses: number;
  readonly payoff: number;
}

const mostSteps = 60;
const startsEach = 24;
const linePoints = 512;
const mostSearched = 10;

/** Equilibria that were found, those of few strategies first. @throws Error `too many strategies: ...` beyond 10. */
export function populationEquilibria(game: PopulationGame): PopulationEquilibrium[] {
  const { strategies } = game;
  if (strategies > mostSearched)
    throw new Error(`too many strategies: ${strategies} (expected at most ${mostSearched})`);
  const found: PopulationEquilibrium[] = [];
  for (let support = 1; support < 1 << strategies; support++) {
    for (const start of startsOf(game, support)) {
      const equilibrium = refine(game, start, support);
      const isNew =
        equilibrium !== undefined &&
        !found.some(
          (known) =>
            known.support === support && known.shares.every((x, i) => Math.abs(x - equilibrium.shares[i]) < 1e-6),
        );
      if (isNew) found.push(equilibrium);
    }
  }
  return found.sort((a, b) => sizeOf(a.support) - sizeOf(b.support) || a.support - b.support);
}

/** Where Newton's method starts on a support: on a line at each change of sign, else at random points of the face. */
function startsOf(game: PopulationGame, support: number): Float64Array[] {
  const members = membersOf(support);
  if (members.length === 1) return [mixOf(game.strategies, members, [1])];
  if (members.length === 2) return signChanges(game, members as [number, number]);
  const streams = createStreams(support);
  const even = mixOf(game.strategies, members, new Array<number>(members.length).fill(1 / members.length));
  const random = Array.from({ length: startsEach }, (_, start) => {
    const stream = streams.stream("start", start);
    return mixOf(
      game.strategies,
      members,
      simplexPoint(members.length, () => stream.exponential(1)),
    );
  });
  return [even, ...random];
}

/** A point that is uniform on the simplex: exponentials, scaled to sum to 1. */
export function simplexPoint(size: number, exponential: () => number): number[] {
  const parts = Array.from({ length: size }, exponential);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}

function mixOf(strategies: number, members: readonly number[], shares: readonly number[]): Float64Array {
  const mix = new Float64Array(strategies);
  for (const [index, member] of members.entries()) mix[member] = shares[index];
  return mix;
}

function signChanges(game: PopulationGame, [a, b]: readonly [number, number]): Float64Array[] {
  const payoffs = new Float64Array(game.strategies);
  const leadAt = (share: number): number => {
    game.payoffsAt(mixOf(game.strategies, [a, b], [share, 1 - share]), payoffs);
    return payoffs[a] - payoffs[b];
  };
  const starts: Float64Array[] = [];
  let before = leadAt(0);
  for (let point = 1; point <= linePoints; point++) {
    const lead = leadAt(point / linePoints);
    const crosses = before * lead <= 0 && (before !== 0 || lead !== 0);
    const share = before === lead ? 0.5 : before / (before - lead);
    if (crosses) starts.push(mixOf(game.strategies, [a, b], line((point - 1 + share) / linePoints)));
    before = lead;
  }
  return starts.length > 0 ? starts : [mixOf(game.strategies, [a, b], [0.5, 0.5])];
}

const line = (share: number): [number, number] => [share, 1 - share];

/** The equilibrium of this support that Newton's steps lead to from `start`; undefined where they lead to none. */
export function refine(game: PopulationGame, start: Float64Array, support: number): PopulationEquilibrium | undefined {
  const { strategies, scale } = game;
  const members = membersOf(support);
  const count = members.length;
  const shares = Float64Array.from(start);
  const payoffs = new Float64Array(strategies);
  const jacobian = new Float64Array(strategies * strategies);
  const width = count + 2;
  const system = new Float64Array((count + 1) * width);
  const change = new Float64Array(count + 1);
  for (let step = 0; step < mostSteps; step++) {
    game.payoffsAt(shares, payoffs);
    const mean = meanPayoff(payoffs, shares);
    if (members.every((i) => Math.abs(payoffs[i] - mean) < tolerance * 0.01 * scale)) break;
    game.jacobianAt(shares, jacobian);
    for (const [row, i] of members.entries()) {
      for (const [column, j] of members.entries()) system[row * width + column] = jacobian[i * strategies + j] / scale;
      system[row * width + count] = -1;
      system[row * width + count + 1] = (mean - payoffs[i]) / scale;
    }
    system.fill(1, count * width, count * width + count);
    system[count * width + count] = 0;
    system[count * width + count + 1] = 0;
    if (solveLinear({ system, rows: count + 1, unknowns: count + 1 }, change).solutions !== "one") return undefined;
    // A step of more than the whole population leads nowhere.
    const longest = change.subarray(0, count).reduce((most, part) => Math.max(most, Math.abs(part)), 0);
    const damping = longest > 1e3 ? 1e3 / longest : 1;
    for (const [index, i] of members.entries()) shares[i] += damping * change[index];
  }
  return settled(game, shares, members, support);
}

function settled(
  game: PopulationGame,
  shares: Float64Array,
  members: readonly number[],
  support: number,
): PopulationEquilibrium | undefined {
  const payoffs = new Float64Array(game.strategies);
  game.payoffsAt(shares, payoffs);
  const payoff = meanPayoff(payoffs, shares);
  const slack = 10 * tolerance * game.scale;
  if (!members.every((i) => shares[i] > tolerance && Math.abs(payoffs[i] - payoff) < slack)) return undefined;
  let bestResponses = 0;
  for (let i = 0; i < game.strategies; i++) {
    if (payoffs[i] > payoff + slack) return undefined;
    if (payoffs[i] >= payoff - slack) bestResponses |= 1 << i;
  }
  return { shares, support, bestResponses, payoff };
}
