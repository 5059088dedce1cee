/** Did you mean: the known word that is spelt most like an unknown one. */
import { editDistance } from "@shardlab/economy/tables/lookup";
import { shorten } from "./fault.ts";

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
  const rest = candidates.length > mostListed ? ` or ${candidates.length - mostListed} others` : "";
  return ` (expected ${listed}${rest}${guess === undefined ? "" : `; ${guess}`})`;
}
