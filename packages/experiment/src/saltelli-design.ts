/**
 * Saltelli's design for Sobol' indices: rows of two samples A and B, and for each parameter the rows of A with that
 * parameter taken from B. Saltelli et al., Computer Physics Communications 181 (2010).
 */
import { exp, log } from "@shardlab/numerics";
import type { Coordinate } from "@shardlab/results";
import { type LoadedScenario, type RangeSpec, resolvedNumber, type Scenario, withValues } from "@shardlab/scenario";
import type { Arm } from "./run-task.ts";
import { digitalShift, largestDimension, sobolPoints } from "./sobol-sequence.ts";

/** What the coordinate `matrix` says of a run: from A, from B, or from A with the parameter of this path from B. */
export const sampleA = "A";
export const sampleB = "B";

export interface SaltelliEvaluation {
  readonly arm: Arm;
  readonly point: number;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
}

interface Range {
  readonly path: string;
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
  readonly whole: boolean;
}

function rangesOf(loaded: LoadedScenario, parameters: SaltelliDesign["parameters"]): Range[] {
  return Object.entries(parameters).map(([path, { low, high, scale, whole }]) => ({
    path,
    low: resolvedNumber(loaded, path, low),
    high: resolvedNumber(loaded, path, high),
    ...{ scale, whole },
  }));
}

/** The value at `share` (0 to 1) of the way from low to high. */
function valueAt({ low, high, scale, whole }: Range, share: number): number {
  const value = scale === "linear" ? low + (high - low) * share : exp(log(low) + (log(high) - log(low)) * share);
  return whole ? Math.round(value) : value;
}

/**
 * Values of every parameter: `draws` rows of A (d columns) and B (d columns) from one shifted Sobol' sequence of 2 d
 * dimensions. The shift comes from the scenario's first seed; more draws add rows and change none.
 *
 * @throws `too many parameters` beyond 20.
 */
function samples(ranges: readonly Range[], draws: number, seed: number): (row: number, matrix: string) => number[] {
  const d = ranges.length;
  const dimensions = 2 * d;
  if (dimensions > largestDimension) {
    throw new Error(`too many parameters: ${d} (expected at most ${largestDimension / 2})`);
  }
  const points = sobolPoints(draws, dimensions, digitalShift(dimensions, seed));
  return (row, matrix) =>
    ranges.map((range, index) => {
      const isFromB = matrix === sampleB || matrix === range.path;
      return valueAt(range, points[row * dimensions + index + (isFromB ? d : 0)]);
    });
}

/**
 * What a design varies, and how often.
 *
 * @property draws rows of A and of B.
 * @property mixedDraws rows that are mixed as well; all of them unless given. Those beyond tell how a measure is spread, and
 *   nothing of what moves it, for a fraction of the runs.
 * @property seedsEach runs of each point of the design, which differ by seed.
 */
export interface SaltelliDesign {
  readonly parameters: Readonly<Record<string, RangeSpec>>;
  readonly draws: number;
  readonly mixedDraws?: number | undefined;
  readonly seedsEach: number;
}

/**
 * Every run of a design, row by row, so that an interrupted analysis holds whole rows. Its `point` counts (row, matrix, arm),
 * also those of rows that are not mixed, so that mixing more of them renumbers nothing.
 * Runs of row r have the seeds from `seeds.first + r * seedsEach` on, whatever their arm and matrix: what a parameter does is
 * then never confused with the noise of the seeds, and arms can be compared draw by draw.
 */
export function saltelliEvaluations(
  loaded: LoadedScenario,
  arms: readonly Arm[],
  { parameters, draws, mixedDraws = draws, seedsEach }: SaltelliDesign,
): SaltelliEvaluation[] {
  const { seeds } = loaded.resolved;
  const ranges = rangesOf(loaded, parameters);
  const paths = ranges.map(({ path }) => path);
  const valuesOf = samples(ranges, draws, seeds.first);
  const evaluations: SaltelliEvaluation[] = [];
  for (let row = 0; row < draws; row++) {
    let point = row * (paths.length + 2) * arms.length;
    for (const matrix of [sampleA, sampleB, ...(row < mixedDraws ? paths : [])]) {
      const values = Object.fromEntries(valuesOf(row, matrix).map((value, index) => [paths[index], value]));
      for (const arm of arms) {
        const scenario = withValues(arm.scenario, values, loaded.language.spec);
        const coordinates = { row, matrix, ...values };
        for (let each = 0; each < seedsEach; each++) {
          evaluations.push({ arm, point, scenario, seed: seeds.first + row * seedsEach + each, coordinates });
        }
        point += 1;
      }
    }
  }
  return evaluations;
}
