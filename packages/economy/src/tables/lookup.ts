/** Finding a row of a table by its kind. */

/**
 * The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no part being edited
 * twice (optimal string alignment, after Damerau 1964): a swap is the commonest slip, and counts once.
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let distance = Math.min(replaced, (previous[column] as number) + 1, (current[column - 1] as number) + 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) distance = Math.min(distance, (beforePrevious[column - 2] as number) + 1);
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] as number;
}

/** The kind in `kinds` that is spelt most like `kind`; the first of several equally near. */
function nearestKind(kinds: readonly string[], kind: string): string {
  let best = kinds[0] as string;
  for (const candidate of kinds) {
    if (editDistance(kind, candidate) < editDistance(kind, best)) best = candidate;
  }
  return best;
}

/**
 * The row of `rows` with this kind.
 *
 * @throws Error `unknown device: rtx-4900 (did you mean rtx-4090?)` where `noun` names what the table holds.
 */
export function rowOfKind<Row extends { readonly kind: string }>(
  noun: string,
  rows: readonly Row[],
  kind: string,
): Row {
  const found = rows.find((row) => row.kind === kind);
  if (found) return found;
  const kinds = rows.map((row) => row.kind);
  throw new Error(`unknown ${noun}: ${kind} (did you mean ${nearestKind(kinds, kind)}?)`);
}
