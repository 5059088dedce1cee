/** What an experiment found, as text for a terminal. */
import { answerOf } from "./answer.ts";
import type { Findings } from "./findings.ts";
import { mainMeasures, meaningOf } from "./measure-meaning.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { formatTable } from "./text-table.ts";

/** A row for each measure and arm: mean and interval. The name of a measure stands in its first row only. */
function measureRows({ arms, measures }: Findings): string[][] {
  return mainMeasures(measures).flatMap((measure) =>
    arms
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
export function findingsLines(findings: Findings): string[] {
  const header = ["measure", "arm", "mean", "95 % interval", "seeds"];
  const table = formatTable([header, ...measureRows(findings)], ["left", "left", "right", "right", "right"]);
  const { sentence, basis } = answerOf(findings.arms, findings.headline, findings.comparison);
  return [...table, "", sentence, ...(basis === undefined ? [] : [basis])];
}
