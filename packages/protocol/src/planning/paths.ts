/** Which replica of a stage has which microbatch. */

/** Replicas at least this fast, relative to the fastest of their stage, get as much as it does. */
const equalAbove = 0.6;
/** Speeds are told apart in steps of one eighth of the fastest, so that noise in their measurement moves nothing. */
const levels = 8;

/**
 * Whole weights that stand for `speeds`: all 1 where they are about equal, else from 1 to 8.
 * @param speeds positive, in any one unit
 */
export function weightsOf(speeds: readonly number[]): number[] {
  const fastest = Math.max(...speeds);
  const slowest = Math.min(...speeds);
  if (!(slowest < equalAbove * fastest)) return speeds.map(() => 1);
  return speeds.map((speed) => Math.max(1, Math.round((levels * speed) / fastest)));
}

/**
 * Rank that has each of `count` microbatches. Equal weights deal them out in turn: microbatch m goes to rank m mod ranks.
 * Otherwise each rank has its share, at least one where there are enough, dealt as evenly as it goes: the rank that is
 * furthest behind its share is next, the lower one of two.
 */
export function dealMicrobatches(count: number, weights: readonly number[]): Int32Array {
  const ranks = weights.length;
  if (weights.every((weight) => weight === weights[0])) return Int32Array.from({ length: count }, (_, m) => m % ranks);
  const quotas = quotasOf(count, weights);
  const credit = new Float64Array(ranks);
  return Int32Array.from({ length: count }, () => {
    let best = 0;
    for (let rank = 0; rank < ranks; rank++) {
      credit[rank] += quotas[rank];
      if (credit[rank] > credit[best]) best = rank;
    }
    credit[best] -= count;
    return best;
  });
}

/** Whole shares of `count` in proportion to `weights` by largest remainders, one each at least where `count` allows. */
export function quotasOf(count: number, weights: readonly number[]): number[] {
  const ranks = weights.length;
  const isEnough = count >= ranks;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const exact = weights.map((weight) => (count * weight) / total);
  const quotas = exact.map((share) => Math.max(isEnough ? 1 : 0, Math.floor(share)));
  let left = count - quotas.reduce((sum, quota) => sum + quota, 0);
  for (; left > 0; left--) quotas[furthest(exact, quotas)] += 1;
  for (; left < 0; left++) quotas[largestAboveOne(quotas)] -= 1;
  return quotas;
}

/** Who lacks most of its exact share. */
function furthest(exact: readonly number[], quotas: readonly number[]): number {
  let best = 0;
  for (let rank = 1; rank < exact.length; rank++) {
    if (exact[rank] - quotas[rank] > exact[best] - quotas[best]) best = rank;
  }
  return best;
}

function largestAboveOne(quotas: readonly number[]): number {
  let best = 0;
  for (let rank = 1; rank < quotas.length; rank++) if (quotas[rank] > quotas[best]) best = rank;
  return best;
}
