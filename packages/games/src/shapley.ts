/**
 * What each member of a coalition contributed: Shapley values, leave-one-out values, declared shares.
 *
 * A game of n players is its characteristic function, v(S) for every coalition S: a `Float64Array` of 2^n numbers
 * whose index is a bit mask, bit i for player i. What is shared out is v(N) - v(empty).
 *
 * - Shapley (1953): phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)), the mean of what i
 *   adds over all orders of arrival. The only rule that is efficient (adds up to v(N) - v(empty)), symmetric, additive
 *   over games, and pays nothing to who never adds anything. Players of copied contributions share what one of them
 *   adds; yet copies that join may get more together than the original alone, when others substitute for it (Han et
 *   al., "Replication robust payoff allocation in submodular cooperative games", IEEE Trans. AI 2022).
 * - Leave-one-out: v(N) - v(N - i). Adds up to v(N) - v(empty) only in additive games: to less among substitutes
 *   (copies get nothing), to more among complements (both halves of a pair get all of it).
 * - Declared: shares as the players wrote them down. It measures nothing, and more is got by declaring more.
 *
 * Sampling: marginal contributions along random orders and their reverses (Castro, Gomez and Tejada, Computers &
 * Operations Research 2009; antithetic pairs as in Mitchell et al., "Sampling permutations for Shapley value
 * estimation", JMLR 2022), each pair one observation of a Student-t interval. The estimates add up to v(N) - v(empty)
 * whatever is drawn.
 *
 * Limits: an interval knows only what its pairs have seen. Where a player matters seldom and then much, it is too short, and
 * below the value more often than above; where no pair saw the player matter, it is 0 wide. Measured at a nominal 95 %, the
 * worst player each: in an apex game of ten, whose small players one pair in 45 sees, it covers 23 % with 12 pairs, 73 % with
 * 60, 92 % with 200; in a weighted majority of nine 43 % with 12, and 90 to 94 % with 60 or 200; in an airport of ten 88 % with
 * 12, and 93 to 94 % beyond. Ask for so many pairs that five or more can be expected to see each player matter.
 */
import type { Estimate } from "@shardlab/contracts";
import { normalQuantile } from "@shardlab/random";
import { sizeOf } from "./game.ts";

/** Up to this many players a rule that pays computes exactly; beyond, it samples. */
export const exactShapleyPlayers = 12;

const mostPlayers = 24;

/** Players of a game. @throws Error `invalid game: ...` unless there are 2^n finite values, n from 1 to 24. */
export function playersOf(values: Float64Array): number {
  const players = 31 - Math.clz32(values.length);
  const isPower = values.length === 1 << players && players >= 1 && players <= mostPlayers;
  if (!isPower)
    throw new Error(`invalid game: ${values.length} values (expected 2^n, one for each coalition of n players)`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`invalid game: value ${values[bad]} of coalition ${bad} (expected a finite number)`);
  return players;
}

/** Exact Shapley values, in about n 2^n steps. @throws Error `invalid game: ...` */
export function shapleyValues(values: Float64Array): Float64Array {
  const players = playersOf(values);
  const weight = arrivalWeights(players);
  const shares = new Float64Array(players);
  const full = values.length - 1;
  for (let coalition = 0; coalition < full; coalition++) {
    const factor = weight[sizeOf(coalition)];
    for (let player = 0; player < players; player++) {
      const bit = 1 << player;
      if ((coalition & bit) === 0) shares[player] += factor * (values[coalition | bit] - values[coalition]);
    }
  }
  return shares;
}

/** |S|! (n - |S| - 1)! / n! by |S|: 1 / (n binomial(n - 1, |S|)). */
function arrivalWeights(players: number): Float64Array {
  const weights = new Float64Array(players);
  let binomial = 1;
  for (let size = 0; size < players; size++) {
    weights[size] = 1 / (players * binomial);
    binomial = (binomial * (players - 1 - size)) / (size + 1);
  }
  return weights;
}

/** v(N) - v(N - i). @throws Error `invalid game: ...` */
export function leaveOneOutValues(values: Float64Array): Float64Array {
  const full = values.length - 1;
  return Float64Array.from({ length: playersOf(values) }, (_, player) => values[full] - values[full ^ (1 << player)]);
}

/**
 * Declarations as shares of 1. @throws Error `invalid declaration: ...` where one is negative or not finite, or all are 0.
 */
export function declaredShares(declarations: Float64Array): Float64Array {
  for (const declared of declarations)
    if (!(declared >= 0 && declared < Number.POSITIVE_INFINITY))
      throw new Error(`invalid declaration: ${declared} (expected a finite number of at least 0)`);
  const total = declarations.reduce((sum, declared) => sum + declared, 0);
  if (!(total > 0)) throw new Error(`invalid declaration: ${total} in all (expected more than 0)`);
  return declarations.map((declared) => declared / total);
}

/**
 * Contributions as shares of one sum of money. Nobody pays in: negative contributions get 0. Where the others exceed `total`
 * (which negative ones had lowered, or which leave-one-out values of complements exceed), all are cut alike: players are paid
 * less than their values, which together are more than there is. Where they fall short of it, as leave-one-out values of
 * substitutes do, the shares sum to less than 1.
 *
 * @param total v(N) - v(empty)
 */
export function payableShares(contributions: Float64Array, total: number): Float64Array {
  const positive = contributions.map((contribution) => Math.max(0, contribution));
  const divisor = Math.max(
    total,
    positive.reduce((sum, contribution) => sum + contribution, 0),
  );
  return divisor > 0 ? positive.map((contribution) => contribution / divisor) : positive;
}

/** The game among the players whose bits are in `members`, who keep their order. @throws Error `invalid members: ...` */
export function gameAmong(values: Float64Array, members: number): Float64Array {
  if (!(members > 0 && members < values.length))
    throw new Error(`invalid members: ${members} (expected a mask from 1 to ${values.length - 1})`);
  const restricted = new Float64Array(1 << sizeOf(members));
  // Counting down through the subsets of a mask meets them in the order of their own masks, the last first.
  let subset = members;
  for (let index = restricted.length - 1; index >= 0; index--) {
    restricted[index] = values[subset];
    subset = (subset - 1) & members;
  }
  return restricted;
}

/**
 * @property players n.
 * @property value v(S); the column has 1 for each member, and is the caller's own only during the call.
 * @property pairs of orders, each with its reverse; at least 12.
 * @property uniform draw number `draw`, uniform on [0, 1).
 * @property confidence of each player's interval, between 0 and 1 (default: 0.95).
 */
export interface ShapleySample {
  readonly players: number;
  readonly value: (members: Uint8Array) => number;
  readonly pairs: number;
  readonly uniform: (draw: number) => number;
  readonly confidence?: number;
}

const fewestPairs = 12;

/**
 * Shapley values by sampling, for any number of players: the game is asked for 2 n values of each pair.
 * @throws Error `invalid sample: ...`
 */
export function sampledShapleyValues(sample: ShapleySample): Estimate[] {
  const { players, pairs, uniform, confidence = 0.95 } = sample;
  if (!(Number.isInteger(pairs) && pairs >= fewestPairs))
    throw new Error(`invalid sample: ${pairs} pairs (expected at least ${fewestPairs})`);
  if (!(confidence > 0 && confidence < 1))
    throw new Error(`invalid sample: confidence ${confidence} (expected between 0 and 1)`);
  if (!(Number.isInteger(players) && players >= 1)) throw new Error(`invalid sample: ${players} players`);
  const order = Int32Array.from({ length: players }, (_, player) => player);
  const members = new Uint8Array(players);
  const added = new Float64Array(players);
  const mean = new Float64Array(players);
  const squares = new Float64Array(players);
  for (let pair = 0; pair < pairs; pair++) {
    for (let place = players - 1; place > 0; place--) {
      const other = Math.floor(uniform(pair * players + place) * (place + 1));
      [order[place], order[other]] = [order[other], order[place]];
    }
    added.fill(0);
    addAlong(sample, order, { members, added });
    addAlong(sample, order.reverse(), { members, added });
    // Welford's running mean and sum of squares.
    for (let player = 0; player < players; player++) {
      const observed = added[player] / 2;
      const distance = observed - mean[player];
      mean[player] += distance / (pair + 1);
      squares[player] += distance * (observed - mean[player]);
    }
  }
  const quantile = studentQuantile((1 + confidence) / 2, pairs - 1);
  return Array.from(mean, (value, player) => {
    const half = quantile * Math.sqrt(squares[player] / (pairs - 1) / pairs);
    return { value, low: value - half, high: value + half };
  });
}

/** Adds what each player adds to those before it in `order`. */
function addAlong(
  { value }: ShapleySample,
  order: Int32Array,
  { members, added }: { members: Uint8Array; added: Float64Array },
): void {
  members.fill(0);
  let before = value(members);
  for (const player of order) {
    members[player] = 1;
    const after = value(members);
    added[player] += after - before;
    before = after;
  }
}

/**
 * Student's t by its expansion in the normal quantile (Abramowitz and Stegun 1964, 26.7.5): within 1e-4 of the tables at 95 %
 * from 11 degrees of freedom on.
 */
function studentQuantile(probability: number, degrees: number): number {
  const x = normalQuantile(probability);
  const square = x * x;
  const terms = [
    (x * (square + 1)) / 4,
    (x * ((5 * square + 16) * square + 3)) / 96,
    (x * (((3 * square + 19) * square + 17) * square - 15)) / 384,
    (x * ((((79 * square + 776) * square + 1482) * square - 1920) * square - 945)) / 92_160,
  ];
  return x + terms.reduceRight((sum, term) => (sum + term) / degrees, 0);
}
