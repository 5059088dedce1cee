/** Softmax choices, two rows at a time, one in each lane; the scalar twin is src/reference/logit-choice.ts. */
import { expOfVector } from "./exp";

const smallestExponent: f64 = -708;

/**
 * Chooses for `rows` rows of `options` utilities. `scratch` holds 16 bytes per option. Returns -1, or the first row of a
 * pair that has NaN or Infinity among its utilities.
 */
export function chooseBySoftmax(
  utilities: usize,
  uniforms: usize,
  choice: usize,
  scratch: usize,
  rows: i32,
  options: i32,
  temperature: f64,
): i32 {
  const rowBytes = (<usize>options) << 3;
  const divisor = f64x2.splat(temperature);
  for (let row = 0; row < rows; row += 2) {
    const other = row + 1 < rows ? row + 1 : row;
    const first = utilities + <usize>row * rowBytes;
    const second = utilities + <usize>other * rowBytes;
    const best = bestOfRows(first, second, scratch, rowBytes);
    // NaN fails this too.
    if (!v128.all_true<i64>(f64x2.lt(best, f64x2.splat(Infinity)))) return row;
    const total = accumulateWeights(best, divisor, scratch, rowBytes);
    const uniform = v128.load64_lane(
      uniforms + ((<usize>other) << 3),
      v128.load64_zero(uniforms + ((<usize>row) << 3)),
      1,
    );
    const index = v128.or(
      countUpTo(f64x2.mul(uniform, total), scratch, rowBytes),
      // All bits set is -1: nothing was available.
      f64x2.eq(total, f64x2.splat(0)),
    );
    store<i32>(choice + ((<usize>other) << 2), i32x4.extract_lane(index, 2));
    store<i32>(choice + ((<usize>row) << 2), i32x4.extract_lane(index, 0));
  }
  return -1;
}

/** Interleaves two rows into `scratch` and returns the best of each. */
function bestOfRows(first: usize, second: usize, scratch: usize, rowBytes: usize): v128 {
  let best = f64x2.splat(-Infinity);
  for (let offset: usize = 0; offset < rowBytes; offset += 8) {
    const pair = v128.load64_lane(second + offset, v128.load64_zero(first + offset), 1);
    best = f64x2.max(best, pair);
    v128.store(scratch + (offset << 1), pair);
  }
  return best;
}

/** Replaces the utilities in `scratch` by cumulative weights and returns the totals. */
function accumulateWeights(best: v128, divisor: v128, scratch: usize, rowBytes: usize): v128 {
  const floor = f64x2.splat(smallestExponent);
  const end = scratch + (rowBytes << 1);
  let total = f64x2.splat(0);
  for (; scratch < end; scratch += 16) {
    const exponent = f64x2.div(f64x2.sub(v128.load(scratch), best), divisor);
    // NaN (an option that is not available at infinite temperature) fails the comparison and weighs nothing.
    const counts = f64x2.ge(exponent, floor);
    total = f64x2.add(total, v128.and(counts, expOfVector(f64x2.max(exponent, floor))));
    v128.store(scratch, total);
  }
  return total;
}

/** How many cumulative weights are at most `threshold`. */
function countUpTo(threshold: v128, scratch: usize, rowBytes: usize): v128 {
  const end = scratch + (rowBytes << 1);
  let count = i64x2.splat(0);
  for (; scratch < end; scratch += 16) count = i64x2.sub(count, f64x2.le(v128.load(scratch), threshold));
  return count;
}

/** The lowest index of the largest utility of each row, -1 where nothing is available; returns as `chooseBySoftmax`. */
export function chooseBest(utilities: usize, choice: usize, rows: i32, options: i32): i32 {
  for (let row = 0; row < rows; row++) {
    let best: f64 = -Infinity;
    let bestIndex = -1;
    for (let option = 0; option < options; option++, utilities += 8) {
      const utility = load<f64>(utilities);
      if (!(utility < Infinity)) return row;
      if (utility > best) {
        best = utility;
        bestIndex = option;
      }
    }
    store<i32>(choice + ((<usize>row) << 2), bestIndex);
  }
  return -1;
}
