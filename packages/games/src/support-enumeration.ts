/**
 * All equilibria of a small game, by the strategies that are in use.
 *
 * A mix x with support S is a symmetric equilibrium of A where (A x)_i is one number v for i in S and at most v elsewhere. For
 * each of the 2^n - 1 supports that is a linear system (Dickhaut and Kaplan, "A program for finding Nash equilibria", The
 * Mathematica Journal 1, 1991). Where it has one solution there is at most one equilibrium of that support; where it has many,
 * the extreme ones are those at which other strategies earn v as well, and they are found by adding those equations. Two
 * roles: the vertices of both best-response polyhedra, and of these the pairs in which each uses best responses to the other
 * (Mangasarian 1964; Avis, Rosenberg, Savani and von Stengel, "Enumeration of Nash equilibria for two-player games", Economic
 * Theory 42, 2010).
 *
 * Degenerate is a game in which some mix has more best responses than strategies; its equilibria may form whole segments or
 * faces, of which the extreme points are given, those that hang together under one `component`. Nondegenerate games have an odd
 * number of equilibria (Wilson 1971), and so do their symmetric ones.
 *
 * Limits: time doubles with each strategy. Equality is up to 1e-9 of the range of payoffs, so that equilibria closer than that
 * are one, and games that nearly are degenerate count as such. Checked against closed forms, against Lemke and Howson's path,
 * and for parity on random games.
 */
import {
  type BimatrixGame,
  earningsInto,
  isWithin,
  membersOf,
  type SymmetricGame,
  scaleOf,
  sizeOf,
  tolerance,
  transposed,
} from "./game.ts";
import { type LinearOutcome, solveLinear } from "./linear-system.ts";

/**
 * A symmetric equilibrium.
 *
 * @property support mask of the strategies in use.
 * @property bestResponses mask of the strategies that earn as much as they do.
 * @property payoff what everybody earns.
 * @property isDegenerate whether there are more best responses than strategies in use.
 * @property component number of the set of equilibria that it belongs to; alone in it unless the game is degenerate.
 */
export interface SymmetricEquilibrium {
  readonly shares: Float64Array;
  readonly support: number;
  readonly bestResponses: number;
  readonly payoff: number;
  readonly isDegenerate: boolean;
  readonly component: number;
}

/** An equilibrium of two roles; see `SymmetricEquilibrium`. */
export interface RolesEquilibrium {
  readonly row: Float64Array;
  readonly column: Float64Array;
  readonly payoffs: { readonly row: number; readonly column: number };
  readonly isDegenerate: boolean;
  readonly component: number;
}

/** A vertex of a best-response polyhedron. */
export interface Vertex {
  readonly shares: Float64Array;
  readonly support: number;
  readonly bestResponses: number;
  readonly payoff: number;
}

/** The most strategies of a population whose equilibria are enumerated. */
export const mostEnumerated = 14;
/** The most strategies of both roles together. */
export const mostEnumeratedInRoles = 18;

/**
 * The extreme symmetric equilibria, those of few strategies first.
 * @throws Error `too many strategies: ...` beyond 14; `lemkeHowson` finds one in larger games.
 */
export function symmetricEquilibria(game: SymmetricGame): SymmetricEquilibrium[] {
  const { strategies, payoffs } = game;
  if (strategies > mostEnumerated)
    throw new Error(`too many strategies: ${strategies} (expected at most ${mostEnumerated})`);
  const mixer = mixerOf(payoffs, strategies, strategies);
  const found: Vertex[] = [];
  for (let support = 1; support < 1 << strategies; support++) {
    const outcome = mixer.solve(support, support);
    if (outcome.solutions === "one") keep(found, mixer.vertex(support));
    if (outcome.solutions !== "many") continue;
    const others = membersOf(~support & ((1 << strategies) - 1));
    for (const extra of subsets(others, outcome.free)) {
      if (mixer.solve(support, support | extra).solutions === "one") keep(found, mixer.vertex(support));
    }
  }
  const equilibria = found.filter(({ support, bestResponses }) => isWithin(support, bestResponses)).sort(byUse);
  const component = componentsOf(
    equilibria.length,
    (a, b) =>
      isWithin(equilibria[a].support, equilibria[b].bestResponses) &&
      isWithin(equilibria[b].support, equilibria[a].bestResponses),
  );
  return equilibria.map((vertex, index) => ({
    ...vertex,
    isDegenerate: sizeOf(vertex.bestResponses) > sizeOf(vertex.support),
    component: component[index],
  }));
}

/**
 * The extreme equilibria of two roles.
 * @throws Error `too many strategies: ...` beyond 18 of both roles together.
 */
export function rolesEquilibria(game: BimatrixGame): RolesEquilibrium[] {
  const { rows, columns } = game;
  if (rows + columns > mostEnumeratedInRoles)
    throw new Error(`too many strategies: ${rows} and ${columns} (expected at most ${mostEnumeratedInRoles} in all)`);
  const ofColumns = verticesOf(mixerOf(game.row, rows, columns));
  const ofRows = verticesOf(mixerOf(transposed(game.column, rows, columns), columns, rows));
  const pairs: { x: Vertex; y: Vertex }[] = [];
  for (const x of ofRows)
    for (const y of ofColumns)
      if (isWithin(x.support, y.bestResponses) && isWithin(y.support, x.bestResponses)) pairs.push({ x, y });
  pairs.sort((a, b) => byUse(a.x, b.x) || byUse(a.y, b.y));
  const fit = (x: Vertex, y: Vertex): boolean =>
    isWithin(x.support, y.bestResponses) && isWithin(y.support, x.bestResponses);
  const component = componentsOf(pairs.length, (a, b) => fit(pairs[a].x, pairs[b].y) && fit(pairs[b].x, pairs[a].y));
  const isTied = ({ x, y }: { x: Vertex; y: Vertex }): boolean =>
    sizeOf(x.bestResponses) > sizeOf(x.support) || sizeOf(y.bestResponses) > sizeOf(y.support);
  return pairs.map((pair, index) => ({
    row: pair.x.shares,
    column: pair.y.shares,
    payoffs: { row: pair.y.payoff, column: pair.x.payoff },
    isDegenerate: isTied(pair),
    component: component[index],
  }));
}

const byUse = (a: Vertex, b: Vertex): number => sizeOf(a.support) - sizeOf(b.support) || a.support - b.support;

/** Solves for mixes of the columns of one matrix against which given rows earn the same. */
export interface Mixer {
  readonly rows: number;
  readonly columns: number;
  solve(support: number, equal: number): LinearOutcome;
  /** What was solved last, where it is a vertex: a mix that uses its whole support, no row earning more. */
  vertex(support: number): Vertex | undefined;
}

export function mixerOf(matrix: Float64Array, rows: number, columns: number): Mixer {
  const scale = scaleOf(matrix);
  const least = matrix.reduce((low, payoff) => Math.min(low, payoff));
  const scaled = matrix.map((payoff) => (payoff - least) / scale);
  const system = new Float64Array((rows + 1) * (columns + 2));
  const solution = new Float64Array(columns + 1);
  const earnings = new Float64Array(rows);
  const solve: Mixer["solve"] = (support, equal) => {
    const inUse = membersOf(support);
    const equalRows = membersOf(equal);
    const width = inUse.length + 2;
    for (const [row, i] of equalRows.entries()) {
      for (const [column, j] of inUse.entries()) system[row * width + column] = scaled[i * columns + j];
      system[row * width + inUse.length] = -1;
      system[row * width + inUse.length + 1] = 0;
    }
    system.fill(1, equalRows.length * width, equalRows.length * width + inUse.length);
    system[equalRows.length * width + inUse.length] = 0;
    system[equalRows.length * width + inUse.length + 1] = 1;
    return solveLinear({ system, rows: equalRows.length + 1, unknowns: inUse.length + 1 }, solution);
  };
  const vertex: Mixer["vertex"] = (support) => {
    const inUse = membersOf(support);
    const shares = new Float64Array(columns);
    for (const [index, j] of inUse.entries()) {
      if (!(solution[index] > tolerance)) return undefined;
      shares[j] = solution[index];
    }
    const value = solution[inUse.length];
    earningsInto(scaled, shares, earnings);
    let bestResponses = 0;
    for (let i = 0; i < rows; i++) {
      if (earnings[i] > value + tolerance) return undefined;
      if (earnings[i] >= value - tolerance) bestResponses |= 1 << i;
    }
    return { shares, support, bestResponses, payoff: least + scale * value };
  };
  return { rows, columns, solve, vertex };
}

/** Every vertex of the polyhedron of mixes of the columns and what the best row earns against them. */
function verticesOf(mixer: Mixer): Vertex[] {
  const found: Vertex[] = [];
  const rows = Array.from({ length: mixer.rows }, (_, row) => row);
  for (let support = 1; support < 1 << mixer.columns; support++) {
    const size = sizeOf(support);
    for (const equal of subsets(rows, size)) {
      if (sizeOf(equal) !== size) continue;
      if (mixer.solve(support, equal).solutions === "one") keep(found, mixer.vertex(support));
    }
  }
  return found;
}

function keep(found: Vertex[], vertex: Vertex | undefined): void {
  if (vertex === undefined) return;
  const isKnown = found.some(
    ({ support, shares }) =>
      support === vertex.support && shares.every((share, i) => Math.abs(share - vertex.shares[i]) < 10 * tolerance),
  );
  if (!isKnown) found.push(vertex);
}

/** Masks of the subsets of `members` that have from 1 to `most` of them. */
function* subsets(members: readonly number[], most: number): Generator<number> {
  if (most === 0) return;
  for (const [index, member] of members.entries()) {
    yield 1 << member;
    for (const rest of subsets(members.slice(index + 1), most - 1)) yield (1 << member) | rest;
  }
}

/** Numbers the sets of things that hang together. */
function componentsOf(count: number, isJoined: (a: number, b: number) => boolean): number[] {
  const component = new Array<number>(count).fill(-1);
  let next = 0;
  for (let first = 0; first < count; first++) {
    if (component[first] >= 0) continue;
    const pending = [first];
    component[first] = next;
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (let other = 0; other < count; other++) {
        if (component[other] >= 0 || !isJoined(at, other)) continue;
        component[other] = next;
        pending.push(other);
      }
    }
    next += 1;
  }
  return component;
}
