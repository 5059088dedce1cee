/** What an economy can be extended by: a section of the scenario, the stage that it asks for, and what that measures. */
import type { Assumption, Measure } from "@shardlab/contracts";
import type { Stage, StageFactory } from "./path-state.ts";
import type { EconomySpec } from "./spec.ts";
import type { EconomyWorld } from "./world.ts";

/** Names and units of measures, in the order in which their values are given. */
export type NamedUnits = readonly (readonly [name: string, unit: string])[];

/**
 * An extension is off unless the scenario asks for it; it then leaves no trace.
 *
 * @property create makes its stage, one for each path.
 * @property measures names and units of what the stage measures, in the order in which it gives them.
 * @property assumptions what it takes for granted, and where that was checked.
 */
export interface Extension {
  isAskedFor(spec: EconomySpec): boolean;
  readonly create: StageFactory;
  measures(spec: EconomySpec): NamedUnits;
  assumptions(spec: EconomySpec): readonly Assumption[];
}

/** An extension that a section of the scenario asks for, and whose stage is made by it. */
export function extensionBy<Section>(
  section: (spec: EconomySpec) => Section | undefined,
  {
    create,
    ...tells
  }: Pick<Extension, "measures" | "assumptions"> & {
    readonly create: (world: EconomyWorld, section: NonNullable<Section>) => Stage;
  },
): Extension {
  return {
    isAskedFor: (spec) => section(spec) !== undefined,
    create: (world) => {
      const asked = section(world.spec);
      if (asked === undefined || asked === null) throw new Error("missing section: the scenario does not ask for it");
      return create(world, asked);
    },
    ...tells,
  };
}

/** Measures of these names with these values, in the same order. */
export const measuresWith = (measures: NamedUnits, values: readonly number[]): Measure[] =>
  measures.map(([name, unit], index) => ({ name, unit, value: values[index] }));
