/**
 * Values drawn for a sample: at random, or once from each of as many equal parts as there are points (Latin hypercube: McKay,
 * Beckman and Conover, Technometrics 21, 1979). Each path has streams of its own, so that no path shifts the draws of another.
 */
import { createStreams } from "@shardlab/random";
import {
  distanceAround,
  type RangeFault,
  type RawRange,
  type ReadRange,
  rangeValues,
  readRange,
  valueAlong,
} from "./range-values.ts";
import { decimalExponent, rounded, write } from "./written-number.ts";

export interface SamplePlan {
  readonly method: "random" | "latin-hypercube";
  readonly points: number;
  readonly seed: number;
}

/** For each point a share of the way, from 0 to 1. */
function shares(path: string, { method, points, seed }: SamplePlan): Float64Array {
  const drawn = new Float64Array(points);
  createStreams(seed).stream(`sample ${path}`).uniformsInto(drawn);
  if (method === "random") return drawn;
  const parts = Int32Array.from({ length: points }, (_, index) => index);
  createStreams(seed).stream(`parts ${path}`).shuffle(parts);
  return drawn.map((share, index) => ((parts[index] as number) + share) / points);
}

/** For each point the index of one of `choices`, all with the same chance. */
export const sampleIndices = (path: string, choices: number, plan: SamplePlan): readonly number[] =>
  Array.from(shares(path, plan), (share) => Math.min(choices - 1, Math.floor(share * choices)));

/** Values of a range that `path` takes, one for each point. */
export function sampleValues(
  path: string,
  raw: RawRange,
  plan: SamplePlan,
): { values: readonly unknown[] } | { fault: RangeFault } {
  const range = readRange(raw);
  if ("fault" in range) return range;
  if (raw.step === undefined) {
    const parts = plan.method === "random" ? undefined : plan.points;
    return { values: Array.from(shares(path, plan), (share) => drawnValue(range, share, parts)) };
  }
  const grid = rangeValues({ ...raw, scale: "linear" });
  if ("fault" in grid) return grid;
  const last = grid.values.length - 1;
  const nearest = (share: number): number =>
    Math.round(((valueAlong(range, share) - range.from) / (range.to - range.from)) * last);
  const indices = range.isLog ? Array.from(shares(path, plan), nearest) : sampleIndices(path, grid.values.length, plan);
  return { values: indices.map((index) => grid.values[index]) };
}

/** The resolution of a drawn value: a millionth of the range. */
const finest = 1e-6;

/** The drawn value as a short decimal, within its part of the range where there are `parts`. */
function drawnValue(range: ReadRange, share: number, parts: number | undefined): number | string {
  const { from, to, like } = range;
  const value = valueAlong(range, share);
  const part = parts === undefined ? 0 : Math.floor(share * parts);
  const low = parts === undefined ? from : valueAlong(range, part / parts);
  const high = parts === undefined || part + 1 >= parts ? to : valueAlong(range, (part + 1) / parts);
  const coarse = -decimalExponent(distanceAround(range, value, finest));
  for (let decimals = coarse; decimals < coarse + 8; decimals++) {
    const short = rounded(value, decimals);
    if (short >= low && short <= high) return write(short, like);
  }
  return write(Math.min(to, Math.max(from, value)), like);
}
