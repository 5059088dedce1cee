import { axisY, dot, ruleX, ruleY } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis, type ScaleKind, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type Interval, labelSize, type Panel } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** A parameter of the region as an axis; values are in `unit`. */
export interface RegionAxis {
  readonly label: string;
  readonly unit: string;
  readonly scale: ScaleKind;
}

/** Whether the claim holds at a point, fails there, or cannot be told. */
export type RegionState = "holds" | "fails" | "open";

/**
 * @property x, y the two parameters that move the claim most; `y` may be the margin itself.
 * @property indices total Sobol' index of each parameter; none where they could not be computed.
 */
export interface ClaimRegionData {
  readonly title: string;
  readonly subtitle: string;
  readonly x: RegionAxis;
  readonly y: RegionAxis;
  readonly points: readonly { readonly x: number; readonly y: number; readonly state: RegionState }[];
  readonly indices: readonly { readonly parameter: string; readonly total: Interval }[];
}

const height = 300;
const gap = 26;
const shareOfScatter = 0.56;
/** Where indices and their intervals are cut off. */
const mostOfIndex = 1.5;

/** Where in its region a claim holds and fails, and beside it which parameters move it. */
export function claimRegion(data: ClaimRegionData, theme: Theme): Figure {
  const hasIndices = data.indices.length > 0;
  const width = hasIndices ? Math.round(bodyWidth * shareOfScatter) : bodyWidth;
  const left = width + gap;
  const panels = [scatterPanel(data, width, theme)];
  if (hasIndices) panels.push(indexPanel(data, { left, width: bodyWidth - left }, theme));
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: [
      { label: "holds", color: colorOf("holds", theme), symbol: "dot" },
      { label: "fails", color: colorOf("fails", theme), symbol: "ring" },
      ...(data.points.some(({ state }) => state === "open")
        ? [{ label: "cannot be told", color: theme.muted, symbol: "triangle" } as const]
        : []),
    ],
    panels,
    bodyHeight: height + headingHeight,
  };
}

const colorOf = (state: RegionState, theme: Theme): string =>
  state === "open" ? theme.muted : seriesColor(theme, state === "holds" ? 0 : 1);

function scatterPanel({ x, y, points }: ClaimRegionData, width: number, theme: Theme): Panel {
  const along = numberAxis(
    points.map((point) => point.x),
    x.scale,
    5,
    x.unit,
  );
  const up = numberAxis(
    points.map((point) => point.y),
    y.scale,
    5,
    y.unit,
  );
  const of = (state: RegionState) => points.filter((point) => point.state === state);
  const options = {
    width,
    height,
    marginTop: 26,
    marginBottom: 44,
    marginLeft: up.labelWidth + 14,
    marginRight: 10,
    x: along.scale,
    y: up.scale,
    marks: [
      ...bottomAxis(along, withUnit(x.label, x.unit), theme),
      ...leftAxis(up, withUnit(y.label, y.unit), theme),
      dot(of("open"), { x: "x", y: "y", symbol: "triangle", r: 4, stroke: theme.muted, fill: theme.background }),
      dot(of("fails"), { x: "x", y: "y", r: 4, stroke: colorOf("fails", theme), strokeWidth: 2 }),
      dot(of("holds"), { x: "x", y: "y", r: 4.5, fill: colorOf("holds", theme) }),
    ],
  };
  return { left: 0, top: 0, heading: "Where it holds", options };
}

function indexPanel({ indices }: ClaimRegionData, place: { left: number; width: number }, theme: Theme): Panel {
  const rows = [...indices].sort((a, b) => b.total.mean - a.total.mean);
  const bounded = rows.map(({ parameter, total }) => ({
    parameter,
    // An estimate from few points may lie far beyond the whole.
    mean: Math.min(mostOfIndex, total.mean),
    low: Math.max(0, total.low),
    high: Math.min(mostOfIndex, total.high),
  }));
  const x = numberAxis([0, 1, ...bounded.flatMap(({ mean, high }) => [mean, high])], "linear", 3);
  const color = seriesColor(theme, 0);
  const options = {
    width: place.width,
    height,
    marginTop: 10,
    marginBottom: 44,
    marginLeft: Math.max(...rows.map(({ parameter }) => textWidth(parameter, labelSize)), 0) + 12,
    marginRight: 10,
    x: x.scale,
    y: { type: "point" as const, domain: rows.map(({ parameter }) => parameter), padding: 0.6 },
    marks: [
      ...bottomAxis(x, "Share of variance", theme),
      ruleX([0], { stroke: theme.rule }),
      axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
      ruleY(bounded, { y: "parameter", x1: "low", x2: "high", stroke: color, strokeWidth: 2.5 }),
      dot(bounded, { y: "parameter", x: "mean", r: 4.5, fill: color, stroke: theme.background, strokeWidth: 1 }),
    ],
  };
  return { left: place.left, top: 0, heading: "What moves it", options };
}
