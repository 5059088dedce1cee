/** e^x for two lanes at a time: the same operations in the same order as src/exp.ts, so the same bits. */

const ln2High: f64 = 0.6931471803691238;
const ln2Low: f64 = 1.9082149292705877e-10;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: the literal of src/ln2.ts.
const inverseLn2: f64 = 1.4426950408889634;
/** Adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits. */
const roundingShift: f64 = 6755399441055744;

/** e^x of both lanes, for |x| <= 708: there 2^k is normal and one multiplication scales. */
export function expOfVector(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(inverseLn2)), f64x2.splat(roundingShift));
  const k = f64x2.sub(shifted, f64x2.splat(roundingShift));
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(ln2High)));
  const low = f64x2.mul(k, f64x2.splat(ln2Low));
  const r = f64x2.sub(high, low);
  const leading = f64x2.add(f64x2.splat(1), high);
  const rest = f64x2.sub(f64x2.add(f64x2.sub(f64x2.splat(1), leading), high), low);
  const secondOrder = f64x2.mul(f64x2.mul(r, r), secondOrderOfVector(r));
  const significand = f64x2.add(leading, f64x2.add(rest, secondOrder));
  return f64x2.mul(significand, i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52));
}

function secondOrderOfVector(r: v128): v128 {
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const terms0 = f64x2.add(
    f64x2.add(f64x2.splat(1.0 / 2.0), f64x2.mul(r, f64x2.splat(1.0 / 6.0))),
    f64x2.mul(r2, f64x2.add(f64x2.splat(1.0 / 24.0), f64x2.mul(r, f64x2.splat(1.0 / 120.0)))),
  );
  const terms4 = f64x2.add(
    f64x2.add(f64x2.splat(1.0 / 720.0), f64x2.mul(r, f64x2.splat(1.0 / 5040.0))),
    f64x2.mul(r2, f64x2.add(f64x2.splat(1.0 / 40320.0), f64x2.mul(r, f64x2.splat(1.0 / 362880.0)))),
  );
  const terms8 = f64x2.add(
    f64x2.add(f64x2.splat(1.0 / 3628800.0), f64x2.mul(r, f64x2.splat(1.0 / 39916800.0))),
    f64x2.mul(r2, f64x2.add(f64x2.splat(1.0 / 479001600.0), f64x2.mul(r, f64x2.splat(1.0 / 6227020800.0)))),
  );
  return f64x2.add(f64x2.add(terms0, f64x2.mul(r4, terms4)), f64x2.mul(f64x2.mul(r4, r4), terms8));
}

/** e^x anywhere: clamped to where two half-steps of scaling reach every result, zero and infinity included. */
function expOfScalar(x: f64): f64 {
  if (!(x <= 710)) return x > 710 ? Infinity : NaN;
  if (x < -746) return 0;
  const k = x * inverseLn2 + roundingShift - roundingShift;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const leading: f64 = 1 + high;
  const rest = 1 - leading + high - low;
  const secondOrder = r * r * f64x2.extract_lane(secondOrderOfVector(f64x2.splat(r)), 0);
  const exponent = <i64>k;
  const half = exponent >> 1;
  return (leading + (rest + secondOrder)) * powerOfTwo(half) * powerOfTwo(exponent - half);
}

function powerOfTwo(exponent: i64): f64 {
  return reinterpret<f64>((exponent + 1023) << 52);
}

/** Replaces the `count` doubles at `pointer` by their exponentials; an odd count reads and writes one more. */
export function expInPlace(pointer: usize, count: i32): void {
  const end = pointer + ((<usize>count) << 3);
  for (; pointer < end; pointer += 16) {
    const x = v128.load(pointer);
    if (v128.all_true<i64>(f64x2.le(f64x2.abs(x), f64x2.splat(708)))) {
      v128.store(pointer, expOfVector(x));
    } else {
      store<f64>(pointer, expOfScalar(f64x2.extract_lane(x, 0)));
      store<f64>(pointer, expOfScalar(f64x2.extract_lane(x, 1)), 8);
    }
  }
}
