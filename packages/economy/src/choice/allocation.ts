/** How good an allocation of work to models is: its value against the best and against an even one. */

/** What is to be allocated: `total` work, at most `caps` of it to each model, worth `worthOf` together. */
export interface AllocationProblem {
  readonly total: number;
  readonly caps: Float64Array;
  readonly worthOf: (work: Float64Array) => number;
}

/** The same amount to every model, as far as the caps allow: what choosing at random comes to with many who choose. */
export function evenAllocation({ total, caps }: AllocationProblem): Float64Array {
  const work = new Float64Array(caps.length);
  let left = Math.min(
    total,
    caps.reduce((sum, cap) => sum + cap, 0),
  );
  const order = Array.from(caps.keys()).sort((a, b) => caps[a] - caps[b]);
  for (const [rank, model] of order.entries()) {
    work[model] = Math.min(caps[model], left / (order.length - rank));
    left -= work[model];
  }
  return work;
}

/** Everything to one model, and what it cannot take to the others alike. */
function allTo(problem: AllocationProblem, model: number): Float64Array {
  const own = Math.min(problem.total, problem.caps[model]);
  const rest = problem.caps.slice();
  rest[model] = 0;
  const work = evenAllocation({ ...problem, total: problem.total - own, caps: rest });
  work[model] = own;
  return work;
}

/**
 * With more models than these the search is coarser: only the model that misses work least gives, only the one that gains
 * most takes, and it starts from all to the best model alone.
 */
const mostModelsByPairs = 8;

/** Smallest piece of work that is moved, as a share of all. */
const smallestPiece = (models: number): number => (models <= mostModelsByPairs ? 2 ** -14 : 2 ** -8);

/**
 * Moves work from one model to another in ever smaller pieces, while that adds value, the most valuable move first (Fox 1966,
 * Management Science 13(3)). The optimum where value is concave and separable; otherwise a local one.
 */
function improve(problem: AllocationProblem, start: Float64Array): { work: Float64Array; value: number } {
  const { total, worthOf } = problem;
  let best = { work: start, value: worthOf(start) };
  for (let piece = total / 2; piece >= total * smallestPiece(start.length); piece /= 2) {
    for (let moves = 0; moves < 2 * start.length; moves++) {
      const next = bestMove(problem, best.work, piece);
      if (!(next.value > best.value)) break;
      best = next;
    }
  }
  return best;
}

/** The most valuable move of a piece, or of what there is of it. */
function bestMove(
  problem: AllocationProblem,
  work: Float64Array,
  piece: number,
): { work: Float64Array; value: number } {
  const { caps, worthOf } = problem;
  const models = Array.from(work.keys());
  const byPairs = work.length <= mostModelsByPairs;
  const givers = byPairs ? models : [leastMissed(problem, work, piece)];
  const takers = byPairs ? models : [mostGained(problem, work, piece)];
  let best = { work, value: Number.NEGATIVE_INFINITY };
  for (const giver of givers) {
    for (const taker of takers) {
      if (giver < 0 || taker < 0) continue;
      const moved = Math.min(piece, work[giver], caps[taker] - work[taker]);
      if (giver === taker || !(moved > 0)) continue;
      const next = work.slice();
      next[giver] -= moved;
      next[taker] += moved;
      const value = worthOf(next);
      if (value > best.value) best = { work: next, value };
    }
  }
  return best;
}

function leastMissed({ worthOf }: AllocationProblem, work: Float64Array, piece: number): number {
  return bestOf(work, (model) =>
    work[model] > 0 ? worthOf(work.with(model, Math.max(0, work[model] - piece))) : Number.NEGATIVE_INFINITY,
  );
}

function mostGained({ worthOf, caps }: AllocationProblem, work: Float64Array, piece: number): number {
  return bestOf(work, (model) =>
    work[model] < caps[model]
      ? worthOf(work.with(model, Math.min(caps[model], work[model] + piece)))
      : Number.NEGATIVE_INFINITY,
  );
}

/** Index of the largest value; -1 where none is possible. */
function bestOf(work: Float64Array, valueAt: (model: number) => number): number {
  let best = -1;
  let largest = Number.NEGATIVE_INFINITY;
  for (let model = 0; model < work.length; model++) {
    const value = valueAt(model);
    if (value > largest) {
      largest = value;
      best = model;
    }
  }
  return best;
}

/** The best allocation that is found from an even one, from all to one model, and from the `realised` one. */
export function bestAllocation(
  problem: AllocationProblem,
  realised: Float64Array,
): { work: Float64Array; value: number } {
  const { worthOf, caps } = problem;
  const toOne = Array.from(caps.keys(), (model) => allTo(problem, model));
  const worths = toOne.map(worthOf);
  const best = toOne[worths.indexOf(Math.max(...worths))];
  const starts = [realised, evenAllocation(problem), ...(caps.length <= mostModelsByPairs ? toOne : [best])];
  return starts
    .map((start) => improve(problem, start))
    .reduce((highest, found) => (found.value > highest.value ? found : highest));
}

export interface AllocationQuality {
  /** Value of the realised allocation in that of the best; 0 where nothing was allocated. */
  readonly efficiency: number;
  /**
   * How far it is from the even allocation to the best: 1 at the best, 0 at the even one, negative below it. 0 where the even
   * one is the best, so that there was nothing to choose.
   */
  readonly aboveEven: number;
}

/** Less than this between the best and the even allocation, relative, is nothing to choose. */
const negligible = 1e-9;

export function allocationQuality(problem: AllocationProblem, realised: Float64Array): AllocationQuality {
  if (!(problem.total > 0)) return { efficiency: 0, aboveEven: 0 };
  const best = bestAllocation(problem, realised).value;
  if (!(best > 0)) return { efficiency: 0, aboveEven: 0 };
  const [value, even] = [problem.worthOf(realised), problem.worthOf(evenAllocation(problem))];
  const isChoice = best - even > negligible * best;
  return { efficiency: value / best, aboveEven: isChoice ? (value - even) / (best - even) : 0 };
}
