/**
 * Hamilton's method of largest remainders (Balinski & Young, Fair Representation, 1982): an integer amount over weights.
 *
 * Everybody gets the whole part of their quota total * weight / sum(weights); what is left goes, one unit each, to the
 * largest remainders, and among equal remainders to the lower index.
 *
 * **What is exact.** Weights count in units of 2^-53 of the power of two at or above the largest weight; smaller
 * digits are cut off. So integer weights up to 2^53 count as they are, and any others to 53 bits of the largest. For the
 * weights so read, quotas and remainders are exact: the parts sum to the total, and none is 1 or more away from its quota.
 *
 * **How.** A quotient is guessed in floating point, and its remainder comes from exact products (Dekker, Numerische
 * Mathematik 18, 1971) in two limbs. Instead of sorting, remainders are counted in buckets; only the bucket in which the
 * last unit falls is looked at again, by quickselect.
 */
import { limbRadix, toBigInt, toLimbs } from "./balances.ts";
import { largestAmount } from "./batch.ts";

const doubleLimit = 9_007_199_254_740_992;
/** 2^27 + 1, which splits a double into two halves of at most 27 bits (Veltkamp). */
const splitter = 134_217_729;
const perRadix = 1 / limbRadix;
/** 2^26 and its inverse. */
const halfRadix = 67_108_864;
const perHalfRadix = 1 / halfRadix;
const mostRows = halfRadix;
/** Few enough that the counts stay in the fastest cache. */
const mostBuckets = 4096;

/** A double and its halves. */
interface Halves {
  readonly value: number;
  readonly upper: number;
  readonly lower: number;
}

/** The division total * weight / sum, ready to be carried out for every row. */
interface Division {
  /** Two powers of two that scale weights, because one alone could overflow. */
  readonly lift: number;
  readonly scale: number;
  readonly total: Halves;
  /** Sum of the scaled weights: the nearest double, the rest, and the same in limbs. */
  readonly sum: Halves;
  readonly sumRest: Halves;
  readonly sumHigh: number;
  readonly sumLow: number;
  /** The exact total and sum where the total exceeds 2^53, which takes the slow way. */
  readonly large: { readonly total: bigint; readonly sum: bigint } | undefined;
}

/** Results of divisions as columns: quotients, and remainders in two limbs. */
interface Quotients {
  readonly parts: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
}

/** The parts given so far, and the remainders counted in buckets. */
interface Tally {
  readonly out: Float64Array;
  /** Bucket of each row. */
  readonly buckets: Uint16Array;
  /** Rows of each bucket. */
  readonly counts: Int32Array;
}

/** Rows are divided in blocks whose results stay in the fastest cache. */
const blockRows = 512;

/**
 * Splits `total` over `weights` into integers that sum to it.
 *
 * @param total a non-negative integer up to 2^53, or a bigint below 2^83 of which no part may exceed 2^52
 * @param weights at most 2^26 non-negative doubles, at least one positive unless the total is 0
 * @param out receives the parts; as long as `weights`, and another array
 * @throws `invalid total`, `invalid weight`, `no positive weight`, `unequal lengths`, `too many weights`, `part too large`
 */
export function splitByLargestRemainder(total: number | bigint, weights: Float64Array, out: Float64Array): void {
  checkArguments(total, weights, out);
  const division = planDivision(total, weights);
  if (division === undefined) {
    if (total > 0) throw new Error(`no positive weight: cannot split ${total}`);
    out.fill(0);
    return;
  }
  const buckets = new Uint16Array(weights.length);
  const counts = new Int32Array(Math.min(mostBuckets, weights.length));
  const tally = { out, buckets, counts };
  const left = giveWholeParts(division, weights, tally);
  if (left > 0) giveLeftOver(division, weights, { ...tally, left });
}

function checkArguments(total: number | bigint, weights: Float64Array, out: Float64Array): void {
  const fits =
    typeof total === "bigint"
      ? total >= 0n && total >> 83n === 0n
      : total >= 0 && total <= doubleLimit && Math.floor(total) === total;
  if (!fits) throw new Error(`invalid total: ${total}`);
  if (out.length !== weights.length) {
    throw new Error(`unequal lengths: out has ${out.length} rows, weights has ${weights.length}`);
  }
  if (weights.length > mostRows) throw new Error(`too many weights: ${weights.length}, at most ${mostRows}`);
  if (out === weights) throw new Error("invalid out: the array of weights");
}

function planDivision(total: number | bigint, weights: Float64Array): Division | undefined {
  const largest = largestWeight(weights);
  if (largest === 0) return undefined;
  // 2^600 lifts the smallest weights to where the second factor is finite.
  const lift = largest < 1e-150 ? 4.149515568880993e180 : 1;
  const scale = scaleOf(largest * lift);
  const sum = scaledSum(weights, lift, scale);
  const { high, low } = toLimbs(sum);
  const nearest = high * limbRadix + low;
  const large = typeof total === "bigint" && total > BigInt(doubleLimit);
  return {
    lift,
    scale,
    total: halve(large ? 0 : Number(total)),
    sum: halve(nearest),
    sumRest: halve(Number(sum - BigInt(nearest))),
    sumHigh: high,
    sumLow: low,
    large: large ? { total, sum } : undefined,
  };
}

function largestWeight(weights: Float64Array): number {
  let largest = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row];
    // Written so that NaN fails as well.
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw new Error(`invalid weight: ${weight} in row ${row}`);
    if (weight > largest) largest = weight;
  }
  return largest;
}

/** The power of two that brings a weight into (2^52, 2^53]. */
function scaleOf(largest: number): number {
  let scale = 1;
  while (largest * scale > doubleLimit) scale /= 2;
  while (largest * scale * 2 <= doubleLimit) scale *= 2;
  return scale;
}

/** Sums halves of 26 bits apart, which needs no carries for up to 2^26 rows. */
function scaledSum(weights: Float64Array, lift: number, scale: number): bigint {
  let upper = 0;
  let lower = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = Math.floor(weights[row] * lift * scale);
    const upperBits = Math.floor(weight * perHalfRadix);
    upper += upperBits;
    lower += weight - upperBits * halfRadix;
  }
  return BigInt(upper) * BigInt(halfRadix) + BigInt(lower);
}

function halve(value: number): Halves {
  const upper = upperHalf(value);
  return { value, upper, lower: value - upper };
}

function upperHalf(value: number): number {
  const spread = splitter * value;
  return spread - (spread - value);
}

/** Writes the whole parts to `out`, counts remainders by bucket, and returns how many units are left. */
function giveWholeParts(division: Division, weights: Float64Array, { out, buckets, counts }: Tally): number {
  const block = createQuotients(Math.min(blockRows, weights.length));
  const bucketsPerUnit = counts.length / division.sum.value;
  const lastBucket = counts.length - 1;
  let givenHigh = 0;
  let givenLow = 0;
  for (let begin = 0; begin < weights.length; begin += blockRows) {
    const end = Math.min(begin + blockRows, weights.length);
    divideRows(division, weights.subarray(begin, end), block);
    for (let row = begin; row < end; row++) {
      const parts = block.parts[row - begin];
      out[row] = parts;
      givenLow += parts;
      if (givenLow >= limbRadix) {
        givenLow -= limbRadix;
        givenHigh += 1;
      }
      // Rounding is monotone, so a larger remainder never lands in a lower bucket.
      const bucket = Math.floor((block.high[row - begin] * limbRadix + block.low[row - begin]) * bucketsPerUnit);
      const counted = Math.min(bucket, lastBucket);
      buckets[row] = counted;
      counts[counted] += 1;
    }
  }
  if (division.large !== undefined) return Number(division.large.total - toBigInt(givenHigh, givenLow));
  return division.total.value - (givenHigh * limbRadix + givenLow);
}

const createQuotients = (rows: number): Quotients => ({
  parts: new Float64Array(rows),
  high: new Float64Array(rows),
  low: new Float64Array(rows),
});

/** Gives one unit to each of the `left` largest remainders; fewer units are left than there are remainders above 0. */
function giveLeftOver(
  division: Division,
  weights: Float64Array,
  { out, buckets, counts, left }: Tally & { readonly left: number },
): void {
  let last = counts.length - 1;
  let open = left;
  while (counts[last] < open) open -= counts[last--];
  const rows = new Int32Array(counts[last]);
  const closeWeights = new Float64Array(rows.length);
  let found = 0;
  for (let row = 0; row < buckets.length; row++) {
    if (buckets[row] > last) out[row] += 1;
    else if (buckets[row] === last) {
      rows[found] = row;
      closeWeights[found++] = weights[row];
    }
  }
  const close = createQuotients(rows.length);
  divideRows(division, closeWeights, close);
  const { high, low } = close;
  const [leastHigh, leastLow, ties] = selectLargest(high.slice(), low.slice(), open);
  let tiesLeft = ties;
  for (let index = 0; index < rows.length; index++) {
    const order = compareLimbs(high[index], low[index], leastHigh, leastLow);
    if (order > 0 || (order === 0 && tiesLeft-- > 0)) out[rows[index]] += 1;
  }
}

const compareLimbs = (high: number, low: number, otherHigh: number, otherLow: number): number =>
  high === otherHigh ? low - otherLow : high - otherHigh;

/**
 * Quickselect with three-way partitions: the value of rank `rank` (1 is the largest), and how many of the `rank` largest
 * equal it. Reorders its arguments.
 */
function selectLargest(high: Float64Array, low: Float64Array, rank: number): [number, number, number] {
  let begin = 0;
  let end = high.length;
  for (;;) {
    const middle = begin + ((end - begin) >> 1);
    const pivotHigh = high[middle];
    const pivotLow = low[middle];
    let larger = begin;
    let smaller = end;
    for (let index = begin; index < smaller; ) {
      const order = compareLimbs(high[index], low[index], pivotHigh, pivotLow);
      if (order > 0) swap(high, low, index++, larger++);
      else if (order < 0) swap(high, low, index, --smaller);
      else index++;
    }
    // Now [begin, larger) is larger than the pivot, [larger, smaller) equals it, and [smaller, end) is smaller.
    if (rank <= larger) end = larger;
    else if (rank <= smaller) return [pivotHigh, pivotLow, rank - larger];
    else begin = smaller;
  }
}

function swap(high: Float64Array, low: Float64Array, one: number, other: number): void {
  const keptHigh = high[one];
  const keptLow = low[one];
  high[one] = high[other];
  low[one] = low[other];
  high[other] = keptHigh;
  low[other] = keptLow;
}

function divideRows(division: Division, weights: Float64Array, into: Quotients): void {
  if (division.large === undefined) divideDoubles(division, weights, into);
  else divideWholeNumbers(division, division.large, weights, into);
}

/** Quotients and remainders, exact for totals up to 2^53. */
function divideDoubles(division: Division, weights: Float64Array, into: Quotients): void {
  const { lift, scale, sumHigh, sumLow } = division;
  const { value: total, upper: totalUpper, lower: totalLower } = division.total;
  const { value: sum, upper: sumUpper, lower: sumLower } = division.sum;
  const { value: sumRest, upper: restUpper, lower: restLower } = division.sumRest;
  for (let row = 0; row < weights.length; row++) {
    const weight = Math.floor(weights[row] * lift * scale);
    const product = total * weight;
    // Off by a few units at most: three roundings of 2^-53 on a quotient of at most 2^53.
    let parts = Math.floor(product / sum);
    const taken = parts * sum;
    // total * weight - parts * sum, as limbs: the leading difference is exact, because its terms are close.
    const difference = product - taken;
    let high = Math.floor(difference * perRadix);
    let low = difference - high * limbRadix + productError(product, totalUpper, totalLower, weight);
    if (low >= limbRadix) {
      low -= limbRadix;
      high += 1;
    }
    low -= productError(taken, sumUpper, sumLower, parts);
    if (sumRest !== 0) {
      const rest = parts * sumRest;
      const restHigh = Math.floor(rest * perRadix);
      const carried = Math.floor(low * perRadix);
      low += -carried * limbRadix - (rest - restHigh * limbRadix) - productError(rest, restUpper, restLower, parts);
      high += carried - restHigh;
    }
    const carried = Math.floor(low * perRadix);
    low -= carried * limbRadix;
    high += carried;
    while (high < 0) {
      parts -= 1;
      high += sumHigh;
      low += sumLow;
      if (low >= limbRadix) {
        low -= limbRadix;
        high += 1;
      }
    }
    while (high > sumHigh || (high === sumHigh && low >= sumLow)) {
      parts += 1;
      high -= sumHigh;
      low -= sumLow;
      if (low < 0) {
        low += limbRadix;
        high -= 1;
      }
    }
    into.parts[row] = parts;
    into.high[row] = high;
    into.low[row] = low;
  }
}

/** What the rounded product of a factor in halves and another lacks to the exact one (Dekker's product). */
function productError(product: number, upper: number, lower: number, other: number): number {
  const otherUpper = upperHalf(other);
  const otherLower = other - otherUpper;
  return lower * otherLower - (product - upper * otherUpper - lower * otherUpper - upper * otherLower);
}

/** As `divideDoubles` for larger totals, in whole numbers of any size. */
function divideWholeNumbers(
  { lift, scale }: Division,
  { total, sum }: { total: bigint; sum: bigint },
  weights: Float64Array,
  into: Quotients,
): void {
  for (let row = 0; row < weights.length; row++) {
    const product = total * BigInt(Math.floor(weights[row] * lift * scale));
    const parts = product / sum;
    if (parts > BigInt(largestAmount)) throw new Error(`part too large: ${parts} exceeds ${largestAmount}`);
    const remainder = toLimbs(product - parts * sum);
    into.parts[row] = Number(parts);
    into.high[row] = remainder.high;
    into.low[row] = remainder.low;
  }
}
