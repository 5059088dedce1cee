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

type NamedUnit = readonly [name: string, unit: string];

/** Units of every measure that a run of this economy gives; with several models, some for each; and those of its extensions. */
export function measureUnits(spec: EconomySpec): Map<string, string> {
  const models = spec.models.length < 2 ? [] : spec.models;
  const each = models.flatMap(({ name }): NamedUnit[] => [
    [`compute/${name}`, "ZFLOP"],
    [`loss/${name}`, "nat/token"],
  ]);
  const extended = extensionsOf(spec).flatMap((extension) => extension.measures(spec));
  return new Map<string, string>([...overallMeasures, ...each, ...conductMeasureNames(spec), ...extended]);
}

/** The names of these measures, in the order in which a run gives them. */
export const measureNames = (spec: EconomySpec): string[] => [...measureUnits(spec).keys()];
