import { axisY, dot, ruleX, ruleY } from "@observablehq/plot";
import { bottomAxis, numberAxis } from "../axes.ts";
import { bodyWidth, type Figure, type Interval, labelSize } from "../figure.ts";
import { formatNumber, textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** Sobol' indices of one parameter: its own share of the variance, and its share with all interactions. */
export interface SobolRow {
  readonly parameter: string;
  readonly first: Interval;
  readonly total: Interval;
}

/** @property runs how many runs of the model the indices come from. */
export interface SobolData {
  readonly title: string;
  readonly output: string;
  readonly runs: number;
  readonly rows: readonly SobolRow[];
}

const rowHeight = 30;
const axisHeight = 46;

/** First-order and total Sobol' indices with their intervals, the parameter with the largest total index on top. */
export function sobol(data: SobolData, theme: Theme): Figure {
  const rows = [...data.rows].sort((a, b) => b.total.mean - a.total.mean);
  const marks = (["total", "first"] as const).flatMap((order) => {
    const color = seriesColor(theme, order === "total" ? 0 : 1);
    const dy = order === "total" ? -5 : 5;
    const estimates = rows.map((row) => ({ parameter: row.parameter, ...row[order] }));
    const place = { y: "parameter", dy };
    return [
      ruleY(estimates, { ...place, x1: "low", x2: "high", stroke: color, strokeWidth: 2.5 }),
      order === "total"
        ? dot(estimates, { ...place, x: "mean", r: 4.5, fill: color, stroke: theme.background, strokeWidth: 1 })
        : dot(estimates, { ...place, x: "mean", r: 3.75, fill: theme.background, stroke: color, strokeWidth: 2 }),
    ];
  });
  const x = numberAxis(
    [0, ...rows.flatMap(({ first, total }) => [first.low, first.high, total.low, total.high])],
    "linear",
    6,
  );
  const height = rows.length * rowHeight + axisHeight;
  const options = {
    width: bodyWidth,
    height,
    marginTop: 4,
    marginBottom: axisHeight - 4,
    marginLeft: Math.max(...rows.map(({ parameter }) => textWidth(parameter, labelSize)), 0) + 14,
    marginRight: 12,
    x: x.scale,
    y: { type: "point" as const, domain: rows.map(({ parameter }) => parameter), padding: 0.5 },
    marks: [
      ...bottomAxis(x, `Share of the variance of ${data.output} (no unit)`, theme),
      ruleX([0], { stroke: theme.rule }),
      axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
      ...marks,
    ],
  };
  return {
    title: data.title,
    subtitle: `Sobol indices from ${formatNumber(data.runs)} runs, with 95\u00a0% jackknife intervals.`,
    legend: [
      { label: "total, with interactions", color: seriesColor(theme, 0), symbol: "dot" },
      { label: "first order, alone", color: seriesColor(theme, 1), symbol: "ring" },
    ],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}
