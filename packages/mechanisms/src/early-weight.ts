/**
 * Closed forms of ownership that weighs early work more: w(C) = exp(-lambda C / C*) units per unit of work.
 *
 * With work at a steady rate until the target at time T, revenue after it, and a hazard h and a discount r, a unit of ownership
 * that is earned at time t is worth exp(-(h + r)(T - t)) of one that is earned last. Work at progress x = t / T therefore earns
 * exp((lambda - (h + r) T)(1 - x)) of what the last work earns: at lambda = (h + r) T early owners are exactly compensated for
 * what they wait and risk, and what they earn above that is rent.
 */
import { exp } from "@shardlab/numerics";

/** A stretch of cumulative work, in any unit. */
export interface WorkStretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Share of all ownership issued until `totalWork` that the work of `stretch` earns:
 * (exp(-lambda C1 / C*) - exp(-lambda C2 / C*)) / (1 - exp(-lambda C / C*)), and by work alone where lambda is 0.
 *
 * @param earlyWeight lambda, at least 0
 * @param targetWork C*, and `totalWork` C in the unit of the stretch, at least its end (default: the target)
 * @throws Error `invalid stretch of work: ...` unless 0 <= from <= to <= total and the total is above 0
 */
export function ownershipShareOfWork(
  earlyWeight: number,
  targetWork: number,
  { from, to, totalWork = targetWork }: WorkStretch & { readonly totalWork?: number },
): number {
  if (!(from >= 0 && from <= to && to <= totalWork && totalWork > 0)) {
    throw new Error(`invalid stretch of work: ${from} to ${to} of ${totalWork} (expected 0 <= from <= to <= total)`);
  }
  return weightOf(earlyWeight / targetWork, from, to) / weightOf(earlyWeight / targetWork, 0, totalWork);
}

/** Below this exponent a series is more accurate than a difference of exponentials. */
const smallExponent = 1e-5;

/** The integral of exp(-rate C) from `from` to `to`. */
function weightOf(rate: number, from: number, to: number): number {
  const length = to - from;
  const exponent = rate * length;
  const mean =
    exponent < smallExponent ? 1 - exponent / 2 + (exponent * exponent) / 6 : (1 - exp(-exponent)) / exponent;
  return exp(-rate * from) * length * mean;
}

/** What waits for the model: hazard and discount per second, and seconds from the first work to the last. */
export interface WaitForRevenue {
  readonly hazard: number;
  readonly discount: number;
  readonly trainingSeconds: number;
}

/** The early weight at which early owners are exactly compensated: lambda = (h + r) T. */
export const compensatingEarlyWeight = ({ hazard, discount, trainingSeconds }: WaitForRevenue): number =>
  (hazard + discount) * trainingSeconds;

/**
 * What work at `progress` (0 the first, 1 the last) earns above what the last work earns, present value for present value:
 * exp((lambda - (h + r) T)(1 - progress)) - 1. Positive is rent, negative a loss that early owners bear.
 */
export const earlyRent = (earlyWeight: number, wait: WaitForRevenue, progress: number): number =>
  exp((earlyWeight - compensatingEarlyWeight(wait)) * (1 - progress)) - 1;
