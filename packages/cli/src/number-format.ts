/** Quantities as people read them. */
import { formatNumber } from "@shardlab/report/text";

type Scale = readonly (readonly [factor: number, prefix: string])[];

const decimalPrefixes: Scale = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** Suffixes of counts and of money, the same as in scenario files. */
const countSuffixes: Scale = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

function scaled(value: number, scale: Scale, separator = ""): string {
  const [factor, prefix] = scale.find(([factor]) => Math.abs(value) >= factor) ?? [1, ""];
  return `${formatNumber(value / factor)}${separator}${prefix}`;
}

/** A value with its unit: `$1.2M`, `34 %`, `1.5 kPFLOP`, `0.31`. A share is told in per cent. */
export function formatQuantity(value: number, unit: string): string {
  if (Number.isNaN(value)) return "-";
  if (unit.startsWith("$")) {
    const size = Math.abs(value);
    const amount = unit === "$" || size >= 1e5 ? scaled(size, countSuffixes) : formatNumber(size);
    return `${value < 0 ? "−" : ""}$${amount}${unit.slice(1)}`;
  }
  if (unit === "s") return Math.abs(value) < 10 ? `${formatNumber(value)} s` : formatDuration(value);
  if (unit === "share") return `${formatNumber(100 * value)} %`;
  if (unit === "B" || unit === "FLOP")
    return `${scaled(value, decimalPrefixes, " ")}${unit}`.replace(/(\d)([BF])/, "$1 $2");
  const number = Math.abs(value) >= 1e5 ? scaled(value, countSuffixes) : formatNumber(value);
  return unit === "" || unit === "1" ? number : `${number} ${unit}`;
}

/** A range whose unit is written once: `1.9 to 2.3 ZFLOP`, `$1.2M to $1.5M`. */
export function formatRange(low: number, high: number, unit: string): string {
  const [from, to] = [formatQuantity(low, unit), formatQuantity(high, unit)];
  const suffix = / [^\s\d]+$/.exec(to)?.[0];
  // Durations may be told in several units; short ones are not.
  const isShared =
    (unit !== "s" || Math.max(Math.abs(low), Math.abs(high)) < 10) && suffix !== undefined && from.endsWith(suffix);
  return `${isShared ? from.slice(0, -suffix.length) : from} to ${to}`;
}

/** A duration in at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `41 d`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  if (seconds < 10) return `${formatNumber(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? "" : ` ${whole % 60} s`}`;
  const minutes = Math.round(whole / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
  return `${formatNumber(minutes / 1440)} d`;
}
