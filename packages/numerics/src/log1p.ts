/** ln(1 + x). */
import { sumError } from "./double-double.ts";
import { logOfSum } from "./log-of-sum.ts";

const parts = new Float64Array(2);

/** ln(1 + x), accurate near 0. Error below 0.6 ulp; -Infinity at -1, NaN below, signed zeros kept. */
export function log1p(x: number): number {
  if (!(x > -1) || x === Number.POSITIVE_INFINITY) return x === -1 ? Number.NEGATIVE_INFINITY : x > -1 ? x : Number.NaN;
  if (Math.abs(x) < 1e-16) return x;
  const sum = 1 + x;
  logOfSum(sum, sumError(1, x, sum), parts);
  return parts[0];
}
