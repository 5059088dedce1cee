/** The logarithm of a sum of exponentials. */
import { exp } from "./exp.ts";
import { log } from "./log.ts";

/** ln of the sum of e^x[i], without overflow; -Infinity for an empty array, NaN if any element is NaN. */
export function logSumExp(x: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, x[i]);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += exp(x[i] - largest);
  return largest + log(sum);
}
