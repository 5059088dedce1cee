/**
 * The values of a range. Both ends are as they are written; what lies between is a short decimal in the unit of the first end,
 * so that its label is the very number that the document takes.
 */
import { shown } from "@shardlab/contracts";
import { exp, log } from "@shardlab/numerics";
import { mostValues } from "./sweep-spec.ts";
import { decimalExponent, inUnitOf, readWritten, rounded, type WrittenNumber, write } from "./written-number.ts";

export interface RawRange {
  readonly from: unknown;
  readonly to: unknown;
  readonly points?: number | undefined;
  readonly step?: unknown;
  readonly scale?: "linear" | "log" | undefined;
}

/** What is wrong with a range, and at which of its keys. */
export interface RangeFault {
  readonly key: "from" | "to" | "points" | "step" | "scale";
  readonly message: string;
}

/** A range whose ends are numbers of one kind, in the unit of the first. */
export interface ReadRange {
  readonly raw: RawRange;
  readonly from: number;
  readonly to: number;
  readonly like: WrittenNumber;
  readonly isLog: boolean;
}

const refuse = (key: RangeFault["key"], message: string): { fault: RangeFault } => ({ fault: { key, message } });
const notANumber = (key: "from" | "to" | "step", raw: unknown) =>
  refuse(key, `invalid ${key}: ${shown(raw)} (expected a number or a quantity such as 20 %/y)`);

/** Reads the ends of a range, or tells what is wrong with them. */
export function readRange(raw: RawRange): ReadRange | { fault: RangeFault } {
  const like = readWritten(raw.from);
  const last = readWritten(raw.to);
  if (!like) return notANumber("from", raw.from);
  if (!last) return notANumber("to", raw.to);
  const to = inUnitOf(last, like);
  if (to === undefined)
    return refuse("to", `from and to measure different things: ${shown(raw.from)}, ${shown(raw.to)}`);
  if (to <= like.number)
    return refuse("to", `to not above from: ${shown(raw.to)} (expected more than ${shown(raw.from)})`);
  const isLog = raw.scale === "log";
  if (isLog && like.number <= 0) {
    return refuse("from", `from too small: ${shown(raw.from)} (expected more than 0 on a log scale)`);
  }
  return Number.isFinite(to - like.number) && Number.isFinite(to / (isLog ? like.number : 1))
    ? { raw, from: like.number, to, like, isLog }
    : refuse("to", `range too wide: ${shown(raw.from)} to ${shown(raw.to)}`);
}

/** The value at `share` (0 to 1) of the way, not rounded. */
export function valueAlong({ from, to, isLog }: ReadRange, share: number): number {
  return isLog ? exp(log(from) + (log(to) - log(from)) * share) : from + (to - from) * share;
}

/** Between two values that are `share` of the way apart, around `value`. */
export const distanceAround = (range: ReadRange, value: number, share: number): number =>
  range.isLog ? value * (log(range.to) - log(range.from)) * share : (range.to - range.from) * share;

/** Numbers with this many digits are told as they are; longer ones are cut where it makes no difference. */
const longestDecimal = 10;

/** A decimal within a ten-thousandth of `spacing` of `value`; the value itself where it is short. */
function readable(value: number, spacing: number, largest: number): number {
  const clean = rounded(value, 13 - decimalExponent(largest));
  const digits = clean.toExponential().replace(/e.*|[-.]/g, "");
  return digits.length <= longestDecimal ? clean : rounded(value, -decimalExponent(spacing * 1e-4));
}

/** The values of a range, in order, as they stand in a document. */
export function rangeValues(raw: RawRange): { values: readonly unknown[] } | { fault: RangeFault } {
  const range = readRange(raw);
  if ("fault" in range) return range;
  if ((raw.points === undefined) === (raw.step === undefined)) {
    const key = raw.points === undefined ? "from" : "step";
    return refuse(key, "invalid range: expected exactly one of points and step");
  }
  return raw.points === undefined ? steppedValues(range) : spacedValues(range, raw.points);
}

function spacedValues(range: ReadRange, points: number): { values: readonly unknown[] } {
  const largest = Math.max(Math.abs(range.from), Math.abs(range.to));
  const values = Array.from({ length: points }, (_, index) => {
    if (index === 0) return range.raw.from;
    if (index === points - 1) return range.raw.to;
    const value = valueAlong(range, index / (points - 1));
    const spacing = distanceAround(range, value, 1 / (points - 1));
    return write(readable(value, spacing, range.isLog ? value : largest), range.like);
  });
  return { values };
}

/** Steps have to reach the end within this share of a step, which rounding alone can cause. */
const reach = 1e-9;

function steppedValues(range: ReadRange): { values: readonly unknown[] } | { fault: RangeFault } {
  const { raw, from, to, like, isLog } = range;
  if (isLog) return refuse("step", "step on a log scale: expected points");
  const written = readWritten(raw.step);
  const step = written && inUnitOf(written, like);
  if (!written) return notANumber("step", raw.step);
  if (step === undefined) {
    return refuse("step", `step and from measure different things: ${shown(raw.step)}, ${shown(raw.from)}`);
  }
  if (step <= 0) return refuse("step", `step too small: ${shown(raw.step)} (expected more than 0)`);
  const steps = Math.round((to - from) / step);
  if (!(steps < mostValues))
    return refuse("step", `step too small: ${shown(raw.step)} (expected at most ${mostValues} values)`);
  const decimals = 13 - decimalExponent(Math.max(Math.abs(from), Math.abs(to)));
  const at = (index: number): number => rounded(from + step * index, decimals);
  if (!(Math.abs(from + step * steps - to) <= reach * step)) {
    const below = Math.floor((to - from) / step);
    const beside = `${write(at(below), like)} and ${write(at(below + 1), like)}`;
    return refuse(
      "step",
      `step does not reach ${shown(raw.to)}: ${shown(raw.step)} (the nearest values are ${beside})`,
    );
  }
  const values = Array.from({ length: steps + 1 }, (_, index) =>
    index === 0 ? raw.from : index === steps ? raw.to : write(at(index), like),
  );
  return { values };
}
