/** The logistic function. */
import { exp } from "./exp.ts";

/** 1 / (1 + e^-x), without overflow and accurate in both tails. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const odds = exp(x);
  return odds / (1 + odds);
}
