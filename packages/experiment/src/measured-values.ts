/** Measures of an experiment's runs, looked up by design and arm. */
import type { Coordinate, Design, MeasureRow } from "@shardlab/results";
import type { ExperimentDesign } from "./experiment-design.ts";
import type { ValuesBySeed } from "./paired.ts";

/** One run: its seed, its coordinates, and its measures that are numbers. */
export interface MeasuredRun {
  readonly seed: number;
  readonly coordinates: Readonly<Record<string, Coordinate>>;
  readonly values: ReadonlyMap<string, number>;
}

const keyOf = (coordinates: Readonly<Record<string, Coordinate>>): string =>
  JSON.stringify(Object.entries(coordinates).sort(([a], [b]) => (a < b ? -1 : 1)));

export class MeasuredValues {
  /** Names of all measures in the order in which runs give them, with their units. */
  readonly units = new Map<string, string>();
  private readonly runs = new Map<string, MeasuredRun[]>();

  /** Rows of runs that are not of this design are left out, as are values that are not finite. */
  constructor(rows: readonly MeasureRow[], design: ExperimentDesign) {
    const isPlanned = new Set(design.runs);
    const armOfMain = new Map(design.arms.map(({ label, coordinates }) => [keyOf(coordinates), label]));
    const open = new Map<string, Map<string, number>>();
    for (const { run, seed, design: part, coordinates, name, unit, value } of rows) {
      if (!isPlanned.has(run)) continue;
      this.units.set(name, unit);
      let values = open.get(run);
      if (!values) {
        values = new Map();
        open.set(run, values);
        const arm = part === "main" ? armOfMain.get(keyOf(coordinates)) : coordinates.arm;
        const group = this.groupKey(part, String(arm));
        const known = this.runs.get(group);
        if (known) known.push({ seed, coordinates, values });
        else this.runs.set(group, [{ seed, coordinates, values }]);
      }
      // A measure that does not exist in a run (the Gini coefficient of nothing) says nothing about the mean.
      if (Number.isFinite(value)) values.set(name, value);
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
