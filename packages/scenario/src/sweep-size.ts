/** How many points a sweep has, and why. */

export type SweepPartKind = "list" | "range" | "zip" | "random" | "latin-hypercube";

/** One part of a sweep and how much of it there is. */
export interface SweepPart {
  readonly kind: SweepPartKind;
  readonly paths: readonly string[];
  /** Values of the path, or rows of values where several move together. */
  readonly values: number;
  /** Where it applies, such as `mechanism: protocol-models`; absent where it always does. */
  readonly when?: string;
}

export interface SweepSize {
  readonly parts: readonly SweepPart[];
  /** Combinations before the conditions of `where`. */
  readonly combinations: number;
  /** What each condition of `where` leaves out of what those before it left. */
  readonly conditions: readonly { readonly where: string; readonly leavesOut: number }[];
  readonly points: number;
}

const nouns: Readonly<Record<SweepPartKind, string>> = {
  list: "values",
  range: "values of a range",
  zip: "rows of a zip",
  random: "random draws",
  "latin-hypercube": "draws of a Latin hypercube",
};

/** The size of a sweep for a person: a line for each part and each condition, and the number of points last. */
export function sweepLines({ parts, combinations, conditions, points }: SweepSize): readonly string[] {
  const ofParts = parts.map(({ kind, paths, values, when }) => {
    return `${paths.join(", ")}: ${values} ${nouns[kind]}${when === undefined ? "" : ` where ${when}`}`;
  });
  const ofConditions = conditions.map(({ where, leavesOut }) => `where ${where}: leaves out ${leavesOut}`);
  const before = conditions.length > 0 ? ` of ${combinations} combinations` : "";
  return [...ofParts, ...ofConditions, `${points} ${points === 1 ? "point" : "points"}${before}`];
}
