/** Models cut into stages, with forward and backward passes, optimisers and data. */
export * from "./spec.ts";
export { microbatchTokensOf, type StageCost, type StageCostOptions, stageCosts } from "./stage-costs.ts";
export { cutIntoStages, type StageParts } from "./stage-cut.ts";
