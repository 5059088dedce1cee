/** The difference between two experiments, arm by arm and measure by measure, over the seeds that both have. */
import { type PairedDifference, pairedDifference } from "@shardlab/experiment";
import { type FigureSpec, renderFigure, type ThemeName } from "@shardlab/report";
import type { FinishedExperiment } from "./run.ts";
import { NotebookError } from "./scenario.ts";

/**
 * One arm in one measure: mean of the first experiment minus that of the second.
 *
 * @property ci95 Student-t interval at 95 % over seeds, each by itself; null with one seed.
 * @property mdd smallest difference that so many seeds would show (power 0.8).
 */
export interface Difference extends PairedDifference {
  readonly arm: string;
  readonly measure: string;
  readonly unit: string;
}

/**
 * `changed` minus `base`, paired by seed: runs of one seed share their noise, so that little of it is left.
 *
 * @param measures all that both have, unless given.
 * @throws NotebookError when the two share no arm, no seed or none of the measures.
 */
export function differences(
  changed: FinishedExperiment,
  base: FinishedExperiment,
  measures: readonly string[] = changed.measures,
): Difference[] {
  const found = changed.summary.points.flatMap(({ arm, measures: estimates }) => {
    const other = base.summary.points.find((point) => point.arm === arm);
    return measures.flatMap((measure): Difference[] => {
      const [left, right] = [estimates[measure], other?.measures[measure]];
      const difference = left && right && pairedDifference(bySeed(left), bySeed(right));
      return difference ? [{ arm, measure, unit: left.unit, ...difference }] : [];
    });
  });
  if (found.length > 0) return found;
  throw new NotebookError(
    `nothing to compare: ${changed.name} and ${base.name} (expected arms, seeds and measures that both have, of ${base.measures.join(", ")})`,
  );
}

const bySeed = ({ seeds, values }: { seeds: readonly number[]; values: readonly number[] }): Map<number, number> =>
  new Map(seeds.map((seed, index) => [seed, values[index] as number]));

export interface FigureOptions {
  readonly title?: string;
  readonly theme?: ThemeName;
}

/** Draws differences with their intervals and a line at zero, as a standalone SVG document. */
export function differenceFigure(rows: readonly Difference[], options: FigureOptions = {}): string {
  const { title = "Difference", theme = "light" } = options;
  const seeds = Math.max(...rows.map(({ n }) => n));
  const spec: FigureSpec = {
    kind: "difference",
    data: {
      title,
      subtitle: `Mean difference over ${seeds} seeds; bars are 95\u00a0% Student-t intervals of paired differences, each by itself.`,
      measures: [...new Set(rows.map(({ measure }) => measure))].map((measure) => {
        const shown = rows.filter((row) => row.measure === measure);
        return {
          label: measure,
          unit: shown[0]?.unit ?? "",
          rows: shown.map(({ arm, mean, ci95, verdict }) => ({
            label: arm,
            mean,
            ...(ci95 && { low: ci95[0], high: ci95[1] }),
            finding: verdict === "higher" || verdict === "lower" ? ("different" as const) : ("not shown" as const),
          })),
        };
      }),
    },
  };
  return renderFigure(spec, { theme });
}
