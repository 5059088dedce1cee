/** Conformance suites and arbitraries shared by the packages' tests. */
export { busyWorldPlans, type WorldPlan, worldPlans } from "./arbitraries.ts";
export { type CompressorConformanceOptions, compressorConformance } from "./compressor-conformance.ts";
export {
  attackNames,
  chosenBy,
  modelNames,
  optionsOf,
  searched,
  type TablePlan,
  tableOf,
  tablePlans,
} from "./decision-tables.ts";
export { type ExampleEpoch, type ExampleWorld, exampleAccounts, exampleWorld } from "./example-world.ts";
export {
  boundaryParameters,
  type ConditionalProperty,
  checkBoundary,
  conditionOf,
  isConditional,
} from "./honest-work-claims.ts";
export { mechanismClaims } from "./mechanism-claims.ts";
export { type ConformanceCase, type ConformanceOptions, mechanismConformance } from "./mechanism-conformance.ts";
export {
  type DeliveryRow,
  deliveriesOf,
  type EpochInputs,
  type EpochRecord,
  type MechanismWorld,
  type RunOptions,
  runMechanism,
  type WorldRun,
} from "./mechanism-world.ts";
export { type PostingRow, postingRows } from "./posting-rows.ts";
export { checkOf, judgeProperty, type PropertyVerdict, type VerdictOptions } from "./property-verdict.ts";
export { type InputSchema, randomSpecInputs, specInputs } from "./spec-inputs.ts";
export { type ExampleTensor, exampleTensor, type TensorPlan, tensorPlans } from "./tensor-plans.ts";
