import { areaY, line, type Markish, ruleY, text } from "@observablehq/plot";
import { bottomAxis, extentOf, leftAxis, numberAxis, type ScaleKind, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, type Interval, labelSize } from "../figure.ts";
import { spreadApart } from "../placement.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** The mean over seeds, with its band, at one time. */
export interface TimelinePoint extends Interval {
  readonly time: number;
}

/** @property band what the band is, such as "95 % Student-t interval" or "10th to 90th percentile". */
export interface TimelineData {
  readonly title: string;
  readonly label: string;
  readonly unit: string;
  readonly scale?: ScaleKind;
  readonly timeLabel: string;
  readonly timeUnit: string;
  readonly seeds: number;
  readonly band: string;
  readonly arms: readonly { readonly arm: string; readonly points: readonly TimelinePoint[] }[];
}

const height = 340;
const marginTop = 26;
const marginBottom = 44;
const labelGap = 15;

/** One column of the timeline: the mean over seeds of each arm as a line, named at its end, with a band around it. */
export function timeline(data: TimelineData, theme: Theme): Figure {
  const { scale = "linear" } = data;
  const isShown = ({ mean }: TimelinePoint): boolean => Number.isFinite(mean) && (scale === "linear" || mean > 0);
  const arms = data.arms.map(({ arm, points }, index) => ({
    arm,
    points: points.filter(isShown),
    color: seriesColor(theme, index),
  }));
  const points = arms.flatMap((arm) => arm.points);
  const x = numberAxis(
    points.map(({ time }) => time),
    "linear",
    7,
  );
  const y = numberAxis(
    points.flatMap(({ mean, low, high }) => [mean, low, high]),
    scale,
    6,
  );
  const [floor = 0, ceiling = 1] = y.scale.domain as number[];
  const marginRight = Math.max(...arms.map(({ arm }) => textWidth(arm, labelSize)), 0) + 14;
  const times = points.map(({ time }) => time);
  const options = {
    width: bodyWidth,
    height,
    marginTop,
    marginBottom,
    marginLeft: y.labelWidth + 14,
    marginRight,
    x: { ...x.scale, domain: extentOf(times, "linear") },
    y: y.scale,
    marks: [
      ...bottomAxis(x, withUnit(data.timeLabel, data.timeUnit), theme),
      ...leftAxis(y, withUnit(data.label, data.unit), theme),
      ...(scale === "linear" && floor < 0 ? [ruleY([0], { stroke: theme.rule })] : []),
      ...arms.map((arm) =>
        areaY(arm.points, {
          x: "time",
          y1: (point: TimelinePoint) => Math.max(point.low, floor),
          y2: (point: TimelinePoint) => Math.min(point.high, ceiling),
          fill: arm.color,
          fillOpacity: 0.16,
        }),
      ),
      ...arms.map((arm) => line(arm.points, { x: "time", y: "mean", stroke: arm.color, strokeWidth: 2 })),
      ...endLabels(arms, scale, [floor, ceiling]),
    ],
  };
  return {
    title: data.title,
    subtitle: `Mean over ${data.seeds} seeds per arm; the band is the ${data.band}.`,
    legend: [],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}

interface ColoredArm {
  readonly arm: string;
  readonly color: string;
  readonly points: readonly TimelinePoint[];
}

/** The name of each arm beside the end of its line, moved up or down where two lines end close together. */
function endLabels(arms: readonly ColoredArm[], scale: ScaleKind, [low, high]: [number, number]): Markish[] {
  const along = (value: number): number =>
    scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  const plotHeight = height - marginTop - marginBottom;
  const ends = arms.flatMap(({ arm, color, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [{ arm, color, last, place: (1 - along(last.mean)) * plotHeight }];
  });
  const places = spreadApart(
    ends.map(({ place }) => place),
    labelGap,
    0,
    plotHeight,
  );
  return ends.map(({ arm, color, last, place }, index) =>
    text([last], {
      x: "time",
      y: "mean",
      text: () => arm,
      dx: 8,
      dy: (places[index] as number) - place,
      textAnchor: "start",
      fill: color,
      fontWeight: 600,
      fontSize: labelSize,
    }),
  );
}
