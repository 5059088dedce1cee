/** Where the world's models were checked against published figures: a figure and a table for each check. */
import type { ModelCheck } from "@shardlab/contracts";
import type { ExperimentSummary } from "@shardlab/experiment";
import type { ReportFigure, ReportTable } from "@shardlab/report";
import { capitalized } from "./answer.ts";

/** A median of |ln(predicted / published)| as a relative error: 0.215 is 24 %. */
const relativeError = ({ medianAbsoluteLogError }: ModelCheck): number => Math.expm1(medianAbsoluteLogError);

const noteOf = (check: ModelCheck): string =>
  `Median error of the predictions ${(100 * relativeError(check)).toFixed(0)} %. The intervals are of 90 %.`;

export function checkFigures({ checks }: ExperimentSummary): ReportFigure[] {
  return checks.map((check) => {
    const { name, quantity, unit, method, cases } = check;
    const title = `${capitalized(quantity)}: predicted against published`;
    const data = { title, quantity, unit, note: noteOf(check), points: cases };
    return {
      id: `check-${name}`,
      caption: `${capitalized(method)}.`,
      spec: { kind: "reproduction", data },
    };
  });
}

export function checkTables({ checks }: ExperimentSummary): ReportTable[] {
  return checks.map((check) => ({
    title: `Errors of the predicted ${check.quantity}`,
    note: `${capitalized(check.method)}. ${noteOf(check)}`,
    columns: [
      { label: "case", numeric: false },
      { label: `published (${check.unit})`, numeric: true },
      { label: `predicted (${check.unit})`, numeric: true },
      { label: "90 % from", numeric: true },
      { label: "to", numeric: true },
      { label: "predicted / published", numeric: true },
    ],
    rows: check.cases.map(({ label, published, predicted, low, high }) => ({
      cells: [label, published, predicted, low, high, predicted / published],
    })),
  }));
}
