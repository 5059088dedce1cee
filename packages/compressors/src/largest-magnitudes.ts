/** The k largest magnitudes by radix selection: a few passes over the values, no sorting, the same set everywhere. */

/**
 * Positions of the `kept` values of largest magnitude in `words` (float32 values as their bits) from `from` to `to`, counted
 * from `from` and ascending, written to `out` at `at`. Equal magnitudes: lower positions first. Infinities are larger than
 * all numbers, NaN larger than infinities.
 */
export function selectLargest(
  words: Uint32Array,
  { from, to, kept }: { from: number; to: number; kept: number },
  { out, at }: { out: Uint32Array; at: number },
): void {
  if (kept === 0) return;
  if (kept === to - from) {
    for (let i = 0; i < kept; i++) out[at + i] = i;
    return;
  }
  const { threshold, ties } = thresholdOf(words, { from, to, kept });
  let tiesLeft = ties;
  let place = at;
  for (let i = from; i < to; i++) {
    const magnitude = words[i] & 0x7fffffff;
    if (magnitude < threshold) continue;
    if (magnitude === threshold && tiesLeft-- <= 0) continue;
    out[place++] = i - from;
  }
}

const wideCounts = new Uint32Array(1 << 16);
const narrowCounts = new Uint32Array(1 << 8);

/** Shorter pieces are counted by 8 bits at a time, since clearing 65,536 counters would cost more than another pass. */
const wideFrom = 1 << 16;

/** The magnitude of the last one kept, and how many of just that magnitude are kept. */
function thresholdOf(
  words: Uint32Array,
  { from, to, kept }: { from: number; to: number; kept: number },
): { threshold: number; ties: number } {
  const isWide = to - from >= wideFrom;
  const counts = isWide ? wideCounts : narrowCounts;
  const digitBits = isWide ? 16 : 8;
  const lastDigit = counts.length - 1;
  let candidates = countFirstDigit(words, { from, to, counts, shift: 32 - digitBits });
  let threshold = 0;
  let wanted = kept;
  for (let shift = 32 - digitBits; ; shift -= digitBits) {
    let digit = lastDigit;
    while (counts[digit] < wanted) wanted -= counts[digit--];
    threshold |= digit << shift;
    if (shift === 0) return { threshold, ties: wanted };
    candidates = withPrefix(candidates, threshold >>> shift, shift);
    counts.fill(0);
    const next = shift - digitBits;
    for (let i = 0; i < candidates.length; i++) counts[(candidates[i] >>> next) & lastDigit]++;
  }
}

interface Count {
  readonly from: number;
  readonly to: number;
  readonly counts: Uint32Array;
  readonly shift: number;
}

/** Counts the first digit of all magnitudes. */
function countFirstDigit(words: Uint32Array, { from, to, counts, shift }: Count): Uint32Array {
  counts.fill(0);
  for (let i = from; i < to; i++) counts[(words[i] & 0x7fffffff) >>> shift]++;
  return words.subarray(from, to);
}

/** The magnitudes among `candidates` that begin with `prefix`. */
function withPrefix(candidates: Uint32Array, prefix: number, shift: number): Uint32Array {
  let found = 0;
  for (let i = 0; i < candidates.length; i++) if ((candidates[i] & 0x7fffffff) >>> shift === prefix) found++;
  const chosen = new Uint32Array(found);
  let place = 0;
  for (let i = 0; place < found; i++) {
    const magnitude = candidates[i] & 0x7fffffff;
    if (magnitude >>> shift === prefix) chosen[place++] = magnitude;
  }
  return chosen;
}
