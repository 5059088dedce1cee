import { dot, line, type Markish, ruleX, ruleY, text } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis, type ScaleKind, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, type LegendEntry, labelSize } from "../figure.ts";
import { seriesColor, type Theme } from "../theme.ts";

/**
 * A point of the break-even line.
 *
 * @property low, high the interval of y, where it is known.
 * @property beyond set when break-even lies outside what was tested: `y` is then the end of the tested range.
 */
export interface FrontierPoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  readonly beyond?: "above" | "below";
}

/** @property regions what holds above and below the lines. */
export interface FrontierData {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly xUnit: string;
  readonly xScale?: ScaleKind;
  readonly yLabel: string;
  readonly yUnit: string;
  readonly regions: { readonly above: string; readonly below: string };
  readonly lines: readonly { readonly label: string; readonly points: readonly FrontierPoint[] }[];
}

const height = 360;

/** The break-even frontier: one line per setting, y on a log axis, and on which side of it which institution gathers more. */
export function frontier(data: FrontierData, theme: Theme): Figure {
  const lines = data.lines.map((entry, index) => ({ ...entry, color: seriesColor(theme, index) }));
  const points = lines.flatMap((entry) => entry.points);
  const x = numberAxis(
    points.map((point) => point.x),
    data.xScale ?? "linear",
    8,
  );
  const y = numberAxis(
    points.flatMap(({ y: middle, low = middle, high = middle }) => [middle / 1.15, low, high * 1.15]),
    "log",
    6,
  );
  const beyond = points.some((point) => point.beyond !== undefined);
  const options = {
    width: bodyWidth,
    height,
    marginTop: 26,
    marginBottom: 44,
    marginLeft: y.labelWidth + 14,
    marginRight: 14,
    x: x.scale,
    y: y.scale,
    marks: [
      ...bottomAxis(x, withUnit(data.xLabel, data.xUnit), theme),
      ...leftAxis(y, withUnit(data.yLabel, data.yUnit), theme),
      ...(isInside(1, y.scale.domain as number[]) ? [ruleY([1], { stroke: theme.rule, strokeDasharray: "2 3" })] : []),
      ...lines.flatMap((entry) => frontierLine(entry, theme)),
      regionLabel(`↑ ${data.regions.above}`, "top-left", theme),
      regionLabel(`↓ ${data.regions.below}`, "bottom-right", theme),
    ],
  };
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: [
      ...lines.map(({ label, color }): LegendEntry => ({ label, color, symbol: "line" })),
      ...(beyond
        ? [{ label: "break-even beyond the tested range", color: theme.muted, symbol: "triangle" } as const]
        : []),
    ],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}

const isInside = (value: number, [low = 0, high = 0]: readonly number[]): boolean => value > low && value < high;

interface ColoredLine {
  readonly color: string;
  readonly points: readonly FrontierPoint[];
}

function frontierLine({ color, points }: ColoredLine, theme: Theme): Markish[] {
  const found = points.filter((point) => point.beyond === undefined);
  const bounded = found.filter((point) => point.low !== undefined && point.high !== undefined);
  const beyond = points.filter((point) => point.beyond !== undefined);
  const triangle = (side: "above" | "below", rotate: number) =>
    dot(
      beyond.filter((point) => point.beyond === side),
      {
        x: "x",
        y: "y",
        symbol: "triangle",
        rotate,
        r: 5,
        fill: theme.background,
        stroke: color,
        strokeWidth: 1.5,
      },
    );
  return [
    line(points, { x: "x", y: "y", stroke: color, strokeWidth: 1, strokeDasharray: "3 3" }),
    line(points, {
      x: "x",
      y: (point: FrontierPoint) => (point.beyond ? Number.NaN : point.y),
      stroke: color,
      strokeWidth: 2,
    }),
    ruleX(bounded, { x: "x", y1: "low", y2: "high", stroke: color, strokeWidth: 2 }),
    dot(found, { x: "x", y: "y", r: 3, fill: color }),
    triangle("above", 0),
    triangle("below", 180),
  ];
}

function regionLabel(label: string, frameAnchor: "top-left" | "bottom-right", theme: Theme): Markish {
  const sign = frameAnchor === "top-left" ? 1 : -1;
  return text([label], {
    frameAnchor,
    dx: 10 * sign,
    dy: 10 * sign,
    fill: theme.muted,
    stroke: theme.background,
    strokeWidth: 4,
    fontSize: labelSize + 1,
  });
}
