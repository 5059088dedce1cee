/** The break-even frontier, from its runs. */
import type { ExperimentDesign, FrontierPaths } from "./experiment-design.ts";
import { type Better, type BreakEven, breakEven, type FrontierColumn } from "./frontier.ts";
import { type MeasuredRun, type MeasuredValues, valuesBySeed } from "./measured-values.ts";

/** @property over value of the axis, in SI. */
export interface FrontierPoint {
  readonly over: number;
  readonly breakEven: BreakEven;
}

/** @property value of the parameter that tells the lines apart, in SI. */
export interface FrontierLine {
  readonly value: number;
  readonly points: readonly FrontierPoint[];
}

/**
 * @property paths the challenger, and the paths of the axis, the lines and the searched parameter.
 * @property range lowest and highest value tried of the searched parameter, in SI.
 */
export interface FrontierSummary {
  readonly paths: FrontierPaths;
  readonly unit: string;
  readonly range: readonly [low: number, high: number];
  readonly lines: readonly FrontierLine[];
}

/** A summary of the frontier; null when the experiment has none, or none of the challenger's runs is there. */
export function summarizeFrontier(
  design: ExperimentDesign,
  measured: MeasuredValues,
  better: Better,
): FrontierSummary | null {
  const paths = design.frontier;
  if (!paths) return null;
  const cells = cellsOf(design, paths, measured);
  const challengers = measured.runsOf("frontier", paths.challenger);
  if (challengers.length === 0) return null;
  const valuesAt = (path: string): number[] =>
    [...new Set(challengers.map(({ coordinates }) => Number(coordinates[path])))].sort((a, b) => a - b);
  const searched = valuesAt(paths.find);
  const columnsAt = (line: number, over: number): FrontierColumn[] =>
    searched.flatMap((x) => {
      const [challenger, ...others] = cells(line, over, x);
      return challenger.values.size > 0 ? [{ x, challenger: challenger.values, others }] : [];
    });
  const lines = valuesAt(paths.lines).map((value) => ({
    value,
    points: valuesAt(paths.over).map((over) => ({ over, breakEven: breakEven(columnsAt(value, over), better) })),
  }));
  const unit = measured.units.get(paths.measure) ?? "";
  return { paths, unit, range: [searched[0], searched[searched.length - 1]], lines };
}

/** Looks up the values by seed of every arm in one cell, the challenger first. */
function cellsOf({ arms }: ExperimentDesign, paths: FrontierPaths, measured: MeasuredValues) {
  const { challenger, over, lines, find, measure } = paths;
  const keyOf = (...values: unknown[]): string => values.map(Number).join(" ");
  const labels = [challenger, ...arms.map(({ label }) => label).filter((label) => label !== challenger)];
  const runsByCell = labels.map((label) => {
    const byCell = new Map<string, MeasuredRun[]>();
    for (const run of measured.runsOf("frontier", label)) {
      const key = keyOf(run.coordinates[lines], run.coordinates[over], run.coordinates[find]);
      byCell.set(key, [...(byCell.get(key) ?? []), run]);
    }
    return byCell;
  });
  return (line: number, along: number, x: number) =>
    labels.map((arm, index) => ({
      arm,
      values: valuesBySeed(runsByCell[index].get(keyOf(line, along, x)) ?? [], measure),
    }));
}
