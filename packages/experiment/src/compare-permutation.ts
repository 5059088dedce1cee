/** Tests that assume no distribution, beside the t tests: what share of the relabellings is as extreme as what was seen. */
import { createStreams } from "@shardlab/random";
import { mean, sampleVariance } from "simple-statistics";

/** Up to this many relabellings are all tried; of more, this many random ones less one, so that p-values are round. */
const mostTried = 10_000;
/** Relabellings that differ from the observed statistic by rounding alone count as equal to it. */
const roundingShare = 1e-10;

/**
 * The two-sided sign-flip test of paired differences: were the two sides exchangeable, every difference would have either
 * sign with probability 1/2 (Fisher, "The design of experiments", 1935, section 21). Exact up to 13 pairs, by 9,999
 * seeded draws above. 1 where all differences are 0. Its smallest value is 2^(1 - n): under six pairs it never reaches 5 %.
 */
export function signFlipProbability(differences: readonly number[]): number {
  const n = differences.length;
  const size = differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0)) - roundingShare * size;
  const isExtreme = (signs: () => number): boolean =>
    Math.abs(differences.reduce((sum, value) => sum + signs() * value, 0)) >= observed;
  if (2 ** n <= mostTried) {
    let extreme = 0;
    for (let pattern = 0; pattern < 2 ** n; pattern++) {
      let bit = 1;
      const next = (): number => {
        const sign = pattern & bit ? -1 : 1;
        bit <<= 1;
        return sign;
      };
      if (isExtreme(next)) extreme += 1;
    }
    return extreme / 2 ** n;
  }
  const stream = createStreams(n).stream("sign-flip");
  let extreme = 1;
  for (let draw = 1; draw < mostTried; draw++) {
    if (isExtreme(() => (stream.uniform() < 0.5 ? -1 : 1))) extreme += 1;
  }
  return extreme / mostTried;
}

/** Welch's t without its degrees of freedom; infinite where nothing varies. */
function welchStatistic(left: readonly number[], right: readonly number[]): number {
  const difference = Math.abs(mean(left) - mean(right));
  const variance = sampleVariance(left) / left.length + sampleVariance(right) / right.length;
  if (variance > 0) return difference / Math.sqrt(variance);
  return difference === 0 ? 0 : Number.POSITIVE_INFINITY;
}

/** How many ways there are to choose `chosen` of `all`, as far as it matters here. */
function binomial(all: number, chosen: number): number {
  let ways = 1;
  for (let index = 1; index <= chosen; index++) ways = (ways * (all - chosen + index)) / index;
  return Math.round(ways);
}

/**
 * The two-sided permutation test of two samples without shared seeds, with Welch's statistic, so that it holds for unequal
 * spread as well (Janssen, "Studentized permutation tests for non-iid hypotheses", Statistics & Probability Letters 36,
 * 1997). Exact up to 10,000 ways to divide the values, by 9,999 seeded draws above.
 */
export function permutationProbability(left: readonly number[], right: readonly number[]): number {
  const values = [...left, ...right];
  const observed = welchStatistic(left, right) * (1 - roundingShare);
  const isExtreme = (order: readonly number[]): boolean =>
    welchStatistic(
      order.slice(0, left.length).map((index) => values[index]),
      order.slice(left.length).map((index) => values[index]),
    ) >= observed;
  const ways = binomial(values.length, left.length);
  if (ways <= mostTried) {
    let extreme = 0;
    for (const order of divisions(values.length, left.length)) if (isExtreme(order)) extreme += 1;
    return extreme / ways;
  }
  const stream = createStreams(values.length).stream("permutation");
  const order = values.map((_, index) => index);
  let extreme = 1;
  for (let draw = 1; draw < mostTried; draw++) {
    for (let index = order.length - 1; index > 0; index--) {
      const other = Math.floor(stream.uniform() * (index + 1));
      [order[index], order[other]] = [order[other], order[index]];
    }
    if (isExtreme(order)) extreme += 1;
  }
  return extreme / mostTried;
}

/** Every way to put `chosen` of `all` indices first, the others after them. */
function* divisions(all: number, chosen: number): Generator<number[]> {
  const first = Array.from({ length: chosen }, (_, index) => index);
  for (;;) {
    const isFirst = new Set(first);
    yield [...first, ...Array.from({ length: all }, (_, index) => index).filter((index) => !isFirst.has(index))];
    let moved = chosen - 1;
    while (moved >= 0 && first[moved] === all - chosen + moved) moved -= 1;
    if (moved < 0) return;
    first[moved] += 1;
    for (let index = moved + 1; index < chosen; index++) first[index] = first[index - 1] + 1;
  }
}
