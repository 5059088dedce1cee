/** Did you mean: the known name that is spelt most like an unknown one. */

/** Insertions, deletions and replacements that turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column] + 1, current[column - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}

const longestCompared = 60;
const mostListed = 12;

/** `unknown region: united-kindom (did you mean united-kingdom?)`; where nothing is near, what there is. */
export function unknownName(noun: string, name: string, known: readonly string[]): string {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of name.length > longestCompared ? [] : known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  if (best !== undefined) return `unknown ${noun}: ${name} (did you mean ${best}?)`;
  const rest = known.length > mostListed ? ` or ${known.length - mostListed} others` : "";
  return `unknown ${noun}: ${name.slice(0, longestCompared)} (expected ${known.slice(0, mostListed).join(", ")}${rest})`;
}
