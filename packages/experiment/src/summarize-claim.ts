/** The verdict on a claim: in which part of its region it holds, where it fails, and what moves it. */
import { log } from "@shardlab/numerics";
import type { ClaimDesign, RegionParameter } from "./claim-design.ts";
import { claimMargins, type MarginPoint } from "./claim-margins.ts";
import type { ExperimentDesign } from "./experiment-design.ts";
import type { Limits } from "./interval.ts";
import { type MeasuredValues, unmetForecasts } from "./measured-values.ts";
import { type LabelledPoint, type RegionTree, regionTree } from "./region-tree.ts";
import { sampleA, sampleB } from "./saltelli-design.ts";
import { type SobolIndices, sobolIndices } from "./sobol-indices.ts";
import { studentTQuantile } from "./student-t.ts";

/** Whether something holds at a point, fails there, or cannot be told from the noise of the seeds. */
export type PointState = "holds" | "fails" | "open";

/**
 * @property values of the parameters, in SI.
 * @property margin smallest over the criteria of the mean margin over the seeds; NaN where a measure does not exist.
 */
export interface ClaimPoint {
  readonly values: readonly number[];
  readonly margin: number;
  readonly state: PointState;
}

/**
 * In how much of the region something holds.
 *
 * @property share of the decided points; NaN where there are none.
 * @property ci95 share of the region: from the lower end of a Wilson interval at 95 % were it to fail at every open point, to
 *   the upper end were it to hold at all of them. What the seeds cannot tell is so never taken for what the others tell.
 */
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
 * What the interval of the share allows to say: `holds` where all of it lies from four fifths on, `fails` where it lies below
 * one fifth, `holds in part` where it lies between a tenth and nine tenths, `undecided` where it is too wide for any of them:
 * more points or more seeds would tell.
 */
export type ClaimVerdict = "holds" | "holds in part" | "fails" | "undecided";

/**
 * @property possible verdicts that more runs may lead to: the verdict itself, or what an undecided claim lies between.
 * @property points those of the samples A and B, which are spread evenly over the region.
 * @property indices Sobol' indices of the margin, one for each parameter; null where it does not vary or a row is incomplete.
 * @property tree where it holds, as boxes.
 * @property unmetForecasts runs in which the forecast that people acted on missed what came of it by more than a tenth.
 */
export interface ClaimSummary {
  readonly design: ClaimDesign;
  readonly verdict: ClaimVerdict;
  readonly possible: readonly ClaimVerdict[];
  readonly whole: RegionShare;
  readonly criteria: readonly CriterionSummary[];
  readonly points: readonly ClaimPoint[];
  readonly indices: readonly SobolIndices[] | null;
  readonly tree: RegionTree;
  readonly runs: number;
  readonly unmetForecasts: number;
}

/** Share of the region from which on a claim holds, and below the rest of which it fails. */
const mostOfRegion = 0.8;
/** A claim that holds in part is true in more than the rest of this share, and in less than this share. */
const nearlyAllOfRegion = 0.9;
const z95 = 1.959964;

/** The verdict from the stored runs; null without a claim or without runs of it. */
export function summarizeClaim({ claim }: ExperimentDesign, measured: MeasuredValues): ClaimSummary | null {
  if (!claim) return null;
  const all = claimMargins(claim, measured);
  if (all.length === 0) return null;
  const isSample = ({ matrix }: MarginPoint): boolean => matrix === sampleA || matrix === sampleB;
  const spread = all.filter(isSample);
  const statesOfCriteria = claim.criteria.map((_, index) => spread.map(({ margins }) => stateOf(margins[index])));
  const criteria = claim.criteria.map(({ says, holds }, index): CriterionSummary => {
    const seedDeviation = deviationOf(spread.map(({ margins }) => margins[index]));
    return { says, relation: holds, seedDeviation, ...shareOf(statesOfCriteria[index]) };
  });
  const points = spread.map(({ values, margins }, index): ClaimPoint => {
    return { values, margin: weakest(margins), state: allOf(statesOfCriteria.map((states) => states[index])) };
  });
  const whole = shareOf(points.map(({ state }) => state));
  return {
    ...{ design: claim, verdict: verdictOf(whole), possible: possibleOf(whole), whole, criteria, points },
    indices: indicesOf(claim, all),
    tree: regionTree(labelled(claim.region, points)),
    runs: all.length * claim.arms.length * claim.seeds,
    unmetForecasts: unmetForecasts(claim.arms.flatMap((arm) => measured.runsOf("claim", arm))),
  };
}

function verdictOf({ ci95: [low, high] }: RegionShare): ClaimVerdict {
  if (low >= mostOfRegion) return "holds";
  if (high <= 1 - mostOfRegion) return "fails";
  return low >= 1 - nearlyAllOfRegion && high <= nearlyAllOfRegion ? "holds in part" : "undecided";
}

function possibleOf(share: RegionShare): ClaimVerdict[] {
  const verdict = verdictOf(share);
  if (verdict !== "undecided") return [verdict];
  const [low, high] = share.ci95;
  const [mayFail, mayHold] = [low < 1 - nearlyAllOfRegion, high > nearlyAllOfRegion];
  return [...(mayFail ? (["fails"] as const) : []), "holds in part", ...(mayHold ? (["holds"] as const) : [])];
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The claim's margin at a point: that of its weakest criterion. */
const weakest = (margins: readonly Float64Array[]): number => Math.min(...margins.map(meanOf));

/** A claim is true where all criteria hold, each of them judged by itself, and false where one of them fails. */
function allOf(states: readonly PointState[]): PointState {
  if (states.includes("fails")) return "fails";
  return states.includes("open") ? "open" : "holds";
}

const squaresAround = (mean: number, values: Float64Array): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

/**
 * One criterion at one point, by Student's t at 95 % over the point's own seeds: how much seeds differ varies too much over a
 * region for all points to share one spread. Seeds that all agree to the last bit leave no doubt, nor does a single one.
 */
function stateOf(margins: Float64Array): PointState {
  const mean = meanOf(margins);
  if (Number.isNaN(mean)) return "open";
  const degreesOfFreedom = margins.length - 1;
  const isLevel = margins.every((value) => value === margins[0]);
  const squares = squaresAround(mean, margins);
  const doubt = isLevel
    ? 0
    : studentTQuantile(0.975, degreesOfFreedom) * Math.sqrt(squares / degreesOfFreedom / margins.length);
  if (Math.abs(mean) < doubt) return "open";
  return mean >= 0 ? "holds" : "fails";
}

/** Standard deviation from seed to seed, pooled over the points at which a margin exists. */
function deviationOf(margins: readonly Float64Array[]): number {
  let [squares, degreesOfFreedom] = [0, 0];
  for (const values of margins) {
    const mean = meanOf(values);
    if (Number.isNaN(mean)) continue;
    squares += squaresAround(mean, values);
    degreesOfFreedom += values.length - 1;
  }
  return degreesOfFreedom > 0 ? Math.sqrt(squares / degreesOfFreedom) : Number.NaN;
}

/** Wilson, Journal of the American Statistical Association 22 (1927); points of a Sobol' sequence are more even than it takes them to be. */
function shareOf(states: readonly PointState[]): RegionShare {
  const count = (state: PointState): number => states.filter((one) => one === state).length;
  const [holds, fails, open] = [count("holds"), count("fails"), count("open")];
  const share = holds + fails > 0 ? holds / (holds + fails) : Number.NaN;
  const [low] = wilsonLimits(holds, states.length);
  const [, high] = wilsonLimits(holds + open, states.length);
  return { holds, fails, open, share, ci95: [low, high] };
}

function wilsonLimits(count: number, n: number): Limits {
  const share = count / n;
  const centre = (share + z95 ** 2 / (2 * n)) / (1 + z95 ** 2 / n);
  const half = (z95 * Math.sqrt((share * (1 - share)) / n + z95 ** 2 / (4 * n * n))) / (1 + z95 ** 2 / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Complete rows alone count. */
function indicesOf({ region }: ClaimDesign, all: readonly MarginPoint[]): readonly SobolIndices[] | null {
  const matrices = [sampleA, sampleB, ...region.map(({ path }) => path)];
  const rows = new Map<number, Map<string, number>>();
  for (const { row, matrix, margins } of all) {
    const margin = weakest(margins);
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
