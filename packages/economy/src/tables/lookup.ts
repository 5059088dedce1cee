/** Finding a row of a table by its kind. */

/** The number of single-character insertions, deletions and replacements that turn `a` into `b` (Levenshtein 1966). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const shorter = Math.min(previous[column] as number, current[column - 1] as number) + 1;
      current.push(Math.min(replaced, shorter));
    }
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
