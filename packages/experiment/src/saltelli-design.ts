/**
 * Saltelli's design for Sobol' indices: rows of two samples A and B, and for each parameter the rows of A with that
 * parameter taken from B. Saltelli et al., Computer Physics Communications 181 (2010).
 */
import { exp, log } from "@shardlab/numerics";
import type { Coordinate } from "@shardlab/results";
import {
  type LoadedScenario,
  resolvedNumber,
  type Scenario,
  type SensitivitySpec,
  withValues,
} from "@shardlab/scenario";
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
}

function rangesOf(loaded: LoadedScenario, { parameters }: SensitivitySpec): Range[] {
  return Object.entries(parameters).map(([path, { low, high, scale }]) => ({
    path,
    low: resolvedNumber(loaded, path, low),
    high: resolvedNumber(loaded, path, high),
    scale,
  }));
}

/** The value at `share` (0 to 1) of the way from low to high. */
function valueAt({ low, high, scale }: Range, share: number): number {
  if (scale === "linear") return low + (high - low) * share;
  return exp(log(low) + (log(high) - log(low)) * share);
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
 * Every run of the sensitivity analysis, row by row, so that an interrupted analysis holds whole rows. Its `point` counts
 * (row, matrix, arm). A run of row r has seed `seeds.first + r` whatever its arm and matrix: what a parameter does is then
 * never confused with the noise of the seeds, and arms can be compared draw by draw.
 */
export function saltelliEvaluations(loaded: LoadedScenario, arms: readonly Arm[]): SaltelliEvaluation[] {
  const { sensitivity, seeds } = loaded.resolved;
  if (!sensitivity) return [];
  const ranges = rangesOf(loaded, sensitivity);
  const paths = ranges.map(({ path }) => path);
  const valuesOf = samples(ranges, sensitivity.draws, seeds.first);
  const evaluations: SaltelliEvaluation[] = [];
  for (let row = 0; row < sensitivity.draws; row++) {
    for (const matrix of [sampleA, sampleB, ...paths]) {
      const values = Object.fromEntries(valuesOf(row, matrix).map((value, index) => [paths[index], value]));
      for (const arm of arms) {
        evaluations.push({
          arm,
          point: evaluations.length,
          scenario: withValues(arm.scenario, values, loaded.language.spec),
          seed: seeds.first + row,
          coordinates: { row, matrix, ...values },
        });
      }
    }
  }
  return evaluations;
}
