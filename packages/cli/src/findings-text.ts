/** What an experiment found, as text for a terminal. */
import type { ExperimentSummary } from "@shardlab/experiment";
import { answerOf, findingsOf } from "./answer.ts";
import { mainMeasures, meaningOf } from "./measure-meaning.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { formatTable } from "./text-table.ts";

/** A row for each measure and arm: mean and interval. The name of a measure stands in its first row only. */
function measureRows({ points, measures }: ExperimentSummary): string[][] {
  return mainMeasures(measures).flatMap((measure) =>
    points
      .flatMap(({ arm, measures: estimates }) => {
        const estimate = estimates[measure];
        return estimate === undefined ? [] : [{ arm, ...estimate }];
      })
      .map(({ arm, mean, ci95, unit, n }, index) => [
        index === 0 ? meaningOf(measure).label : "",
        arm,
        formatQuantity(mean, unit),
        ci95 === null ? "-" : formatRange(ci95[0], ci95[1], unit),
        String(n),
      ]),
  );
}

/** The table of measures and the answer, line by line. */
export function findingsLines(summary: ExperimentSummary): string[] {
  const header = ["measure", "arm", "mean", "95 % interval", "seeds"];
  const table = formatTable([header, ...measureRows(summary)], ["left", "left", "right", "right", "right"]);
  const { sentence, basis } = answerOf(summary);
  const against = findingsOf(summary).slice(0, 1);
  const shortfalls = against.flatMap(({ heading, text, items = [] }) => [
    "",
    `${heading}: ${text}`,
    ...items.map((item) => `  - ${item}`),
  ]);
  return [...table, "", sentence, ...(basis === undefined ? [] : [basis]), ...shortfalls];
}
