/** The names of the measures of an economy, known before it runs. */
import { conductMeasureNames } from "./conduct/conduct-measures.ts";
import type { EconomySpec } from "./spec.ts";
import { extensionsOf } from "./stages.ts";

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

/** Every measure that a run of this economy gives; with several models, some for each of them; and those of its extensions. */
export function measureNames(spec: EconomySpec): string[] {
  const { models } = spec;
  const each = models.length < 2 ? [] : models.flatMap(({ name }) => [`compute/${name}`, `loss/${name}`]);
  const extended = extensionsOf(spec).flatMap((extension) => extension.measures(spec).map(([name]) => name));
  const conduct = conductMeasureNames(spec).map(([name]) => name);
  return [...overallMeasures.map(([name]) => name), ...each, ...conduct, ...extended];
}
