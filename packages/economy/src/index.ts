/** The epochs world: providers, data, models, markets and beliefs, a day at a time. */
export type { Cause, TracedDelivery, TracedOwnership } from "./account-scene.ts";
export {
  type AccountTrace,
  type TracedPosting,
  type TracedRate,
  type TraceQuestion,
  traceAccount,
} from "./account-trace.ts";
export { economyAssumptions } from "./assumptions.ts";
export { gini, lorenz, nakamoto } from "./concentration.ts";
export type { ConductFamilies } from "./conduct/conduct.ts";
export { epochSeconds } from "./epoch.ts";
export { type FigureUsed, figuresUsed } from "./figures-used.ts";
export { linkUtilization } from "./link-utilization.ts";
export { modelChecks } from "./model-checks.ts";
export { trainingFlopPerToken } from "./model-plan.ts";
export { presentValues } from "./present-value.ts";
export { type EconomyReplay, type Holding, type ModelNow, type Movement, replayEconomy } from "./replay.ts";
export { type EconomyOptions, runEconomy } from "./run.ts";
export { effectiveTokens, lossOf, type ScalingLawKind, scalingLaws } from "./scaling-law.ts";
export { type EconomySpec, economyContradictions, economyFields, economySpec } from "./spec.ts";
