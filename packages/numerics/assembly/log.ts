/** ln x for two lanes at a time: the same operations in the same order as src/log.ts, so the same bits. */

const ln2High: f64 = 0.6931471803691238;
const ln2Low: f64 = 1.9082149292705877e-10;
/** Bits of sqrt(1/2), lower word cleared, and what takes them to those of 1. */
const sqrtHalfBits: i64 = 0x3fe6a09e00000000;
const oneMinusSqrtHalfBits: i64 = 0x3ff0000000000000 - 0x3fe6a09e00000000;
const significandBits: i64 = 0x000fffffffffffff;
const smallestNormal: f64 = 2.2250738585072014e-308;
const largest: f64 = 1.7976931348623157e308;

/** ln x of both lanes, for normal positive x. `scaling` is subtracted from the exponent. */
export function logOfVector(x: v128, scaling: f64): v128 {
  const shifted = i64x2.add(x, i64x2.splat(oneMinusSqrtHalfBits));
  // An integer below 2^52 or-ed into 2^52 reads as 2^52 plus that integer.
  const biased = v128.or(i64x2.shr_u(shifted, 52), i64x2.splat(0x4330000000000000));
  const k = f64x2.sub(biased, f64x2.splat(4503599627370496.0 + 1023.0 + scaling));
  const significand = i64x2.add(v128.and(shifted, i64x2.splat(significandBits)), i64x2.splat(sqrtHalfBits));
  const f = f64x2.sub(significand, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const halfSquare = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const series = f64x2.mul(s, f64x2.add(halfSquare, artanhSeries(f64x2.mul(s, s))));
  const trailing = f64x2.sub(halfSquare, f64x2.add(series, f64x2.mul(k, f64x2.splat(ln2Low))));
  return f64x2.sub(f64x2.mul(k, f64x2.splat(ln2High)), f64x2.sub(trailing, f));
}

function artanhSeries(z: v128): v128 {
  const z2 = f64x2.mul(z, z);
  const z4 = f64x2.mul(z2, z2);
  const terms1 = f64x2.add(
    f64x2.add(f64x2.splat(2.0 / 3.0), f64x2.mul(z, f64x2.splat(2.0 / 5.0))),
    f64x2.mul(z2, f64x2.add(f64x2.splat(2.0 / 7.0), f64x2.mul(z, f64x2.splat(2.0 / 9.0)))),
  );
  const terms5 = f64x2.add(
    f64x2.add(f64x2.splat(2.0 / 11.0), f64x2.mul(z, f64x2.splat(2.0 / 13.0))),
    f64x2.mul(z2, f64x2.add(f64x2.splat(2.0 / 15.0), f64x2.mul(z, f64x2.splat(2.0 / 17.0)))),
  );
  const terms9 = f64x2.add(f64x2.splat(2.0 / 19.0), f64x2.mul(z, f64x2.splat(2.0 / 21.0)));
  const sum = f64x2.add(f64x2.add(terms1, f64x2.mul(z4, terms5)), f64x2.mul(f64x2.mul(z4, z4), terms9));
  return f64x2.mul(z, sum);
}

function logOfScalar(x: f64): f64 {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  if (x < smallestNormal) return f64x2.extract_lane(logOfVector(f64x2.splat(x * 18014398509481984), 54), 0);
  return f64x2.extract_lane(logOfVector(f64x2.splat(x), 0), 0);
}

/** Replaces the `count` doubles at `pointer` by their logarithms; an odd count reads and writes one more. */
export function logInPlace(pointer: usize, count: i32): void {
  const end = pointer + ((<usize>count) << 3);
  for (; pointer < end; pointer += 16) {
    const x = v128.load(pointer);
    const normal = v128.and(f64x2.ge(x, f64x2.splat(smallestNormal)), f64x2.le(x, f64x2.splat(largest)));
    if (v128.all_true<i64>(normal)) {
      v128.store(pointer, logOfVector(x, 0));
    } else {
      store<f64>(pointer, logOfScalar(f64x2.extract_lane(x, 0)));
      store<f64>(pointer, logOfScalar(f64x2.extract_lane(x, 1)), 8);
    }
  }
}
