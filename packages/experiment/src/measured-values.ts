/** Measures of an experiment's runs, looked up by design and arm. */
import { log } from "@shardlab/numerics";
import type { Coordinate, Design, MeasureColumns } from "@shardlab/results";
import type { ExperimentDesign } from "./experiment-design.ts";
import type { ValuesBySeed } from "./paired.ts";

/** The measures of one run that are numbers. */
export interface RunValues {
  /** How many there are. */
  readonly size: number;
  get(measure: string): number | undefined;
}

/** One run: its seed, its coordinates, and its measures that are numbers. */
export interface MeasuredRun {
  readonly seed: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly values: RunValues;
}

/** Looks up measures in the columns of all runs; a map for each run would take ten times the memory. */
class ColumnValues implements RunValues {
  readonly size: number;
  private readonly columns: MeasureColumns;
  private readonly index: number;

  constructor(columns: MeasureColumns, index: number) {
    this.columns = columns;
    this.index = index;
    const [start, end] = this.range();
    let size = 0;
    for (let row = start; row < end; row++) if (Number.isFinite(columns.value[row])) size += 1;
    this.size = size;
  }

  /** A measure that does not exist in a run (the Gini coefficient of nothing) says nothing about the mean. */
  get(measure: string): number | undefined {
    const { measures, measure: codes, value } = this.columns;
    const [start, end] = this.range();
    for (let row = end - 1; row >= start; row--) {
      if (measures[codes[row]].name === measure && Number.isFinite(value[row])) return value[row];
    }
    return undefined;
  }

  private range(): [start: number, end: number] {
    const start = this.columns.starts[this.index];
    return [start, start + this.columns.counts[this.index]];
  }
}

const keyOf = (coordinates: Readonly<Record<string, Coordinate>>): string =>
  JSON.stringify(Object.entries(coordinates).sort(([a], [b]) => (a < b ? -1 : 1)));

export class MeasuredValues {
  /** Names of all measures in the order in which runs give them, with their units. */
  readonly units = new Map<string, string>();
  private readonly runs = new Map<string, MeasuredRun[]>();

  /** Runs that are not of this design are left out, as are values that are not finite. */
  constructor(columns: MeasureColumns, design: ExperimentDesign) {
    const isPlanned = new Set(design.runs);
    const armOfMain = new Map(design.arms.map(({ label, coordinates }) => [keyOf(coordinates), label]));
    // Runs of one point share the object of coordinates.
    const mainArms = new Map<object, string | undefined>();
    const mainArmOf = (coordinates: Readonly<Record<string, Coordinate>>): string | undefined => {
      if (!mainArms.has(coordinates)) mainArms.set(coordinates, armOfMain.get(keyOf(coordinates)));
      return mainArms.get(coordinates);
    };
    const unitsSeen = new Set<number>();
    for (const [index, { run, seed, design: part, coordinates }] of columns.runs.entries()) {
      if (!isPlanned.has(run)) continue;
      this.addUnits(columns, index, unitsSeen);
      const arm = part === "main" ? mainArmOf(coordinates) : coordinates.arm;
      const group = this.groupKey(part, String(arm));
      const measured: MeasuredRun = { seed, coordinates, values: new ColumnValues(columns, index) };
      const known = this.runs.get(group);
      if (known) known.push(measured);
      else this.runs.set(group, [measured]);
    }
    for (const runs of this.runs.values()) runs.sort((a, b) => a.seed - b.seed);
  }

  /** Runs of an arm in one design, by seed. */
  runsOf(design: Design, arm: string): readonly MeasuredRun[] {
    return this.runs.get(this.groupKey(design, arm)) ?? [];
  }

  /** A measure of an arm in the main design, by seed. */
  bySeed(arm: string, measure: string): ValuesBySeed {
    return valuesBySeed(this.runsOf("main", arm), measure);
  }

  private addUnits({ measures, measure, starts, counts }: MeasureColumns, index: number, seen: Set<number>): void {
    for (let row = starts[index]; row < starts[index] + counts[index]; row++) {
      if (seen.has(measure[row])) continue;
      seen.add(measure[row]);
      const { name, unit } = measures[measure[row]];
      this.units.set(name, unit);
    }
  }

  private groupKey(design: Design, arm: string): string {
    return `${design} ${arm}`;
  }
}

/** One measure of runs that differ by seed. */
export function valuesBySeed(runs: readonly MeasuredRun[], measure: string): ValuesBySeed {
  return new Map(
    runs.flatMap(({ seed, values }) => {
      const value = values.get(measure);
      return value === undefined ? [] : [[seed, value] as const];
    }),
  );
}

/** Of the measure belief-residual, |ln(outcome / forecast)|: more than a tenth. */
const unmetFrom = log(1.1);

/**
 * Of these runs those in which the forecast that people acted on missed what came of it by more than a tenth. They show what
 * nobody who reckons would do again: no equilibrium.
 */
export const unmetForecasts = (runs: readonly MeasuredRun[]): number =>
  runs.filter(({ values }) => (values.get("belief-residual") ?? 0) > unmetFrom).length;
