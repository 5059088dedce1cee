/**
 * Weights of the network's emission from final scores, as Gauntlet's validators set them: a share is burnt, most of the rest
 * goes to the gather peers along a line, and the remainder to reserve peers along a geometric series.
 *
 * Checked against the published parameters' schedule by hand: with twenty gather and ten reserve peers and half burnt, the
 * first of each gets 0.03226 and 0.00806, the last 0.01613 and 1.575e-5, and all reserve peers together 0.01611.
 */

export interface WeightRule {
  readonly burn: number;
  readonly gatherShare: number;
  readonly gatherPeers: number;
  /** First gather peer's weight over the last one's. */
  readonly gatherRatio: number;
  readonly reservePeers: number;
  /** Each reserve peer's weight over the one's before it; also how far below the last gather peer the first one stays. */
  readonly reserveDecay: number;
}

/** Rows with a positive score, best first, equal scores in the order of their rows. */
export function rankedRows(scores: Float64Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) if (scores[row] > 0) rows.push(row);
  return rows.sort((a, b) => scores[b] - scores[a] || a - b);
}

/** Weight of each row; they sum to 1 - burn, or to 0 where nobody has a positive score (all is burnt then). */
export function emissionWeights(scores: Float64Array, rule: WeightRule): Float64Array {
  const ranked = rankedRows(scores);
  const gather = ranked.slice(0, rule.gatherPeers);
  const reserve = ranked.slice(rule.gatherPeers, rule.gatherPeers + rule.reservePeers);
  const weights = new Float64Array(scores.length);
  const paid = 1 - rule.burn;
  const line = gather.map((_, place) =>
    gather.length === 1 ? 1 : rule.gatherRatio + ((1 - rule.gatherRatio) * place) / (gather.length - 1),
  );
  spread(weights, gather, { profile: line, total: paid * rule.gatherShare });
  let power = 1;
  const series = reserve.map(() => {
    const part = power;
    power *= rule.reserveDecay;
    return part;
  });
  spread(weights, reserve, { profile: series, total: paid * (1 - rule.gatherShare) });
  if (gather.length > 0 && reserve.length > 0) {
    const leastGather = weights[gather[gather.length - 1]];
    const mostReserve = weights[reserve[0]];
    if (mostReserve > leastGather) {
      for (const row of reserve) weights[row] *= (leastGather / mostReserve) * rule.reserveDecay;
    }
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0 ? weights.map((weight) => (weight * paid) / total) : weights;
}

function spread(
  weights: Float64Array,
  rows: readonly number[],
  { profile, total }: { readonly profile: readonly number[]; readonly total: number },
): void {
  const sum = profile.reduce((one, other) => one + other, 0);
  for (const [place, row] of rows.entries()) weights[row] = (total * profile[place]) / sum;
}
