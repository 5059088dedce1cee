/** The verdict on a claim: in which part of its region it holds, where it fails, and what moves it. */
import { log } from "@shardlab/numerics";
import type { ClaimDesign, RegionParameter } from "./claim-design.ts";
import { claimMargins, type MarginPoint } from "./claim-margins.ts";
import type { ExperimentDesign } from "./experiment-design.ts";
import type { Limits } from "./interval.ts";
import type { MeasuredValues } from "./measured-values.ts";
import { type LabelledPoint, type RegionTree, regionTree } from "./region-tree.ts";
import { sampleA, sampleB } from "./saltelli-design.ts";
import { type SobolIndices, sobolIndices } from "./sobol-indices.ts";
import { studentTQuantile } from "./student-t.ts";

/** Whether something holds at a point, fails there, or cannot be told from the noise of the seeds. */
export type PointState = "holds" | "fails" | "open";

/**
 * @property values of the parameters, in SI.
 * @property margin mean over seeds of the smallest margin of the criteria; NaN where a measure does not exist.
 */
export interface ClaimPoint {
  readonly values: readonly number[];
  readonly margin: number;
  readonly state: PointState;
}

/** Share of the region, with a Wilson interval at 95 %; open points count for neither side. */
export interface RegionShare {
  readonly holds: number;
  readonly fails: number;
  readonly open: number;
  readonly share: number;
  readonly ci95: Limits;
}

/** @property seedDeviation standard deviation of the margin from seed to seed, pooled over the points. */
export interface CriterionSummary extends RegionShare {
  readonly says: string;
  readonly relation: string;
  readonly seedDeviation: number;
}

/**
 * `holds` or `fails`: in at least nine tenths of the region; `holds in part` between. `no power`: at half of the points or
 * more the seeds cannot tell, or nothing was run.
 */
export type ClaimVerdict = "holds" | "holds in part" | "fails" | "no power";

/**
 * @property points those of the samples A and B, which are spread evenly over the region.
 * @property indices Sobol' indices of the margin, one for each parameter; null where it does not vary or a row is incomplete.
 * @property tree where it holds, as boxes.
 */
export interface ClaimSummary {
  readonly design: ClaimDesign;
  readonly verdict: ClaimVerdict;
  readonly whole: RegionShare;
  readonly criteria: readonly CriterionSummary[];
  readonly points: readonly ClaimPoint[];
  readonly indices: readonly SobolIndices[] | null;
  readonly tree: RegionTree;
  readonly runs: number;
}

const decided = 0.9;
const z95 = 1.959964;

/** The verdict from the stored runs; null without a claim or without runs of it. */
export function summarizeClaim({ claim }: ExperimentDesign, measured: MeasuredValues): ClaimSummary | null {
  if (!claim) return null;
  const all = claimMargins(claim, measured);
  if (all.length === 0) return null;
  const isSample = ({ matrix }: MarginPoint): boolean => matrix === sampleA || matrix === sampleB;
  const spread = all.filter(isSample);
  const criteria = claim.criteria.map(({ says, holds }, index): CriterionSummary => {
    const { states, seedDeviation } = statesOf(spread.map(({ margins }) => margins[index]));
    return { says, relation: holds, seedDeviation, ...shareOf(states) };
  });
  const { states } = statesOf(spread.map(({ margins }) => smallest(margins)));
  const whole = shareOf(states);
  const points = spread.map(({ values, margins }, index): ClaimPoint => {
    return { values, margin: meanOf(smallest(margins)), state: states[index] };
  });
  return {
    ...{ design: claim, verdict: verdictOf(whole), whole, criteria, points },
    indices: indicesOf(claim, all),
    tree: regionTree(labelled(claim.region, points)),
    runs: all.length * claim.arms.length * claim.seeds,
  };
}

function verdictOf({ holds, fails, open, share }: RegionShare): ClaimVerdict {
  if (holds + fails <= open) return "no power";
  if (share >= decided) return "holds";
  return share <= 1 - decided ? "fails" : "holds in part";
}

/** The claim's margin, seed by seed: that of its weakest criterion. */
const smallest = (margins: readonly Float64Array[]): Float64Array =>
  margins[0].map((_, seed) => Math.min(...margins.map((margin) => margin[seed])));

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** States of points by Student's t with the spread of the seeds pooled over all points, so that two seeds a point suffice. */
function statesOf(margins: readonly Float64Array[]): { states: PointState[]; seedDeviation: number } {
  let squares = 0;
  let degreesOfFreedom = 0;
  for (const values of margins) {
    const mean = meanOf(values);
    if (Number.isNaN(mean)) continue;
    for (const value of values) squares += (value - mean) ** 2;
    degreesOfFreedom += values.length - 1;
  }
  const seedDeviation = degreesOfFreedom > 0 ? Math.sqrt(squares / degreesOfFreedom) : Number.NaN;
  const quantile = degreesOfFreedom > 0 ? studentTQuantile(0.975, degreesOfFreedom) : 0;
  const states = margins.map((values): PointState => {
    const mean = meanOf(values);
    const isLevel = values.every((value) => value === values[0]);
    const doubt = isLevel ? 0 : (quantile * seedDeviation) / Math.sqrt(values.length);
    if (Number.isNaN(mean) || Math.abs(mean) < doubt) return "open";
    return mean >= 0 ? "holds" : "fails";
  });
  return { states, seedDeviation };
}

/** Wilson, Journal of the American Statistical Association 22 (1927); points of a Sobol' sequence are more even than it takes them to be. */
function shareOf(states: readonly PointState[]): RegionShare {
  const count = (state: PointState): number => states.filter((one) => one === state).length;
  const [holds, fails, open] = [count("holds"), count("fails"), count("open")];
  const n = holds + fails;
  if (n === 0) return { holds, fails, open, share: Number.NaN, ci95: [0, 1] };
  const share = holds / n;
  const centre = (share + z95 ** 2 / (2 * n)) / (1 + z95 ** 2 / n);
  const half = (z95 * Math.sqrt((share * (1 - share)) / n + z95 ** 2 / (4 * n * n))) / (1 + z95 ** 2 / n);
  return { holds, fails, open, share, ci95: [Math.max(0, centre - half), Math.min(1, centre + half)] };
}

/** Complete rows alone count. */
function indicesOf({ region }: ClaimDesign, all: readonly MarginPoint[]): readonly SobolIndices[] | null {
  const matrices = [sampleA, sampleB, ...region.map(({ path }) => path)];
  const rows = new Map<number, Map<string, number>>();
  for (const { row, matrix, margins } of all) {
    const margin = meanOf(smallest(margins));
    if (!Number.isNaN(margin)) rows.set(row, (rows.get(row) ?? new Map()).set(matrix, margin));
  }
  const complete = [...rows.values()].filter((row) => matrices.every((matrix) => row.has(matrix)));
  if (complete.length < 3) return null;
  const column = (matrix: string) => Float64Array.from(complete, (row) => row.get(matrix) ?? Number.NaN);
  const [a, b, ...mixed] = matrices.map(column);
  return sobolIndices({ a, b, mixed }) ?? null;
}

function labelled(region: readonly RegionParameter[], points: readonly ClaimPoint[]): LabelledPoint[] {
  return points
    .filter(({ state }) => state !== "open")
    .map(({ values, state }) => ({
      place: values.map((value, index) => placeOf(region[index], value)),
      isTrue: state === "holds",
    }));
}

/** Place of a value between low (0) and high (1) on the parameter's scale. */
export function placeOf({ low, high, scale }: RegionParameter, value: number): number {
  if (scale === "linear") return (value - low) / (high - low);
  return (log(value) - log(low)) / (log(high) - log(low));
}
