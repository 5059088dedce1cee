/** Scenario files: parsed, validated with line and column, resolved, swept and hashed. */
export { type AnalysisArm, analysisArms } from "./analysis-arms.ts";
export { canonicalJson, scenarioHash } from "./canonical.ts";
export { type Fault, formatFault, type Path } from "./fault.ts";
export { scenarioJsonSchema, scenarioJsonSchemaText } from "./json-schema.ts";
export type { Language, PluginMechanism } from "./language.ts";
export { type LoadOptions, type LoadResult, loadScenario } from "./load.ts";
export {
  type Coordinate,
  type LoadedScenario,
  type PluginSource,
  pluginOf,
  pointLabel,
  type ScenarioPoint,
} from "./loaded-scenario.ts";
export { type PluginPath, pluginPathsIn } from "./plugins.ts";
export {
  experimentFields,
  type FrontierSpec,
  type Scenario,
  type ScenarioSpec,
  type SensitivitySpec,
  scenarioSpec,
} from "./scenario-spec.ts";
export { type SweepPart, type SweepPartKind, type SweepSize, sweepLines } from "./sweep-size.ts";
export { numberAt, resolvedNumber, withValues } from "./values.ts";
export { labelOf } from "./variation.ts";
