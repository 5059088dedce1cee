/** What a coarse grid says of the crossings of a noisy function. */
import type { ThresholdPoint } from "./threshold-sampler.ts";

/** Neighbours on the grid between which the mean changes its sign; `isShown` where both are clear of zero at 95 %. */
export interface Crossing {
  readonly low: number;
  readonly high: number;
  readonly isShown: boolean;
}

/** @property rise how far the mean rises (or falls) between the two neighbours. */
export type GridReading =
  | { readonly state: "none" | "several" | "no value"; readonly crossings: readonly Crossing[] }
  | {
      readonly state: "crossing";
      readonly crossings: readonly Crossing[];
      readonly low: number;
      readonly high: number;
      readonly isRising: boolean;
      readonly rise: number;
    };

interface SignedPoint {
  readonly x: number;
  readonly mean: number;
  /** Sign of the mean. */
  readonly sign: number;
  /** Sign of the whole 95 % interval; 0 where it holds zero or there is none. */
  readonly shown: number;
}

function signedOf(grid: readonly ThresholdPoint[]): SignedPoint[] {
  return grid.flatMap(({ x, estimate }) => {
    if (estimate === null) return [];
    const { mean, ci95 } = estimate;
    const isShown = ci95 !== null && (ci95[0] > 0 || ci95[1] < 0);
    return [{ x, mean, sign: Math.sign(mean), shown: isShown ? Math.sign(mean) : 0 }];
  });
}

/** Neighbours at which `sign` changes; points where it is 0 belong to either side. */
function changes(points: readonly SignedPoint[], sign: (point: SignedPoint) => number): [SignedPoint, SignedPoint][] {
  const clear = points.filter((point) => sign(point) !== 0);
  return clear.slice(1).flatMap((point, index): [SignedPoint, SignedPoint][] => {
    const before = clear[index];
    return sign(before) === sign(point) ? [] : [[before, point]];
  });
}

/**
 * Reads a grid: one crossing where the sign changes once among the points that are clear of zero at 95 %, however the mean
 * wavers between them, or once in the mean where fewer points are clear. A mean of exactly zero at an end of the range
 * counts as a crossing there.
 */
export function readGrid(grid: readonly ThresholdPoint[]): GridReading {
  const points = signedOf(grid);
  if (points.length < 2) return { state: "no value", crossings: [] };
  const byMean = changes(points, ({ sign }) => sign);
  const byInterval = changes(points, ({ shown }) => shown);
  const crossings = byMean.map(([before, after]) => ({
    low: before.x,
    high: after.x,
    isShown: before.shown !== 0 && after.shown !== 0,
  }));
  const single = byInterval.length === 1 ? byInterval[0] : byMean.length === 1 ? byMean[0] : atEnd(points);
  if (byInterval.length > 1 || (byInterval.length === 0 && byMean.length > 1)) return { state: "several", crossings };
  if (single === undefined) return { state: "none", crossings };
  const [before, after] = single;
  return {
    state: "crossing",
    crossings,
    low: before.x,
    high: after.x,
    isRising: after.sign > 0 || before.sign < 0,
    rise: Math.abs(after.mean - before.mean),
  };
}

/** The end of the range and its neighbour, where the mean is exactly zero at the end and only there. */
function atEnd(points: readonly SignedPoint[]): [SignedPoint, SignedPoint] | undefined {
  const zeros = points.filter(({ sign }) => sign === 0);
  if (zeros.length !== 1) return undefined;
  if (points[0].sign === 0) return [points[0], points[1]];
  const last = points.length - 1;
  return points[last].sign === 0 ? [points[last - 1], points[last]] : undefined;
}
