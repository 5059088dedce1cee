/** Scenario files: parsed, validated with line and column, resolved, swept and hashed. */
export { type AnalysisArm, analysisArms } from "./analysis-arms.ts";
export { canonicalJson, scenarioHash } from "./canonical.ts";
export { type Fault, formatFault, type Path } from "./fault.ts";
export { scenarioJsonSchema, scenarioJsonSchemaText } from "./json-schema.ts";
export { type LoadOptions, type LoadResult, loadScenario } from "./load.ts";
export { type Coordinate, type LoadedScenario, pointLabel, type ScenarioPoint } from "./loaded-scenario.ts";
export {
  experimentFields,
  type FrontierSpec,
  type Scenario,
  type SensitivitySpec,
  scenarioSpec,
} from "./scenario-spec.ts";
export { labelOf } from "./sweep.ts";
export { numberAt, resolvedNumber, withValues } from "./values.ts";
