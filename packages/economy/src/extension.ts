/** What an economy can be extended by: a section of the scenario, the stage that it asks for, and what that measures. */
import type { Assumption } from "@shardlab/contracts";
import type { StageFactory } from "./path-state.ts";
import type { EconomySpec } from "./spec.ts";

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
  measures(spec: EconomySpec): readonly (readonly [name: string, unit: string])[];
  assumptions(spec: EconomySpec): readonly Assumption[];
}
