import { axisY, dot, line, type Markish, ruleX, ruleY } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type LegendEntry, labelSize, type Panel } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** Seconds of each update of a run, the first one after the beginning left out. */
export interface UpdateSeconds {
  readonly update: number;
  readonly seconds: number;
}

/**
 * What was predicted for one arm of real hardware, and what it took.
 *
 * @property measured, simulated durations of single updates of the first seed.
 * @property measuredMedian, simulatedMedian over all updates and seeds.
 * @property bounds what simple formulas say, by name: the larger of compute and transfer, or their sum.
 */
export interface PredictedArm {
  readonly arm: string;
  readonly measured: readonly UpdateSeconds[];
  readonly simulated: readonly UpdateSeconds[];
  readonly measuredMedian: number;
  readonly simulatedMedian: number;
  readonly bounds: readonly { readonly name: string; readonly seconds: number }[];
}

/** @property remark how good the prediction is, in words. */
export interface PredictionData {
  readonly title: string;
  readonly remark: string;
  readonly arms: readonly PredictedArm[];
}

const rowHeight = 26;
const axisHeight = 44;
const linesHeight = 220;
const panelGap = 18;

/** The simulated run beside the one on hardware: medians and simple formulas on one axis, and below them update by update. */
export function prediction(data: PredictionData, theme: Theme): Figure {
  let top = 0;
  const panels = data.arms.flatMap((arm): Panel[] => {
    const rows = rowsOf(arm, theme);
    const height = rows.length * rowHeight + axisHeight;
    const medians = { left: 0, top, heading: headingOf(data, arm), options: rowsPlot(rows, height, theme) };
    top += headingHeight + height + panelGap;
    const single = { left: 0, top, heading: "Update by update", options: linesPlot(arm, theme) };
    top += headingHeight + linesHeight + panelGap;
    return [medians, single];
  });
  return {
    title: data.title,
    subtitle: data.remark,
    legend: [
      { label: "hardware", color: seriesColor(theme, 0), symbol: "dot" } satisfies LegendEntry,
      { label: "simulation", color: seriesColor(theme, 1), symbol: "dot" } satisfies LegendEntry,
      { label: "simple formulas", color: theme.muted, symbol: "ring" } satisfies LegendEntry,
    ],
    panels,
    bodyHeight: Math.max(0, top - panelGap),
  };
}

const headingOf = ({ arms }: PredictionData, { arm }: PredictedArm): string =>
  arms.length > 1 ? `Median seconds per update: ${arm}` : "Median seconds per update";

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly color: string;
  readonly isFormula: boolean;
}

const rowsOf = ({ measuredMedian, simulatedMedian, bounds }: PredictedArm, theme: Theme): readonly Row[] => [
  { name: "hardware, measured", seconds: measuredMedian, color: seriesColor(theme, 0), isFormula: false },
  { name: "simulation", seconds: simulatedMedian, color: seriesColor(theme, 1), isFormula: false },
  ...bounds.map(({ name, seconds }) => ({ name, seconds, color: theme.muted, isFormula: true })),
];

function rowsPlot(rows: readonly Row[], height: number, theme: Theme) {
  const x = numberAxis([0, ...rows.map(({ seconds }) => seconds)], "linear", 7);
  const stroke = ({ color }: Row): string => color;
  const measured = rows[0]?.seconds ?? 0;
  const marks: Markish[] = [
    ...bottomAxis(x, "s", theme),
    axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
    ruleX([measured], { stroke: seriesColor(theme, 0), strokeDasharray: "3 3" }),
    ruleY(rows, { y: "name", x1: 0, x2: "seconds", stroke, strokeWidth: 3, strokeOpacity: 0.3 }),
    dot(
      rows.filter(({ isFormula }) => !isFormula),
      { y: "name", x: "seconds", r: 4.5, fill: stroke },
    ),
    dot(
      rows.filter(({ isFormula }) => isFormula),
      { y: "name", x: "seconds", r: 4, fill: theme.background, stroke, strokeWidth: 1.8 },
    ),
  ];
  return {
    width: bodyWidth,
    height,
    marginLeft: Math.max(...rows.map(({ name }) => textWidth(name, labelSize))) + 14,
    marginTop: 4,
    marginRight: 12,
    marginBottom: axisHeight - 4,
    x: x.scale,
    y: { type: "point" as const, domain: rows.map(({ name }) => name), padding: 0.5 },
    marks,
  };
}

function linesPlot({ measured, simulated }: PredictedArm, theme: Theme) {
  const updates = [...measured, ...simulated].map(({ update }) => update);
  const x = numberAxis([0, ...updates], "linear", 7);
  const y = numberAxis([0, ...[...measured, ...simulated].map(({ seconds }) => seconds)], "linear", 5);
  const drawn = (points: readonly UpdateSeconds[], index: number): Markish[] => [
    line(points, { x: "update", y: "seconds", stroke: seriesColor(theme, index), strokeWidth: 1.5 }),
  ];
  return {
    width: bodyWidth,
    height: linesHeight,
    marginTop: 26,
    marginBottom: 44,
    marginLeft: y.labelWidth + 14,
    marginRight: 14,
    x: { ...x.scale, domain: [0, (x.scale.domain as number[])[1] ?? 1] },
    y: y.scale,
    marks: [
      ...bottomAxis(x, "Update", theme),
      ...leftAxis(y, "Seconds", theme),
      ...drawn(measured, 0),
      ...drawn(simulated, 1),
    ],
  };
}
