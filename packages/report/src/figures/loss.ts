import { areaY, dot, line, type Markish, ruleY, text } from "@observablehq/plot";
import { bottomAxis, leftAxis, type NumberAxis, numberAxis, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type LegendEntry, labelSize, type Panel } from "../figure.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** The loss after an update: the mean over seeds with the least and the greatest, and the mean time at which it was reached. */
export interface LossPoint {
  readonly update: number;
  readonly seconds: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface LossArm {
  readonly arm: string;
  /** Of the microbatches that were trained on, after each update. */
  readonly training: readonly LossPoint[];
  /** Of data that is never trained on. */
  readonly heldOut: readonly LossPoint[];
}

/**
 * @property seeds the number of runs of each arm.
 * @property floor the entropy of the data, which no model gets below; absent where nobody knows it.
 */
export interface LossData {
  readonly title: string;
  readonly seeds: number;
  readonly arms: readonly LossArm[];
  readonly floor?: number;
  /** What is not shown, and why. */
  readonly note?: string;
}

const panelHeight = 300;
const panelGap = 18;
const unit = "nats per token";

type Along = "update" | "seconds";

/** The loss against updates and, below it, against time: training as lines, held-out data as dots. */
export function loss(data: LossData, theme: Theme): Figure {
  const shown = data.arms.flatMap(({ training, heldOut }) => [...training, ...heldOut]);
  const floor = data.floor === undefined ? [] : [data.floor];
  const y = numberAxis([...shown.flatMap(({ mean, low, high }) => [mean, low, high]), ...floor], "linear", 6);
  const arms = data.arms.map((arm, index) => ({ ...arm, color: seriesColor(theme, index), isDashed: index % 2 === 1 }));
  const panel = (along: Along, index: number): Panel => ({
    left: 0,
    top: index * (headingHeight + panelHeight + panelGap),
    heading: along === "update" ? "By updates" : "By time",
    options: panelPlot(arms, { along, y, floor: data.floor, theme }),
  });
  const several =
    data.seeds > 1 ? `Mean of ${data.seeds} seeds; the band reaches from the least to the greatest. ` : "";
  return {
    title: data.title,
    subtitle: `${several}Lines: microbatches trained on. Dots: held-out data.`,
    ...(data.note !== undefined && { note: data.note }),
    legend: arms.map(
      ({ arm, color, isDashed }): LegendEntry => ({ label: arm, color, symbol: isDashed ? "dash" : "line" }),
    ),
    panels: [panel("update", 0), panel("seconds", 1)],
    bodyHeight: 2 * (headingHeight + panelHeight) + panelGap,
  };
}

interface ColoredArm extends LossArm {
  readonly color: string;
  /** Every other arm, so that what is the same is seen to be of two. */
  readonly isDashed: boolean;
}

interface PanelOptions {
  readonly along: Along;
  readonly y: NumberAxis;
  readonly floor: number | undefined;
  readonly theme: Theme;
}

function panelPlot(arms: readonly ColoredArm[], { along, y, floor, theme }: PanelOptions) {
  const places = arms.flatMap(({ training, heldOut }) => [...training, ...heldOut].map((point) => point[along]));
  const x = numberAxis([0, ...places], "linear", 7);
  const label = along === "update" ? "Updates" : withUnit("Time since the run began", "s");
  return {
    width: bodyWidth,
    height: panelHeight,
    marginTop: 26,
    marginBottom: 44,
    marginLeft: y.labelWidth + 14,
    marginRight: 14,
    x: { ...x.scale, domain: [0, (x.scale.domain as number[])[1] ?? 1] },
    y: y.scale,
    marks: [
      ...bottomAxis(x, label, theme),
      ...leftAxis(y, withUnit("Loss", unit), theme),
      ...floorMarks(floor, theme),
      ...arms.flatMap((arm) => armMarks(arm, along, theme)),
    ],
  };
}

function floorMarks(floor: number | undefined, theme: Theme): Markish[] {
  if (floor === undefined) return [];
  return [
    ruleY([floor], { stroke: theme.muted, strokeDasharray: "4 3" }),
    text([floor], {
      y: (value: number) => value,
      text: () => "entropy of the data",
      frameAnchor: "right",
      dy: -7,
      fill: theme.muted,
      fontSize: labelSize,
    }),
  ];
}

function armMarks({ training, heldOut, color, isDashed }: ColoredArm, along: Along, theme: Theme): Markish[] {
  const x = (point: LossPoint): number => point[along];
  return [
    areaY(training, { x, y1: "low", y2: "high", fill: color, fillOpacity: 0.14 }),
    line(training, { x, y: "mean", stroke: color, strokeWidth: 1.6, ...(isDashed && { strokeDasharray: "5 4" }) }),
    dot(heldOut, { x, y: "mean", r: 4, fill: color, stroke: theme.background, strokeWidth: 1.2 }),
  ];
}
