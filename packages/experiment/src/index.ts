/** Experiments: a scenario expanded into runs, made on workers, and their statistics. */

export type { ClaimDesign, RegionParameter } from "./claim-design.ts";
export { type ComparisonVerdict, compareSamples, intervalOf, type SampleComparison, significance } from "./compare.ts";
export {
  type ComparisonOptions,
  type ComparisonReport,
  type ComparisonRow,
  compareExperiments,
  type SkippedMeasure,
} from "./compare-experiments.ts";
export { type SettingDifference, settingDifferences } from "./compare-settings.ts";
export {
  type ArmPair,
  allPairs,
  type ChosenArms,
  chooseArms,
  type MatchedArms,
  matchArms,
  openExperiment,
  type StoredExperiment,
} from "./compare-sides.ts";
export { type EffectSize, hedgesG, pairedG } from "./effect-size.ts";
export {
  type CostEstimate,
  createRemainingTime,
  estimateCost,
  expectedSeconds,
  type RemainingTime,
} from "./estimate.ts";
export { type MeasuredSeconds, measuredSeconds } from "./estimate-measured.ts";
export {
  type EventLog,
  type LogEvent,
  type LoggedEvent,
  lastFailures,
  logVersion,
  openEventLog,
  readEventLog,
} from "./event-log.ts";
export { executePlan } from "./execute.ts";
export type { ExecuteOptions, Execution, FailedRun, Progress, TaskReport } from "./execute-options.ts";
export { designOf, type ExperimentDesign, type FrontierPaths, recordExperiment } from "./experiment-design.ts";
export { ExperimentError } from "./experiment-error.ts";
export { type ArmValues, type Better, type BreakEven, breakEven, type FrontierColumn, type Lead } from "./frontier.ts";
export {
  type AnswerEffort,
  answerFile,
  answerMeasured,
  type EquilibriumAnswer,
  type GameAnswer,
  type PopulationAnswer,
  type RolesAnswer,
  type RolesEquilibriumAnswer,
} from "./game-answer.ts";
export { type LeadEstimate, populationGame } from "./game-lead.ts";
export { type GamePath, populationPaths, rolesPaths, rolesRest } from "./game-paths.ts";
export { apportioned, designGame, type GameDesign } from "./game-profiles.ts";
export {
  type GameOptions,
  type GamePlan,
  GameStopped,
  gameExperimentName,
  type MeasuredGame,
  measureGame,
  planGame,
} from "./game-runs.ts";
export { type Estimate, estimateMean, type Limits, unpairedDifference } from "./interval.ts";
export { type CatalogueEntry, mechanismCatalogue, mechanismFrom } from "./mechanism-catalogue.ts";
export { adjustPValues, type Correction, corrections } from "./multiple-comparisons.ts";
export { type DifferenceVerdict, type PairedDifference, pairedDifference, type ValuesBySeed } from "./paired.ts";
export {
  type ParameterDifference,
  type ParameterInterval,
  parameterDifference,
  parameterInterval,
} from "./parameter-interval.ts";
export type { RunContext } from "./perform-run.ts";
export { type Plan, type PlanOptions, planExperiment } from "./plan.ts";
export {
  groupStates,
  type PlannedRun,
  type PlanStates,
  type RunGroup,
  type RunState,
  statesOf,
} from "./plan-states.ts";
export { bundlePlugin, type PluginBundle, PluginError } from "./plugin-bundle.ts";
export {
  loadMechanismPlugin,
  type MechanismPlugin,
  mechanismFactories,
  type PluginModule,
} from "./plugin-mechanism.ts";
export { repeatabilityFaults } from "./plugin-repeatability.ts";
export type { RunLimits } from "./pool-worker.ts";
export {
  type ArmPrecision,
  leastSeeds,
  type MeasuredArm,
  type PrecisionRound,
  type PrecisionTarget,
  reachPrecision,
} from "./precision-target.ts";
export { modelHashOf, type Provenance, packagesRoot, provenance } from "./provenance.ts";
export { type Bound, type LabelledPoint, type RegionLeaf, type RegionTree, regionTree } from "./region-tree.ts";
export {
  type ReplayedRun,
  replayRun,
  type StoredCheckpoint,
  storedCheckpoints,
  type TraceComparison,
  type TracedRun,
  traceStoredAccount,
} from "./replay-run.ts";
export { isSwarmRun, type ReplayedSwarm, replaySwarm } from "./replay-swarm.ts";
export type { RunProgress } from "./run-progress.ts";
export type { ForeignRun } from "./run-queue.ts";
export { type Arm, detailOf, type RunTask, runHashOf } from "./run-task.ts";
export { scenarioChanges } from "./scenario-changes.ts";
export { loadPluginsOf, type ScenarioPlugins } from "./scenario-plugins.ts";
export { type SaltelliValues, type SobolIndex, type SobolIndices, sobolIndices } from "./sobol-indices.ts";
export { digitalShift, sobolPoints } from "./sobol-sequence.ts";
export {
  type Solution,
  type SolveOptions,
  type SolveQuestion,
  SolveStopped,
  solutionName,
  solveExperimentName,
  solveScenario,
  storeSolution,
} from "./solve.ts";
export { studentTProbability, studentTQuantile } from "./student-t.ts";
export {
  type DifferenceSummary,
  type ExperimentSummary,
  type FindingsDocument,
  findingsDocument,
  type MeasureEstimate,
  type PointSummary,
  type SummaryOptions,
  summarizeFromResults,
  summarizePlan,
} from "./summarize.ts";
export {
  type ClaimPoint,
  type ClaimSummary,
  type ClaimVerdict,
  type CriterionSummary,
  placeOf,
  type RegionShare,
} from "./summarize-claim.ts";
export type { FrontierLine, FrontierPoint, FrontierSummary } from "./summarize-frontier.ts";
export type { ArmSensitivity, ParameterIndices, SensitivitySummary } from "./summarize-sensitivity.ts";
export { findThreshold, type Threshold } from "./threshold.ts";
export type { Crossing } from "./threshold-grid.ts";
export type { NoisyFunction, ThresholdOptions, ThresholdPoint } from "./threshold-sampler.ts";
export { type FigureUsed, measureNames, type WorldAccount, worldAccount } from "./world-account.ts";
