import { axisX, axisY, gridX, gridY, type Markish, type ScaleOptions } from "@observablehq/plot";
import { labelSize } from "./figure.ts";
import { formatNumber, powerOfTen, textWidth } from "./text.ts";
import type { Theme } from "./theme.ts";

export type ScaleKind = "linear" | "log";

/** An axis of numbers: its scale, what it is called, and where its ticks are. */
export interface NumberAxis {
  readonly scale: ScaleOptions;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  /** Room that the longest tick label takes, in pixels. */
  readonly labelWidth: number;
}

const isPlottable = (kind: ScaleKind) => (value: number) => Number.isFinite(value) && (kind === "linear" || value > 0);

/** The least and greatest of `values` that the scale can show, moved apart when they are one. */
export function extentOf(values: Iterable<number>, kind: ScaleKind): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!isPlottable(kind)(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return kind === "log" ? [1, 10] : [0, 1];
  if (low < high) return [low, high];
  if (kind === "log") return [low / 2, high * 2];
  const spread = Math.abs(low) || 1;
  return [low - spread / 2, high + spread / 2];
}

/** The step nearest to `span / count`, on a log scale, that is 1, 2 or 5 times a power of ten. */
function roundStep(span: number, count: number): number {
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nearest =
    [1, 2, 5].find((factor, index) => rough / power < Math.sqrt(factor * ([2, 5, 10][index] ?? 10))) ?? 10;
  return nearest * power;
}

function linearTicks(low: number, high: number, count: number): number[] {
  const step = roundStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Dividing by a power of ten rather than multiplying by one keeps 0.3 from becoming 0.30000000000000004.
  const scale = step < 1 ? Math.round(1 / step) : 1;
  return Array.from({ length: last - first + 1 }, (_, index) =>
    step < 1 ? (first + index) / scale : (first + index) * step,
  );
}

function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const decades = Math.log10(high / low);
  const within = (value: number): boolean => value >= low * 0.999 && value <= high * 1.001;
  const all = (factors: readonly number[], every = 1): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
      .filter((exponent) => exponent % every === 0)
      .flatMap((exponent) => factors.map((factor) => Number(`${factor}e${exponent}`)))
      .filter(within);
  if (decades > count) return all([1], Math.ceil(decades / count));
  if (decades > count / 2) return all([1]);
  if (decades >= 1) return all(decades > 2 ? [1, 3] : [1, 2, 5]);
  return decades > 0.35 ? all([1, 1.5, 2, 3, 4, 5, 7]) : linearTicks(low, high, count);
}

const moneySuffixes = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

const bytePrefixes = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** Digits of a tick's label. */
const tickDigits = 4;

/** A tick as people write it: dollars and bytes with a suffix, shares in per cent, anything else as a number. */
function tickText(value: number, unit: string): string {
  if (unit === "share") return `${formatNumber(100 * value, tickDigits)}\u00a0%`;
  if (unit === "B") {
    const [factor, prefix] = bytePrefixes.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
    return `${formatNumber(value / factor, tickDigits)}\u00a0${prefix}B`;
  }
  if (unit !== "$") return formatNumber(value, tickDigits);
  const [factor, suffix] = moneySuffixes.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
  return `${value < 0 ? "−" : ""}$${formatNumber(Math.abs(value) / factor, tickDigits)}${suffix}`;
}

/** Moves the ends so far apart that about `count` ticks between them have labels of their own: values may differ by less. */
function withDistinctTicks([low, high]: [number, number], count: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const least = count * 10 ** (Math.floor(Math.log10(size)) - tickDigits + 1);
  const missing = least - (high - low);
  return missing > 0 ? [low - missing / 2, high + missing / 2] : [low, high];
}

/**
 * Scale, ticks and labels for values of one axis. The domain is the values' own extent with a little air; a linear
 * scale that comes near zero starts there.
 *
 * @param count about how many ticks there is room for.
 * @param unit decides how ticks are written: "$", "B" and "share" have a notation of their own.
 */
export function numberAxis(values: Iterable<number>, kind: ScaleKind, count: number, unit = ""): NumberAxis {
  let [low, high] = extentOf(values, kind);
  if (kind === "log") {
    const air = (high / low) ** 0.04;
    [low, high] = [low / air, high * air];
  } else {
    [low, high] = withDistinctTicks([low, high], count);
    const span = high - low;
    const nearZero = low >= 0 && low < 0.35 * high;
    low = nearZero ? 0 : low - 0.04 * span;
    high += 0.04 * (high - low);
  }
  const ticks = kind === "log" ? logTicks(low, high, count) : linearTicks(low, high, count);
  const powers = ticks.every((tick) => /^1(\.0*)?e/.test(tick.toExponential()));
  const wide = kind === "log" && powers && (ticks.at(-1) ?? 1) / (ticks[0] ?? 1) >= 1e4;
  const format = wide
    ? (value: number) => powerOfTen(Math.round(Math.log10(value)))
    : (value: number) => tickText(value, unit);
  const labelWidth = Math.max(...ticks.map((tick) => textWidth(format(tick), labelSize)), 0);
  return { scale: { type: kind, domain: [low, high] }, ticks, format, labelWidth };
}

/** Grid lines and labelled ticks along the bottom. */
export function bottomAxis(axis: NumberAxis, label: string, theme: Theme): Markish[] {
  const { ticks, format } = axis;
  return [
    gridX(ticks, { stroke: theme.grid, strokeOpacity: 1 }),
    axisX(ticks, {
      label,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 34,
      text: format, // not tickFormat, which drops labels between the powers of a log scale
      tickSize: 0,
      tickPadding: 8,
      color: theme.muted,
      fontSize: labelSize,
    }),
  ];
}

/** Grid lines and labelled ticks along the left side; the label stands above the axis, so that it reads from left to right. */
export function leftAxis(axis: NumberAxis, label: string, theme: Theme): Markish[] {
  const { ticks, format } = axis;
  return [
    gridY(ticks, { stroke: theme.grid, strokeOpacity: 1 }),
    axisY(ticks, {
      label,
      labelAnchor: "top",
      labelArrow: "none",
      text: format, // not tickFormat, which drops labels between the powers of a log scale
      tickSize: 0,
      tickPadding: 8,
      color: theme.muted,
      fontSize: labelSize,
    }),
  ];
}

/** "label (unit)", or the label alone for a number without a unit. */
export const withUnit = (label: string, unit: string): string =>
  unit === "" || unit === "1" ? label : `${label} (${unit})`;
