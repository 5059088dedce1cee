import { areaY, arrow, dot, line, type Markish, ruleY, text } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type Interval, type LegendEntry, type Panel } from "../figure.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** How a population takes being pushed out of a rest point a little. */
export type RestKind = "stable" | "neutral" | "unstable";

/** @property shares of all strategies, those of several populations one after the other. */
export interface RestPoint {
  readonly shares: readonly number[];
  readonly kind: RestKind;
}

/** @property points the shares at each time. */
export interface PhasePath {
  readonly times: readonly number[];
  readonly points: readonly (readonly number[])[];
}

/** By how much the first of two strategies earns more than the second, where this share plays it. */
export interface LeadPoint extends Interval {
  readonly share: number;
}

/**
 * @property populations strategies of each population: [3] for one of three strategies, [2, 2] for two of two.
 * @property lead of one population of two strategies.
 */
export interface PhasePortraitData {
  readonly title: string;
  readonly subtitle: string;
  readonly strategies: readonly string[];
  readonly populations: readonly number[];
  readonly paths: readonly PhasePath[];
  readonly rests: readonly RestPoint[];
  readonly lead?: { readonly unit: string; readonly points: readonly LeadPoint[] };
}

/**
 * Where a population that imitates success goes: a line for two strategies, a triangle for three, a square for two populations of
 * two, shares over time for more.
 */
export function phasePortrait(data: PhasePortraitData, theme: Theme): Figure {
  const [first, second] = data.populations;
  const isSingle = data.populations.length === 1;
  if (isSingle && first === 2) return linePortrait(data, theme);
  if (isSingle && first === 3) return trianglePortrait(data, theme);
  if (data.populations.length === 2 && first === 2 && second === 2) return squarePortrait(data, theme);
  return timePortrait(data, theme);
}

const restWords: Readonly<Record<RestKind, string>> = {
  stable: "equilibrium that lasts",
  neutral: "equilibrium that drifts",
  unstable: "equilibrium that is left",
};
const restSymbols = { stable: "dot", neutral: "triangle", unstable: "ring" } as const;

function restLegend({ rests }: PhasePortraitData, theme: Theme): LegendEntry[] {
  const kinds = (["stable", "neutral", "unstable"] as const).filter((kind) => rests.some((rest) => rest.kind === kind));
  return kinds.map((kind) => ({ label: restWords[kind], color: seriesColor(theme, 1), symbol: restSymbols[kind] }));
}

interface Placed {
  readonly x: number;
  readonly y: number;
}

/** The equilibria, where `place` puts their shares. */
function restMarks(
  { rests }: PhasePortraitData,
  place: (shares: readonly number[]) => Placed,
  theme: Theme,
): Markish[] {
  const color = seriesColor(theme, 1);
  const of = (kind: RestKind): Placed[] =>
    rests.filter((rest) => rest.kind === kind).map(({ shares }) => place(shares));
  const at = { x: "x", y: "y", stroke: color, strokeWidth: 2, clip: false } as const;
  return [
    dot(of("unstable"), { ...at, r: 5.5, fill: theme.background }),
    dot(of("neutral"), { ...at, r: 5.5, symbol: "triangle", fill: theme.background }),
    dot(of("stable"), { ...at, r: 6, fill: color, stroke: theme.background, strokeWidth: 1.5 }),
  ];
}

/** Paths with an arrowhead each, about a third of the way along. */
function pathMarks(
  { paths }: PhasePortraitData,
  place: (shares: readonly number[]) => Placed,
  theme: Theme,
): Markish[] {
  const color = seriesColor(theme, 0);
  const placed = paths.map(({ points }) => points.map(place));
  const heads = placed.flatMap((points): { from: Placed; to: Placed }[] => {
    const head = headOf(points);
    return head ? [head] : [];
  });
  return [
    ...placed.map((points) => line(points, { x: "x", y: "y", stroke: color, strokeWidth: 1.3, strokeOpacity: 0.75 })),
    arrow(heads, {
      x1: ({ from }) => from.x,
      y1: ({ from }) => from.y,
      x2: ({ to }) => to.x,
      y2: ({ to }) => to.y,
      ...{ stroke: color, strokeWidth: 1.6, headLength: 6, headAngle: 50, bend: false },
    }),
  ];
}

const headAt = 0.35;
const headReach = 0.03;

/** A short stretch of a path, for its arrowhead; none for a path that goes nowhere. */
function headOf(points: readonly Placed[]): { from: Placed; to: Placed } | undefined {
  const distance = (a: Placed, b: Placed): number => Math.hypot(a.x - b.x, a.y - b.y);
  let length = 0;
  for (let k = 1; k < points.length; k++) length += distance(points[k - 1] as Placed, points[k] as Placed);
  if (length < 2 * headReach) return undefined;
  let gone = 0;
  for (let k = 1; k < points.length; k++) {
    const [from, to] = [points[k - 1] as Placed, points[k] as Placed];
    const step = distance(from, to);
    gone += step;
    if (gone < headAt * length || step === 0) continue;
    // Towards where the path is a little later: a stretch of it may be too short to be seen.
    const later = points.slice(k).find((point) => distance(from, point) >= headReach) ?? to;
    const reach = headReach / Math.max(headReach, distance(from, later));
    return { from, to: { x: from.x + reach * (later.x - from.x), y: from.y + reach * (later.y - from.y) } };
  }
  return undefined;
}

const lineHeight = 320;

/** The lead of the first strategy over its own share; where it is positive, the share grows. */
function linePortrait(data: PhasePortraitData, theme: Theme): Figure {
  const points = data.lead?.points ?? [];
  const unit = data.lead?.unit ?? "";
  const [first = "", second = ""] = data.strategies;
  const x = numberAxis([0, 1], "linear", 6, "share");
  const y = numberAxis([0, ...points.flatMap(({ low, high, mean }) => [low, mean, high])], "linear", 6, unit);
  const color = seriesColor(theme, 0);
  const banded = points.filter(({ low, high }) => low < high);
  const every = Math.max(1, Math.floor(points.length / 10));
  const arrows = points.slice(0, -1).filter((_, index) => index > 0 && index % every === Math.floor(every / 2));
  const options = {
    ...{
      width: bodyWidth,
      height: lineHeight,
      marginTop: 26,
      marginBottom: 44,
      marginLeft: y.labelWidth + 14,
      marginRight: 16,
    },
    x: { ...x.scale, domain: [-0.02, 1.02] },
    y: y.scale,
    marks: [
      ...bottomAxis(x, `Share that plays ${first}`, theme),
      ...leftAxis(y, withUnit(`What ${first} earns more than ${second}`, unit), theme),
      areaY(banded, { x: "share", y1: "low", y2: "high", fill: color, fillOpacity: 0.2 }),
      ruleY([0], { stroke: theme.rule, strokeWidth: 1.5 }),
      line(points, { x: "share", y: "mean", stroke: color, strokeWidth: 2 }),
      arrow(arrows, {
        x1: ({ share, mean }: LeadPoint) => share - Math.sign(mean) * 0.025,
        x2: ({ share, mean }: LeadPoint) => share + Math.sign(mean) * 0.025,
        ...{ y1: 0, y2: 0, stroke: theme.text, strokeWidth: 1.8, headLength: 6, headAngle: 50, bend: false },
      }),
      ...restMarks(data, ([share = 0]) => ({ x: share, y: 0 }), theme),
    ],
  };
  const legend: LegendEntry[] = [
    { label: `lead of ${first}`, color, symbol: "line" },
    ...(banded.length > 0 ? [{ label: "95 % interval", color, symbol: "band" } as const] : []),
    ...restLegend(data, theme),
  ];
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend,
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: lineHeight,
  };
}

const triangleHeight = 430;
const triangleMargins = { marginTop: 30, marginBottom: 34, marginLeft: 60, marginRight: 60 };
const halfRootThree = Math.sqrt(3) / 2;

/** The first strategy is the lower left corner, the second the lower right, the third the top. */
const inTriangle = ([, second = 0, third = 0]: readonly number[]): Placed => ({
  x: second + third / 2,
  y: halfRootThree * third,
});

function trianglePortrait(data: PhasePortraitData, theme: Theme): Figure {
  const inner = triangleHeight - triangleMargins.marginTop - triangleMargins.marginBottom;
  const width = Math.round(inner / halfRootThree) + triangleMargins.marginLeft + triangleMargins.marginRight;
  const corners = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]; // prettier-ignore
  const grid = [0.25, 0.5, 0.75].flatMap((share) => [0, 1, 2].map((fixed) => gridLine(fixed, share)));
  const [first, second, third] = corners.map(inTriangle);
  const options = {
    ...{ width, height: triangleHeight, ...triangleMargins },
    x: { domain: [0, 1], axis: null },
    y: { domain: [0, halfRootThree], axis: null },
    marks: [
      ...grid.map((ends) => line(ends, { x: "x", y: "y", stroke: theme.grid })),
      line([first, second, third, first] as Placed[], { x: "x", y: "y", stroke: theme.rule, strokeWidth: 1.5 }),
      ...pathMarks(data, inTriangle, theme),
      ...restMarks(data, inTriangle, theme),
      ...cornerMarks(data.strategies, [first, second, third] as Placed[], theme),
    ],
  };
  const left = Math.round((bodyWidth - width) / 2);
  const legend: LegendEntry[] = [
    { label: "path of the population", color: seriesColor(theme, 0), symbol: "line" },
    ...restLegend(data, theme),
  ];
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend,
    panels: [{ left, top: 0, options }],
    bodyHeight: triangleHeight,
  };
}

/** The line on which strategy `fixed` has this share. */
function gridLine(fixed: number, share: number): Placed[] {
  return [1, 2].map((other) => {
    const shares = [0, 0, 0];
    shares[fixed] = share;
    shares[(fixed + other) % 3] = 1 - share;
    return inTriangle(shares);
  });
}

function cornerMarks(
  strategies: readonly string[],
  [first, second, third]: readonly Placed[],
  theme: Theme,
): Markish[] {
  const style = { x: "x", y: "y", text: "label", fill: theme.text, fontSize: 13, fontWeight: 600 } as const;
  return [
    text([{ ...first, label: strategies[0] }], { ...style, dy: 20 }),
    text([{ ...second, label: strategies[1] }], { ...style, dy: 20 }),
    text([{ ...third, label: strategies[2] }], { ...style, dy: -16 }),
  ];
}

const squareSize = 380;

function squarePortrait(data: PhasePortraitData, theme: Theme): Figure {
  const x = numberAxis([0, 1], "linear", 5, "share");
  const y = numberAxis([0, 1], "linear", 5, "share");
  const place = ([row = 0, , column = 0]: readonly number[]): Placed => ({ x: row, y: column });
  const marginLeft = y.labelWidth + 14;
  const options = {
    ...{
      width: squareSize + marginLeft + 16,
      height: squareSize,
      marginTop: 26,
      marginBottom: 44,
      marginLeft,
      marginRight: 16,
    },
    x: { ...x.scale, domain: [-0.02, 1.02] },
    y: { ...y.scale, domain: [-0.02, 1.02] },
    marks: [
      ...bottomAxis(x, `Share that plays ${data.strategies[0]}`, theme),
      ...leftAxis(y, `Share that plays ${data.strategies[2]}`, theme),
      ...pathMarks(data, place, theme),
      ...restMarks(data, place, theme),
    ],
  };
  const legend: LegendEntry[] = [
    { label: "path of both populations", color: seriesColor(theme, 0), symbol: "line" },
    ...restLegend(data, theme),
  ];
  const left = Math.round((bodyWidth - options.width) / 2);
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend,
    panels: [{ left, top: 0, options }],
    bodyHeight: squareSize,
  };
}

const timeHeight = 190;
const panelGap = 14;
const mostPanels = 4;

/** Shares over time, a panel for each path. */
function timePortrait(data: PhasePortraitData, theme: Theme): Figure {
  const paths = data.paths.slice(0, mostPanels);
  const panels = paths.map((path, index): Panel => {
    const x = numberAxis(path.times, "linear", 8);
    const y = numberAxis([0, 1], "linear", 4, "share");
    const isLast = index === paths.length - 1;
    const options = {
      ...{
        width: bodyWidth,
        height: timeHeight,
        marginTop: 12,
        marginBottom: isLast ? 44 : 26,
        marginLeft: y.labelWidth + 14,
        marginRight: 14,
      },
      ...{ x: x.scale, y: y.scale },
      marks: [
        ...bottomAxis(x, isLast ? "Time, in units of one over the range of payoffs" : "", theme),
        ...leftAxis(y, "", theme),
        ...data.strategies.map((_, strategy) => {
          const values = path.points.map((shares, k) => ({ time: path.times[k], share: shares[strategy] }));
          return line(values, { x: "time", y: "share", stroke: seriesColor(theme, strategy), strokeWidth: 2 });
        }),
      ],
    };
    return { left: 0, top: index * (timeHeight + headingHeight + panelGap), heading: `Start ${index + 1}`, options };
  });
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: data.strategies.map((label, strategy) => ({ label, color: seriesColor(theme, strategy), symbol: "line" })),
    panels,
    bodyHeight: paths.length * (timeHeight + headingHeight + panelGap) - panelGap,
    ...(data.paths.length > mostPanels && { note: `${data.paths.length - mostPanels} other paths are left out.` }),
  };
}
