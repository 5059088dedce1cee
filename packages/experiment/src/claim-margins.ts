/** How far a claim's criteria are met or missed at each point of its region, seed by seed. */
import { type MeasureReference, type MeasureRelation, parseRelation, typedSides } from "@shardlab/scenario";
import type { ClaimDesign } from "./claim-design.ts";
import type { MeasuredRun, MeasuredValues } from "./measured-values.ts";

/** One point of the design: its matrix and row, its parameters in SI, and its margins. */
export interface MarginPoint {
  readonly row: number;
  readonly matrix: string;
  readonly values: readonly number[];
  /** For each criterion, for each seed, its margin; NaN at all seeds where a measure does not exist at one. */
  readonly margins: readonly Float64Array[];
}

/**
 * The margins by which a relation is met, seed by seed: (more - less) / scale, with `more` the side that ought to be the larger
 * one. Their mean is positive where the relation holds, lies in [-1, 1], is 0 at equality, and does not depend on units, so
 * that criteria in dollars and in days can stand beside each other.
 *
 * The scale is |more| + |less| of the seed, which leaves the ratio of the sides and takes out what makes both of them large.
 * A side that is negative at a seed, such as a gain, has no ratio, and a difference that passes through nothing would have the
 * margin 1 or -1 at each seed: the scale is then the mean of |more| + |less| over the seeds.
 */
export function relativeMargins(more: Float64Array, less: Float64Array): Float64Array {
  const sizes = more.map((value, seed) => Math.abs(value) + Math.abs(less[seed]));
  const isRatio = more.every((value, seed) => value >= 0 && less[seed] >= 0);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return more.map((value, seed) => {
    const scale = isRatio ? sizes[seed] : mean;
    return scale === 0 ? 0 : (value - less[seed]) / scale;
  });
}

/**
 * Margins of every point of which each arm has all seeds, ordered by row and matrix.
 *
 * @throws ExpressionError for a measure or a unit that is not there.
 */
export function claimMargins(design: ClaimDesign, measured: MeasuredValues): MarginPoint[] {
  const runs = new Map(design.arms.map((arm) => [arm, byPoint(measured.runsOf("claim", arm))]));
  const [first] = runs.values();
  if (first === undefined) return [];
  const criteria = design.criteria.map(({ holds }) => marginOf(parseRelation(holds), measured.units));
  return [...first].flatMap(([key, [{ coordinates }]]): MarginPoint[] => {
    const ofArms = [...runs].map(([arm, points]) => [arm, points.get(key) ?? []] as const);
    if (ofArms.some(([, list]) => list.length < design.seeds)) return [];
    const lookups = Array.from({ length: design.seeds }, (_, each): Lookup => {
      const values = new Map(ofArms.map(([arm, list]) => [arm, list[each].values]));
      return ({ arm, name }) => values.get(arm ?? design.arms[0])?.get(name);
    });
    const margins = criteria.map((margin) => margin(lookups));
    const values = design.region.map(({ path }) => Number(coordinates[path]));
    return [{ row: Number(coordinates.row), matrix: String(coordinates.matrix), values, margins }];
  });
}

function byPoint(runs: readonly MeasuredRun[]): Map<string, MeasuredRun[]> {
  const points = new Map<string, MeasuredRun[]>();
  for (const run of runs) {
    const key = `${run.coordinates.row} ${run.coordinates.matrix}`;
    const known = points.get(key);
    if (known) known.push(run);
    else points.set(key, [run]);
  }
  return points;
}

type Lookup = (reference: MeasureReference) => number | undefined;

function marginOf({ left, right, relation }: MeasureRelation, units: ReadonlyMap<string, string>) {
  const sides = typedSides(left, right, units);
  return (lookups: readonly Lookup[]): Float64Array => {
    const a = Float64Array.from(lookups, (lookup) => sides.left(lookup) ?? Number.NaN);
    const b = Float64Array.from(lookups, (lookup) => sides.right(lookup) ?? Number.NaN);
    return relation === ">=" ? relativeMargins(a, b) : relativeMargins(b, a);
  };
}
