/** Numbers as scenario files write them: `6`, `40 ms`, `$2.5M`, `80 %`, `70B`. */
import { type DimensionName, dimensions, magnitudes } from "@shardlab/contracts";

/** A number taken apart: `$2.5M` is 2.5 in units of `M` behind a dollar. */
export interface WrittenNumber {
  readonly number: number;
  readonly isText: boolean;
  readonly isMoney: boolean;
  readonly gap: string;
  readonly unit: string;
}

/** What a plain number may end with: a magnitude, or a percent sign. */
const plainUnits: Readonly<Record<string, number>> = { ...magnitudes, "%": 0.01 };

const written = /^([+-]?)(\$?)\s?([+-]?)((?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(\s?)(\S*)$/;

/** Takes a number or a quantity apart; undefined for anything else, numbers that are not finite included. */
export function readWritten(raw: unknown): WrittenNumber | undefined {
  if (typeof raw === "number") {
    return Number.isFinite(raw) ? { number: raw, isText: false, isMoney: false, gap: "", unit: "" } : undefined;
  }
  const match = typeof raw === "string" && raw.length <= 100 ? written.exec(raw.trim()) : null;
  if (!match) return undefined;
  const [, before, dollar, after, digits = "", gap = "", unit = ""] = match;
  if (after !== "" && (dollar === "$" || before !== "")) return undefined;
  const number = Number(`${before}${after}${digits.replaceAll("_", "")}`);
  const read = { number, isText: true, isMoney: dollar === "$", gap: unit === "" ? "" : gap, unit };
  return Number.isFinite(number) && scalesOf(read).size > 0 ? read : undefined;
}

/** What the unit stands for in SI, for each dimension that has it. */
function scalesOf({ isMoney, unit }: Pick<WrittenNumber, "isMoney" | "unit">): Map<DimensionName | "plain", number> {
  const scales = new Map<DimensionName | "plain", number>();
  const suffix = isMoney ? (/^[kMBT]/.exec(unit)?.[0] ?? "") : "";
  const magnitude = magnitudes[suffix as keyof typeof magnitudes];
  for (const [name, { units, example }] of Object.entries(dimensions)) {
    const factors: Readonly<Record<string, number>> = units;
    const rest = unit.slice(suffix.length);
    const isKind = example.startsWith("$") === isMoney;
    if (isKind && Object.hasOwn(factors, rest))
      scales.set(name as DimensionName, magnitude * (factors[rest] as number));
  }
  if (!isMoney && Object.hasOwn(plainUnits, unit)) scales.set("plain", plainUnits[unit] as number);
  return scales;
}

/** The number of `amount` in the unit of `like`; undefined where the two measure different things. */
export function inUnitOf(amount: WrittenNumber, like: WrittenNumber): number | undefined {
  if (amount.isMoney === like.isMoney && amount.unit === like.unit) return amount.number;
  const scales = scalesOf(like);
  for (const [dimension, factor] of scalesOf(amount)) {
    const other = scales.get(dimension);
    // Ratios of units are short decimals but for the rounding of their factors.
    if (other !== undefined) return roundedAt(amount.number * Number((factor / other).toPrecision(14)), 14);
  }
  return undefined;
}

/** What a number stands for in SI, where its unit is one of `dimension`. */
export interface Reading {
  readonly dimension: DimensionName | "plain";
  readonly value: number;
}

/** Everything that a number can stand for: `70B` is a count, or 70 bytes. */
export const readingsOf = (amount: WrittenNumber): readonly Reading[] =>
  Array.from(scalesOf(amount), ([dimension, factor]) => ({ dimension, value: amount.number * factor }));

/** `number` in the notation of `like`, as it stands in a document. */
export function write(number: number, like: WrittenNumber): number | string {
  if (!like.isText) return number;
  const digits = String(Math.abs(number));
  return `${number < 0 ? "-" : ""}${like.isMoney ? "$" : ""}${digits}${like.gap}${like.unit}`;
}

/** The exponent of the first digit of a number above 0: 2 for 345. */
export const decimalExponent = (value: number): number => Number(value.toExponential().split("e")[1]);

/** The number with at most `digits` significant digits that is nearest. */
const roundedAt = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** The number with at most `decimals` digits behind the point (before it where negative) that is nearest. */
export function rounded(value: number, decimals: number): number {
  if (value === 0) return 0;
  const digits = decimalExponent(Math.abs(value)) + 1 + decimals;
  return digits < 1 ? 0 : roundedAt(value, Math.min(digits, 17));
}
