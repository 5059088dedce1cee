/** Scenario files: parsed, validated with line and column, resolved, swept and hashed. */
export { type AnalysisArm, analysisArms } from "./analysis-arms.ts";
export { canonicalJson, scenarioHash } from "./canonical.ts";
export {
  type EconomyScenario,
  type EconomyScenarioSpec,
  economyScenarioSpec,
} from "./economy-scenario.ts";
export {
  type ClaimSpec,
  experimentFields,
  type FrontierSpec,
  type RangeSpec,
  type SensitivitySpec,
} from "./experiment-card.ts";
export { type Fault, formatFault, type Path } from "./fault.ts";
export { type GameFile, type GameFileResult, isGameFile, loadGameFile, type PayoffTable } from "./game-file.ts";
export { partOfGroup, strategyGroups } from "./game-groups.ts";
export type { GameSpec } from "./game-spec.ts";
export { scenarioJsonSchema, scenarioJsonSchemaText } from "./json-schema.ts";
export type { Language, PluginMechanism } from "./language.ts";
export { type LoadOptions, type LoadResult, loadScenario } from "./load.ts";
export {
  armLabel,
  type Coordinate,
  type LoadedScenario,
  type PluginSource,
  pluginOf,
  pointLabel,
  type ScenarioPoint,
} from "./loaded-scenario.ts";
export {
  type Expression,
  ExpressionError,
  expressionFault,
  type MeasureReference,
  type MeasureRelation,
  type Operator,
  parseRelation,
  type Relation,
  referencesOf,
  referenceText,
} from "./measure-expression.ts";
export { type TypedExpression, typedDifference, typedSides } from "./measure-expression-units.ts";
export { hasLoss, hasLossFloor, lossFloorMeasure, measureNames } from "./measures.ts";
export { type PluginPath, pluginPathsIn } from "./plugins.ts";
export {
  economyOf,
  isEconomy,
  isSwarm,
  type Scenario,
  type ScenarioForm,
  type ScenarioSpec,
  scenarioForms,
  specOf,
} from "./scenario-spec.ts";
export { type SwarmScenario, type SwarmScenarioSpec, swarmScenarioSpec } from "./swarm-spec.ts";
export { type SweepPart, type SweepPartKind, type SweepSize, sweepLines } from "./sweep-size.ts";
export { numberAt, resolvedNumber, withValues } from "./values.ts";
export { labelOf } from "./variation.ts";
