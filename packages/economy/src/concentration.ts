/** How concentrated ownership is. */

/**
 * Gini coefficient of non-negative holdings: 0 when all hold alike, 1 - 1/n when one of n holds everything
 * (Gini 1912, in the sorted form G = 2 sum i x_i / (n sum x) - (n + 1) / n). NaN when nothing is held.
 */
export function gini(holdings: Float64Array): number {
  const sorted = Float64Array.from(holdings).sort();
  let total = 0;
  let weighted = 0;
  for (let i = 0; i < sorted.length; i++) {
    total += sorted[i];
    weighted += (i + 1) * sorted[i];
  }
  return total > 0 ? (2 * weighted) / (sorted.length * total) - (sorted.length + 1) / sorted.length : Number.NaN;
}

/**
 * Nakamoto coefficient: the least number of holders who together hold more than half
 * (Srinivasan and Lee 2017, "Quantifying Decentralization"). NaN when nothing is held.
 */
export function nakamoto(holdings: Float64Array): number {
  const sorted = Float64Array.from(holdings).sort().reverse();
  const total = sorted.reduce((sum, held) => sum + held, 0);
  if (!(total > 0)) return Number.NaN;
  let held = 0;
  for (let i = 0; i < sorted.length; i++) {
    held += sorted[i];
    if (held > total / 2) return i + 1;
  }
  return sorted.length;
}

/**
 * Lorenz curve at `points` + 1 evenly spaced shares of the holders, the poorest first: cumulative share of what is held,
 * linear within a holder. All zeros when nothing is held.
 */
export function lorenz(holdings: Float64Array, points: number): Float64Array {
  const sorted = Float64Array.from(holdings).sort();
  const total = sorted.reduce((sum, held) => sum + held, 0);
  const curve = new Float64Array(points + 1);
  if (!(total > 0)) return curve;
  let held = 0;
  let counted = 0;
  for (let point = 0; point < points; point++) {
    const holders = (point * sorted.length) / points;
    while (counted + 1 <= holders) held += sorted[counted++];
    curve[point] = (held + (holders - counted) * sorted[counted]) / total;
  }
  curve[points] = 1;
  return curve;
}
