/** Did you mean: the known word that is spelt most like an unknown one. */
import { shorten } from "./message-text.ts";

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

/** Longer words are no misspelling of ours, and distances cost the product of the lengths. */
const longestCompared = 60;

/** The candidate within about a third of `word` in edits, whatever the case; undefined when none is. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longestCompared) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  // One letter is near every other letter, so that a single one must agree but for its case.
  let bestDistance = Math.min(word.length, Math.max(1, Math.floor(word.length / 3)) + 1);
  for (const candidate of candidates) {
    if (candidate.length > longestCompared) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

const mostListed = 8;

/**
 * What was expected instead of `word`, as the end of a message: ` (expected a, b, c; did you mean b?)`.
 * Long lists are cut where a near word is known or after eight.
 */
export function alternatives(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  const guess = near === undefined ? undefined : `did you mean ${shorten(near)}?`;
  if (candidates.length > mostListed && guess !== undefined) return ` (${guess})`;
  if (candidates.length === 0) return "";
  const listed = candidates.slice(0, mostListed).map(shorten).join(", ");
  const more = candidates.length - mostListed;
  const rest = more > 0 ? ` or ${more} ${more === 1 ? "other" : "others"}` : "";
  return ` (expected ${listed}${rest}${guess === undefined ? "" : `; ${guess}`})`;
}

/** `unknown region: united-kindom (did you mean united-kingdom?)`; where nothing is near, what there is. */
export const unknownName = (noun: string, name: string, known: readonly string[]): string =>
  `unknown ${noun}: ${shorten(name)}${alternatives(name, known)}`;
