/** The stages that a scenario asks for. */
import type { StageFactory } from "./path-state.ts";
import type { EconomySpec } from "./spec.ts";

/** Stages in the order in which they act within an epoch; none unless the scenario has a section for them. */
export function stagesOf(_spec: EconomySpec): StageFactory[] {
  return [];
}
