/** The names of the measures of an economy, known before it runs. */
import type { EconomySpec } from "./spec.ts";

/** Measures over all models, with their units, in the order in which a run gives them. */
export const overallMeasures = [
  ["compute", "ZFLOP"],
  ["loss", "nat/token"],
  ["target-reached", "share"],
  ["time-to-target", "d"],
  ["outlay", "$"],
  ["cash-up-front", "$"],
  ["resource-cost", "$"],
  ["revenue", "$"],
  ["participation", "share"],
  ["participation/peak", "share"],
  ["distinct-tokens", "Ttoken"],
  ["gini", "1"],
  ["nakamoto", "parties"],
  ["belief-residual", "1"],
  ["belief-residual/data", "1"],
] as const;

export type OverallMeasure = (typeof overallMeasures)[number][0];

/** Every measure that a run of this economy gives; with several models, some for each of them. */
export function measureNames({ models }: Pick<EconomySpec, "models">): string[] {
  const overall = overallMeasures.map(([name]) => name);
  if (models.length < 2) return overall;
  return [...overall, ...models.flatMap(({ name }) => [`compute/${name}`, `loss/${name}`])];
}
