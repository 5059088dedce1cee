import { dot, line, type Markish, ruleX, text } from "@observablehq/plot";
import { bottomAxis, leftAxis, numberAxis, withUnit } from "../axes.ts";
import { bodyWidth, type Figure, labelSize } from "../figure.ts";
import { type Box, placeLabels } from "../placement.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** A published figure and what the model predicts for it, with the interval of the prediction where it has one. */
export interface ReproductionPoint {
  readonly label: string;
  readonly published: number;
  readonly predicted: number;
  readonly low?: number;
  readonly high?: number;
}

/** @property note how the predictions were made, how far off they are, and what their bars mean. */
export interface ReproductionData {
  readonly title: string;
  readonly quantity: string;
  readonly unit: string;
  readonly note: string;
  readonly points: readonly ReproductionPoint[];
}

const height = 440;
const margins = { marginTop: 26, marginBottom: 44, marginRight: 16 };

/** Predicted against published, both on log axes, with the line on which they agree. */
export function reproduction(data: ReproductionData, theme: Theme): Figure {
  const values = data.points.flatMap(({ published, predicted, low = predicted, high = predicted }) => [
    published,
    predicted,
    low,
    high,
  ]);
  const axis = numberAxis(values, "log", 7);
  const [low = 1, high = 10] = axis.scale.domain as number[];
  const color = seriesColor(theme, 0);
  const marginLeft = axis.labelWidth + 14;
  const bounded = data.points.filter((point) => point.low !== undefined && point.high !== undefined);
  const options = {
    width: bodyWidth,
    height,
    ...margins,
    marginLeft,
    x: axis.scale,
    y: axis.scale,
    marks: [
      ...bottomAxis(axis, `Published ${withUnit(data.quantity, data.unit)}`, theme),
      ...leftAxis(axis, `Predicted ${withUnit(data.quantity, data.unit)}`, theme),
      line(
        [
          [low, low],
          [high, high],
        ],
        { stroke: theme.rule, strokeWidth: 1.5, strokeDasharray: "4 3" },
      ),
      ruleX(bounded, { x: "published", y1: "low", y2: "high", stroke: color, strokeWidth: 1.5 }),
      dot(data.points, { x: "published", y: "predicted", r: 4.5, fill: color }),
      ...pointLabels(data.points, [low, high], marginLeft, theme),
    ],
  };
  return {
    title: data.title,
    subtitle: `${data.points.length} published figures. ${data.note}`,
    legend: [
      { label: "published figure", color, symbol: "dot" },
      { label: "prediction equals publication", color: theme.rule, symbol: "dash" },
    ],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}

function pointLabels(
  points: readonly ReproductionPoint[],
  [low, high]: readonly [number, number],
  marginLeft: number,
  theme: Theme,
): Markish[] {
  const frame = {
    left: marginLeft,
    top: margins.marginTop,
    width: bodyWidth - marginLeft - margins.marginRight,
    height: height - margins.marginTop - margins.marginBottom,
  };
  const along = (value: number): number => Math.log(value / low) / Math.log(high / low);
  const dots = points.map(({ label, published, predicted }) => ({
    x: frame.left + along(published) * frame.width,
    y: frame.top + (1 - along(predicted)) * frame.height,
    width: textWidth(label, labelSize),
  }));
  const identity = Array.from({ length: 101 }, (_, step): Box => {
    const [left, top] = [frame.left + (step / 100) * frame.width, frame.top + (1 - step / 100) * frame.height];
    return { left: left - 3, top: top - 3, width: 6, height: 6 };
  });
  const boxes = placeLabels(dots, labelSize + 2, frame, identity);
  return points.map((point, index) => {
    const box = boxes[index] ?? { left: 0, top: 0, width: 0, height: 0 };
    const { x, y } = dots[index] ?? { x: 0, y: 0 };
    return text([point], {
      x: "published",
      y: "predicted",
      text: "label",
      dx: box.left + box.width / 2 - x,
      dy: box.top + box.height / 2 - y,
      fill: theme.text,
      stroke: theme.background,
      strokeWidth: 3,
      fontSize: labelSize,
    });
  });
}
