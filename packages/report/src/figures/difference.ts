import { axisY, dot, type Markish, ruleX, ruleY } from "@observablehq/plot";
import { bottomAxis, numberAxis } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type LegendEntry, labelSize, type Panel } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/**
 * A difference with its interval.
 *
 * @property low, high absent where there is no interval.
 * @property finding whether the difference was found to be one, for the better or the worse where that can be said.
 */
export interface DifferenceRow {
  readonly label: string;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
  readonly finding: "better" | "worse" | "different" | "not shown";
}

export interface DifferencePanel {
  readonly label: string;
  readonly unit: string;
  readonly rows: readonly DifferenceRow[];
}

export interface DifferenceData {
  readonly title: string;
  /** What is subtracted from what, over how many seeds, and what the intervals are. */
  readonly subtitle: string;
  readonly measures: readonly DifferencePanel[];
}

const rowHeight = 26;
const axisHeight = 44;
const panelGap = 18;

const findings = {
  better: { label: "better", series: 2 },
  worse: { label: "worse", series: 1 },
  different: { label: "different", series: 0 },
  "not shown": { label: "no difference shown", series: undefined },
} as const;

const colorOf = (theme: Theme, { finding }: DifferenceRow): string => {
  const { series } = findings[finding];
  return series === undefined ? theme.muted : seriesColor(theme, series);
};

/** A forest plot: one panel for each measure, one row for each difference, with its interval and a line at zero. */
export function difference(data: DifferenceData, theme: Theme): Figure {
  const labels = data.measures.flatMap(({ rows }) => rows.map(({ label }) => label));
  const marginLeft = Math.max(...labels.map((label) => textWidth(label, labelSize)), 0) + 14;
  let top = 0;
  const panels = data.measures.map((measure): Panel => {
    const height = measure.rows.length * rowHeight + axisHeight;
    const options = { ...panelPlot(measure, theme), width: bodyWidth, height, marginLeft };
    const panel = { left: 0, top, heading: measure.label, options };
    top += headingHeight + height + panelGap;
    return panel;
  });
  const present = new Set(data.measures.flatMap(({ rows }) => rows.map(({ finding }) => finding)));
  const kinds = Object.keys(findings) as (keyof typeof findings)[];
  const legend = kinds
    .filter((kind) => present.has(kind))
    .map((kind): LegendEntry => {
      const { label, series } = findings[kind];
      return { label, color: series === undefined ? theme.muted : seriesColor(theme, series), symbol: "dot" };
    });
  return { title: data.title, subtitle: data.subtitle, legend, panels, bodyHeight: Math.max(0, top - panelGap) };
}

function panelPlot({ unit, rows }: DifferencePanel, theme: Theme) {
  const x = numberAxis(
    [0, ...rows.flatMap(({ mean, low = mean, high = mean }) => [low, mean, high])],
    "linear",
    7,
    unit,
  );
  const bounded = rows.filter(({ low, high }) => low !== undefined && high !== undefined);
  const stroke = (row: DifferenceRow): string => colorOf(theme, row);
  const marks: Markish[] = [
    ...bottomAxis(x, unit === "1" || unit === "$" || unit === "share" ? "" : unit, theme),
    ruleX([0], { stroke: theme.rule, strokeWidth: 1.5 }),
    axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
    ruleY(bounded, { y: "label", x1: "low", x2: "high", stroke, strokeWidth: 2.5 }),
    dot(rows, { y: "label", x: "mean", r: 4.5, fill: stroke, stroke: theme.background, strokeWidth: 1 }),
  ];
  return {
    marginTop: 4,
    marginRight: 12,
    marginBottom: axisHeight - 4,
    x: x.scale,
    y: { type: "point" as const, domain: rows.map(({ label }) => label), padding: 0.5 },
    marks,
  };
}
