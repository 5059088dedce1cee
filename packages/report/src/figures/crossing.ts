import { areaY, dot, line, type Markish, rect, ruleX, ruleY } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis, type ScaleKind, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, type LegendEntry } from "../figure.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** The mean of a function at one x, with its interval where it has one. */
export interface CrossingPoint {
  readonly x: number;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
}

/** @property root where the function is zero, with its interval; an end is absent where it lies beyond the range. */
export interface CrossingData {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly xUnit: string;
  readonly xScale?: ScaleKind;
  readonly yLabel: string;
  readonly yUnit: string;
  readonly points: readonly CrossingPoint[];
  readonly root?: { readonly value: number; readonly low?: number; readonly high?: number };
}

const height = 340;

/** A difference against a parameter, with its band, and the value at which it crosses zero. */
export function crossing(data: CrossingData, theme: Theme): Figure {
  const points = [...data.points].sort((a, b) => a.x - b.x);
  const x = numberAxis(
    points.map((point) => point.x),
    data.xScale ?? "linear",
    8,
  );
  const y = numberAxis([0, ...points.flatMap(({ mean, low = mean, high = mean }) => [low, mean, high])], "linear", 6);
  const color = seriesColor(theme, 0);
  const rootColor = seriesColor(theme, 1);
  const [first = 0, last = 1] = x.scale.domain as number[];
  const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const marks: Markish[] = [
    ...bottomAxis(x, withUnit(data.xLabel, data.xUnit), theme),
    ...leftAxis(y, withUnit(data.yLabel, data.yUnit), theme),
    ...(data.root ? rootMarks(data.root, { color: rootColor, first, last, y: y.scale.domain as number[] }) : []),
    areaY(banded, { x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.2 }),
    ruleY([0], { stroke: theme.rule, strokeWidth: 1.5 }),
    line(points, { x: "x", y: "mean", stroke: color, strokeWidth: 2 }),
    dot(points, { x: "x", y: "mean", r: 2.5, fill: color }),
  ];
  const legend: LegendEntry[] = [
    { label: "mean over seeds", color, symbol: "line" },
    ...(banded.length > 0 ? [{ label: "95 % interval of the mean", color, symbol: "band" } as const] : []),
    ...(data.root ? [{ label: "root and its 95 % interval", color: rootColor, symbol: "line" } as const] : []),
  ];
  const options = {
    ...{ width: bodyWidth, height, marginTop: 26, marginBottom: 44, marginLeft: y.labelWidth + 14, marginRight: 14 },
    ...{ x: x.scale, y: y.scale, marks },
  };
  return {
    ...{ title: data.title, subtitle: data.subtitle, legend },
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}

interface RootPlace {
  readonly color: string;
  readonly first: number;
  readonly last: number;
  readonly y: readonly number[];
}

function rootMarks(
  { value, low, high }: NonNullable<CrossingData["root"]>,
  { color, first, last, y }: RootPlace,
): Markish[] {
  const span = [{ x1: low ?? first, x2: high ?? last, y1: y[0], y2: y[1] }];
  return [
    rect(span, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: color, fillOpacity: 0.14 }),
    ruleX([value], { stroke: color, strokeWidth: 2 }),
  ];
}
