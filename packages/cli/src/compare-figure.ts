/** The forest plot of a comparison. */
import type { ComparisonReport, ComparisonRow } from "@shardlab/experiment";
import type { FigureSpec } from "@shardlab/report";
import { outcomeOf, type Sides } from "./compare-outcome.ts";
import { meaningOf } from "./measure-meaning.ts";

/** What a row is called beside its measure: where it stands in the sweep, or which arms meet. */
export function placeOf({ at, leftArm, rightArm }: ComparisonRow): string {
  const coordinates = Object.values(at).join(", ");
  if (coordinates !== "") return coordinates;
  return leftArm === rightArm ? leftArm : `${leftArm} − ${rightArm}`;
}

export function differenceFigure(
  report: ComparisonReport,
  { left, right }: Sides,
  isSimultaneous: boolean,
): FigureSpec {
  const names = [...new Set(report.rows.map(({ measure }) => measure))];
  const sides =
    left.experiment === right.experiment ? left.experiment : `${left.experiment} against ${right.experiment}`;
  const seeds = [...new Set(report.rows.flatMap((row) => [row.seeds.left, row.seeds.right]))].sort((a, b) => a - b);
  const counts = seeds.length > 1 ? `${seeds[0]} to ${seeds.at(-1)}` : String(seeds[0] ?? 0);
  return {
    kind: "difference",
    data: {
      title: `Differences: ${sides}`,
      subtitle:
        `Left minus right over ${counts} seeds; bars are ${isSimultaneous ? "simultaneous " : ""}95\u00a0% Student-t intervals` +
        `${isSimultaneous ? "" : ", each by itself"}. Colours by p-values ${correctionText(report)}.`,
      measures: names.map((measure) => {
        const rows = report.rows.filter((row) => row.measure === measure);
        return {
          label: meaningOf(measure).label,
          unit: rows[0].unit,
          rows: rows.map((row) => {
            const interval = isSimultaneous ? row.simultaneous95 : row.ci95;
            return {
              label: placeOf(row),
              mean: row.difference,
              ...(interval && { low: interval[0], high: interval[1] }),
              finding: outcomeOf(row),
            };
          }),
        };
      }),
    },
  };
}

const correctionNames = {
  holm: "corrected by Holm",
  "benjamini-hochberg": "corrected by Benjamini and Hochberg",
} as const;

/** `corrected by Holm over 12 rows`, or that they are not. */
export const correctionText = ({ correction, tested }: ComparisonReport): string =>
  correction === "none" ? "uncorrected" : `${correctionNames[correction]} over ${tested} rows`;
