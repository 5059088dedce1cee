/** How far a claim's criteria are met or missed at each point of its region, seed by seed. */
import { type MeasureReference, type MeasureRelation, parseRelation, typedSides } from "@shardlab/scenario";
import type { ClaimDesign } from "./claim-design.ts";
import type { MeasuredRun, MeasuredValues } from "./measured-values.ts";

/** One point of the design: its matrix and row, its parameters in SI, and its margins. */
export interface MarginPoint {
  readonly row: number;
  readonly matrix: string;
  readonly values: readonly number[];
  /** For each criterion, for each seed, its margin; NaN where a measure does not exist. */
  readonly margins: readonly Float64Array[];
}

/**
 * The margin by which a relation is met: (more - less) / (|more| + |less|), in [-1, 1], with `more` the side that ought to be
 * the larger one. It is positive where the relation holds, 0 at equality, and does not depend on units, so that criteria in
 * dollars and in days can stand beside each other.
 */
export function relativeMargin(more: number, less: number): number {
  const scale = Math.abs(more) + Math.abs(less);
  return scale > 0 ? (more - less) / scale : 0;
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
    const margins = criteria.map((margin) =>
      Float64Array.from({ length: design.seeds }, (_, each) => {
        const values = new Map(ofArms.map(([arm, list]) => [arm, list[each].values]));
        return margin(({ arm, name }) => values.get(arm ?? design.arms[0])?.get(name));
      }),
    );
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

type Margin = (lookup: (reference: MeasureReference) => number | undefined) => number;

function marginOf({ left, right, relation }: MeasureRelation, units: ReadonlyMap<string, string>): Margin {
  const sides = typedSides(left, right, units);
  return (lookup) => {
    const [a, b] = [sides.left(lookup), sides.right(lookup)];
    if (a === undefined || b === undefined) return Number.NaN;
    return relation === ">=" ? relativeMargin(a, b) : relativeMargin(b, a);
  };
}
