/** Break-even of one arm: the value of a parameter at which its measure equals that of the best other arm. */
import { exp, log } from "@shardlab/numerics";
import { mean } from "simple-statistics";
import { type PairedDifference, pairedDifference, type ValuesBySeed } from "./paired.ts";

/** Which way a measure is better. */
export type Better = "higher" | "lower";

export interface ArmValues {
  readonly arm: string;
  readonly values: ValuesBySeed;
}

/** One measure at one value `x` > 0 of the searched parameter, by seed, for the challenger and the other arms. */
export interface FrontierColumn {
  readonly x: number;
  readonly challenger: ValuesBySeed;
  readonly others: readonly ArmValues[];
}

/** The challenger's lead over the best other arm at one value of the parameter. */
export interface Lead {
  readonly x: number;
  readonly bestOther: string;
  readonly difference: PairedDifference;
}

/**
 * Where the challenger's lead is zero.
 *
 * @property state `found`; `below range` or `above range` when it lies outside the values tried; `no data` when fewer
 *   than two values of the parameter have runs of the challenger and another arm.
 * @property value break-even, in the unit of the parameter; null unless found.
 * @property ci95 the values at which the 95 % interval of the lead holds zero; an end is null when it lies outside the
 *   values tried, and both are with fewer than two seeds.
 * @property winsAbove whether the challenger leads above break-even (its lead grows with the parameter) or below it.
 */
export interface BreakEven {
  readonly state: "found" | "below range" | "above range" | "no data";
  readonly value: number | null;
  readonly ci95: readonly [low: number | null, high: number | null];
  readonly winsAbove: boolean;
  readonly leads: readonly Lead[];
}

/**
 * The break-even over `columns`, sorted by `x`.
 *
 * At each x the challenger is compared, seed by seed, with the arm that has the best mean there: the highest, or the lowest
 * where `better` is `lower`; a lead is positive where the challenger is better. The lead is made
 * monotone by least squares (pool adjacent violators), rising or falling, whichever fits better, and is interpolated
 * linearly in ln x. The interval inverts the test at each x: its ends are where the limits of the lead's Student-t
 * interval, made monotone in the same direction, cross zero. Where two other arms are close, the best is chosen with the
 * noise of its seeds, which puts break-even slightly against the challenger.
 *
 * @throws `invalid frontier value` unless every x is positive.
 */
export function breakEven(columns: readonly FrontierColumn[], better: Better = "higher"): BreakEven {
  const leads = columns.flatMap((column) => leadOf(column, better) ?? []);
  if (leads.length < 2) return { state: "no data", value: null, ci95: [null, null], winsAbove: true, leads };
  const logs = leads.map(({ x }) => log(x));
  const means = leads.map(({ difference }) => difference.mean);
  const winsAbove = squaredError(means, risingFit(means)) <= squaredError(means, fallingFit(means));
  const cross = (limit: (lead: Lead) => number): Crossing =>
    zeroCrossing(logs, risingFit(leads.map((lead) => (winsAbove ? limit(lead) : -limit(lead)))));
  const found = cross(({ difference }) => difference.mean);
  const end = (side: 0 | 1): number | null => {
    if (leads.some(({ difference }) => difference.ci95 === null)) return null;
    const crossing = cross(({ difference }) => difference.ci95?.[side] ?? Number.NaN);
    return typeof crossing === "number" ? exp(crossing) : null;
  };
  // A rising upper limit crosses zero first, a falling lower limit does.
  const ci95 = winsAbove ? ([end(1), end(0)] as const) : ([end(0), end(1)] as const);
  const isFound = typeof found === "number";
  return { state: isFound ? "found" : found, value: isFound ? exp(found) : null, ci95, winsAbove, leads };
}

function leadOf({ x, challenger, others }: FrontierColumn, better: Better): Lead | undefined {
  if (!(x > 0)) throw new Error(`invalid frontier value: ${x} (expected more than 0)`);
  let best: { arm: string; difference: PairedDifference; level: number } | undefined;
  for (const { arm, values } of others) {
    const isHigher = better === "higher";
    const difference = isHigher ? pairedDifference(challenger, values) : pairedDifference(values, challenger);
    const level = values.size > 0 ? mean([...values.values()]) * (isHigher ? 1 : -1) : Number.NEGATIVE_INFINITY;
    if (difference && (best === undefined || level > best.level)) best = { arm, difference, level };
  }
  return best && { x, bestOther: best.arm, difference: best.difference };
}

/** The rising sequence closest to `values` in least squares: pool adjacent violators (Ayer et al., 1955). */
export function risingFit(values: readonly number[]): number[] {
  const blocks: { mean: number; count: number }[] = [];
  for (const value of values) {
    let block = { mean: value, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.mean > block.mean; last = blocks.at(-1)) {
      const count = last.count + block.count;
      block = { mean: (last.mean * last.count + block.mean * block.count) / count, count };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => Array<number>(block.count).fill(block.mean));
}

const fallingFit = (values: readonly number[]): number[] =>
  risingFit(values.map((value) => -value)).map((value) => -value);

const squaredError = (values: readonly number[], fit: readonly number[]): number =>
  values.reduce((sum, value, index) => sum + (value - fit[index]) * (value - fit[index]), 0);

type Crossing = number | "below range" | "above range";

/** Where a rising sequence over `positions` reaches zero. */
function zeroCrossing(positions: readonly number[], rising: readonly number[]): Crossing {
  const after = rising.findIndex((value) => value >= 0);
  if (after === 0) return "below range";
  if (after < 0) return "above range";
  const share = rising[after - 1] / (rising[after - 1] - rising[after]);
  return positions[after - 1] + share * (positions[after] - positions[after - 1]);
}
