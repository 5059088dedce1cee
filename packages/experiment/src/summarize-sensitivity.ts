/** Sobol' indices and intervals over parameters, from the runs of the sensitivity analysis. */
import type { ExperimentDesign } from "./experiment-design.ts";
import type { MeasuredRun, MeasuredValues } from "./measured-values.ts";
import {
  type ParameterDifference,
  type ParameterInterval,
  parameterDifference,
  parameterInterval,
} from "./parameter-interval.ts";
import { sampleA, sampleB } from "./saltelli-design.ts";
import { type SaltelliValues, type SobolIndices, sobolIndices } from "./sobol-indices.ts";

/** @property parameter its dotted path in the scenario. */
export interface ParameterIndices extends SobolIndices {
  readonly parameter: string;
}

/**
 * @property rows complete rows behind the indices; a row lacks when one of its runs failed.
 * @property runs runs in those rows.
 * @property indices null when the measure does not vary.
 * @property intervals by measure, over draws of the parameters.
 */
export interface ArmSensitivity {
  readonly arm: string;
  readonly rows: number;
  readonly runs: number;
  readonly indices: readonly ParameterIndices[] | null;
  readonly intervals: Readonly<Record<string, ParameterInterval>>;
}

/** @property differences the challenger minus each other arm over the same draws, in `measure`. */
export interface SensitivitySummary {
  readonly measure: string;
  readonly unit: string;
  readonly parameters: readonly string[];
  readonly arms: readonly ArmSensitivity[];
  readonly differences: readonly { readonly against: string; readonly difference: ParameterDifference }[];
}

/** A summary of the sensitivity analysis; null when the experiment has none, or none of its runs is there. */
export function summarizeSensitivity(
  design: ExperimentDesign,
  measured: MeasuredValues,
  measures: readonly string[],
): SensitivitySummary | null {
  if (!design.sensitivity) return null;
  const { measure, parameters } = design.sensitivity;
  const arms = design.arms.flatMap(({ label }): ArmSensitivity[] => {
    const runs = measured.runsOf("sensitivity", label);
    if (runs.length === 0) return [];
    const { values, rows } = saltelliValues(runs, measure, parameters);
    const indices = rows > 0 ? sobolIndices(values) : undefined;
    const intervals = [...new Set([measure, ...measures])].flatMap((name): [string, ParameterInterval][] => {
      const interval = parameterInterval([...valuesByDraw(runs, name).values()]);
      return interval ? [[name, interval]] : [];
    });
    return [
      {
        arm: label,
        rows,
        runs: rows * (parameters.length + 2),
        indices: indices ? indices.map((index, at) => ({ parameter: parameters[at], ...index })) : null,
        intervals: Object.fromEntries(intervals),
      },
    ];
  });
  if (arms.length === 0) return null;
  const unit = measured.units.get(measure) ?? "";
  return { measure, unit, parameters, arms, differences: differencesOf(design, measured, measure) };
}

/** The measure at independent draws of all parameters: the rows of A and of B. */
function valuesByDraw(runs: readonly MeasuredRun[], measure: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const { coordinates, values: measures } of runs) {
    const { row, matrix } = coordinates;
    const value = measures.get(measure);
    if (value !== undefined && (matrix === sampleA || matrix === sampleB)) values.set(`${row} ${matrix}`, value);
  }
  return values;
}

/** The runs as a Saltelli design, complete rows alone, in order of their rows. */
function saltelliValues(
  runs: readonly MeasuredRun[],
  measure: string,
  parameters: readonly string[],
): { values: SaltelliValues; rows: number } {
  const matrices = [sampleA, sampleB, ...parameters];
  const byRow = new Map<number, Map<string, number>>();
  for (const { coordinates, values } of runs) {
    const value = values.get(measure);
    if (value === undefined) continue;
    const row = byRow.get(Number(coordinates.row)) ?? new Map<string, number>();
    byRow.set(Number(coordinates.row), row.set(String(coordinates.matrix), value));
  }
  const complete = [...byRow]
    .filter(([, row]) => matrices.every((matrix) => row.has(matrix)))
    .sort(([a], [b]) => a - b)
    .map(([, row]) => row);
  const column = (matrix: string): Float64Array => Float64Array.from(complete, (row) => row.get(matrix) ?? Number.NaN);
  return {
    values: { a: column(sampleA), b: column(sampleB), mixed: parameters.map(column) },
    rows: complete.length,
  };
}

function differencesOf({ arms, challenger }: ExperimentDesign, measured: MeasuredValues, measure: string) {
  if (challenger === null) return [];
  const own = valuesByDraw(measured.runsOf("sensitivity", challenger), measure);
  return arms.flatMap(({ label }) => {
    if (label === challenger) return [];
    const difference = parameterDifference(own, valuesByDraw(measured.runsOf("sensitivity", label), measure));
    return difference ? [{ against: label, difference }] : [];
  });
}
