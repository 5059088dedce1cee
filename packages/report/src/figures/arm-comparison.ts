import { axisY, dot, type Markish, ruleY, text } from "@observablehq/plot";
import { bottomAxis, numberAxis, type ScaleKind } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type Interval, labelSize, type Panel } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** One arm in one measure: its mean and interval over seeds, and the value of every seed. */
export interface ArmEstimate extends Interval {
  readonly arm: string;
  readonly values: readonly number[];
  /** Shown instead of a mean that does not exist, such as "never reached". */
  readonly remark?: string;
}

export interface MeasurePanel {
  readonly label: string;
  readonly unit: string;
  readonly scale?: ScaleKind;
  readonly better?: "higher" | "lower";
  readonly arms: readonly ArmEstimate[];
}

/** @property seeds the number of runs behind each mean. */
export interface ArmComparisonData {
  readonly title: string;
  readonly seeds: number;
  readonly measures: readonly MeasurePanel[];
}

const rowHeight = 24;
const axisHeight = 44;
const panelGap = 18;
const columnGap = 22;

/** Small multiples, one per measure: the mean and 95 % interval of each arm, with every seed as a small dot below it. */
export function armComparison(data: ArmComparisonData, theme: Theme): Figure {
  const arms = [...new Set(data.measures.flatMap((measure) => measure.arms.map(({ arm }) => arm)))];
  const labelWidth = Math.max(...arms.map((arm) => textWidth(arm, labelSize)), 0) + 14;
  const columns = data.measures.length > 1 && labelWidth < bodyWidth / 3 ? 2 : 1;
  const plotWidth = (bodyWidth - labelWidth - columnGap * (columns - 1)) / columns;
  const plotHeight = arms.length * rowHeight + axisHeight;
  const panelHeight = headingHeight + plotHeight + panelGap;
  const panels = data.measures.map((measure, index): Panel => {
    const column = index % columns;
    const marginLeft = column === 0 ? labelWidth : 0;
    const left = column === 0 ? 0 : labelWidth + plotWidth + columnGap;
    const width = marginLeft + plotWidth;
    const options = { ...measurePlot(measure, arms, theme, column === 0), width, height: plotHeight, marginLeft };
    return { left, top: Math.floor(index / columns) * panelHeight, heading: measure.label, options };
  });
  return {
    title: data.title,
    subtitle:
      data.seeds === 1
        ? "One seed per arm, so without intervals."
        : `Large dot and bar: mean and 95\u00a0% Student-t interval over ${data.seeds} seeds per arm. Small dots: single seeds.`,
    legend: [],
    panels,
    bodyHeight: Math.ceil(data.measures.length / columns) * panelHeight - panelGap,
  };
}

/** What the axis measures; dollars, bytes and per cent stand at its ticks. */
const axisLabel = (unit: string, hint: string | undefined): string => {
  const named = ["$", "B", "share"].includes(unit) ? "" : unit;
  return named !== "" && hint !== undefined ? `${named} (${hint})` : named || (hint ?? "");
};

const direction = { higher: "higher is better →", lower: "← lower is better" } as const;

function measurePlot(measure: MeasurePanel, arms: readonly string[], theme: Theme, named: boolean) {
  const { scale = "linear", unit, better } = measure;
  const shown = measure.arms.filter((row) => Number.isFinite(row.mean));
  const seeds = shown.flatMap((row) => row.values.map((value) => ({ arm: row.arm, value })));
  const axis = numberAxis(
    [...seeds.map(({ value }) => value), ...shown.flatMap((row) => [row.mean, row.low, row.high])],
    scale,
    unit === "B" ? 3 : 5,
    unit,
  );
  const colorOf = (row: { arm: string }): string => seriesColor(theme, arms.indexOf(row.arm));
  const label = axisLabel(unit === "1" ? "" : unit, better && direction[better]);
  const [low = 0] = axis.scale.domain as number[];
  const clipped = shown.map((row) => ({ ...row, low: scale === "log" && row.low <= 0 ? low : row.low }));
  const missing = measure.arms.filter((row) => !Number.isFinite(row.mean));
  const marks: Markish[] = [
    ...bottomAxis(axis, label, theme),
    axisY({
      label: null,
      tickSize: 0,
      tickPadding: 8,
      color: theme.text,
      fontSize: labelSize,
      ...(named ? {} : { ticks: [] }),
    }),
    dot(seeds, { x: "value", y: "arm", r: 1.7, dy: 7, fill: colorOf, fillOpacity: 0.4 }),
    ruleY(clipped, { x1: "low", x2: "high", y: "arm", stroke: colorOf, strokeWidth: 8, strokeOpacity: 0.4, dy: -2 }),
    dot(shown, { x: "mean", y: "arm", r: 3, dy: -2, fill: colorOf }),
    text(missing, {
      y: "arm",
      text: (row: ArmEstimate) => row.remark ?? "no value",
      frameAnchor: "left",
      dx: 6,
      fill: theme.muted,
      fontSize: labelSize,
    }),
  ];
  return {
    marginTop: 2,
    marginRight: 8,
    marginBottom: axisHeight - 4,
    x: axis.scale,
    y: { type: "point" as const, domain: arms, padding: 0.5 },
    marks,
  };
}
