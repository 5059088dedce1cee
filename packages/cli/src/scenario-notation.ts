/** SI values told in the units in which the scenario file writes them. */
import { type DimensionName, dimensions, readQuantity } from "@shardlab/contracts";
import { formatQuantity } from "./number-format.ts";

export interface Notation {
  /** Empty for plain numbers. */
  readonly unit: string;
  /** An SI value in that unit. */
  readonly scale: (si: number) => number;
  readonly write: (si: number) => string;
}

const plain: Notation = { unit: "", scale: (si) => si, write: (si) => formatQuantity(si, "") };

/** The unit of `15 %/y`, and how many SI units one of it is; undefined for money, counts and plain numbers. */
function unitOf(text: string): { unit: string; factor: number } | undefined {
  const unit = /^[+-]?[\d._]+(?:[eE][+-]?\d+)?\s?(\D.*)$/.exec(text.trim())?.[1];
  if (unit === undefined) return undefined;
  if (unit === "%") return { unit, factor: 0.01 };
  for (const name of Object.keys(dimensions) as DimensionName[]) {
    const read = readQuantity(name, `1 ${unit}`);
    if ("value" in read) return { unit, factor: read.value };
  }
  return undefined;
}

/** The notation of values that a file writes as `raw`, such as `15 %/y`. Money is told in dollars. */
export function notationOf(raw: readonly unknown[]): Notation {
  const text = raw.find((value) => typeof value === "string");
  if (text === undefined) return plain;
  if (text.startsWith("$") || text.startsWith("-$")) {
    return { unit: "$", scale: (si) => si, write: (si) => formatQuantity(si, "$") };
  }
  const found = unitOf(text);
  if (found === undefined) return plain;
  const { unit, factor } = found;
  return { unit, scale: (si) => si / factor, write: (si) => formatQuantity(si / factor, unit) };
}

/** The name of a parameter in a sentence: `market.revenueMultiple` is `revenue multiple`. */
export function pathLabel(path: string): string {
  const leaf = path.split(".").at(-1) ?? path;
  return leaf.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
