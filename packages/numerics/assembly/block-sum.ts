/** Sums of one block with eight partial sums: element i goes to partial sum i mod 8, as in src/reference/block-sum.ts. */

/** Sum of the `count` doubles at `x`. Padding up to a multiple of eight must be zero. */
export function sumOfBlock(x: usize, count: i32): f64 {
  let ab = f64x2.splat(0);
  let cd = f64x2.splat(0);
  let ef = f64x2.splat(0);
  let gh = f64x2.splat(0);
  const end = x + ((<usize>count) << 3);
  for (; x < end; x += 64) {
    ab = f64x2.add(ab, v128.load(x));
    cd = f64x2.add(cd, v128.load(x, 16));
    ef = f64x2.add(ef, v128.load(x, 32));
    gh = f64x2.add(gh, v128.load(x, 48));
  }
  return sumOfLanes(ab, cd, ef, gh);
}

/** Sum of the products of the `count` doubles at `x` and at `y`. Padding up to a multiple of eight must be zero. */
export function dotOfBlock(x: usize, y: usize, count: i32): f64 {
  let ab = f64x2.splat(0);
  let cd = f64x2.splat(0);
  let ef = f64x2.splat(0);
  let gh = f64x2.splat(0);
  const end = x + ((<usize>count) << 3);
  for (; x < end; x += 64, y += 64) {
    ab = f64x2.add(ab, f64x2.mul(v128.load(x), v128.load(y)));
    cd = f64x2.add(cd, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    ef = f64x2.add(ef, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
    gh = f64x2.add(gh, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
  }
  return sumOfLanes(ab, cd, ef, gh);
}

/** (a + c + (e + g)) + (b + d + (f + h)). */
function sumOfLanes(ab: v128, cd: v128, ef: v128, gh: v128): f64 {
  const sum = f64x2.add(f64x2.add(ab, cd), f64x2.add(ef, gh));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
