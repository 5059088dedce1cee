/** What each stage of a model costs: compute, memory and traffic, from sizes alone. Loads no tensor library. */
import { elementsOf, type ModelPlan, type ParameterPlan, parameterCountOf } from "./models/model-plan.ts";
import { type ModelSpec, planModel } from "./models/registry.ts";
import { createOptimizer, type OptimizerSpec } from "./optimizers/registry.ts";
import { cutIntoStages, type StageParts } from "./stage-cut.ts";

export interface StageCostOptions {
  readonly stages: number;
  /** Sequences or vectors of a microbatch. */
  readonly microbatchSize: number;
  readonly optimizer: OptimizerSpec;
  /** Whether the backward pass computes the forward pass anew. */
  readonly recompute?: boolean | undefined;
}

/**
 * Floating-point operations are those of matrix products, a multiplication and an addition each; those of one microbatch.
 *
 * @property forwardFlop of one microbatch.
 * @property backwardFlop with what is computed anew.
 * @property parameterCount of the weights that the stage holds; a matrix that two stages share counts at both.
 * @property gradientElementCount of the flattened gradient. A single stage holds a shared matrix once, and its gradient as input and
 *   as head apart, so that sums have the order that they have in several stages.
 * @property tiedElementCount of these, the matrix that another stage shares.
 * @property boundaryElements of the tensor that a microbatch sends on to the next stage, and of its gradient: 0 for the last.
 * @property optimizerStateBytes what the optimiser remembers besides the weights.
 */
export interface StageCost {
  readonly forwardFlop: number;
  readonly backwardFlop: number;
  readonly parameterCount: number;
  readonly gradientElementCount: number;
  readonly tiedElementCount: number;
  readonly boundaryElements: number;
  readonly optimizerStateBytes: number;
  readonly blocks: number;
}

/** Targets of a microbatch: what its loss is the mean over. */
export const microbatchTokensOf = (model: ModelSpec, microbatchSize: number): number =>
  planModel(model).rowsPerExample * microbatchSize;

/** Of each stage, in order. @throws Error `too many stages: ...` */
export function stageCosts(model: ModelSpec, options: StageCostOptions): StageCost[] {
  const plan = planModel(model);
  return cutIntoStages(plan, options.stages).map((stage) => stageCost(plan, stage, options));
}

/** Of the parts of one stage. */
export function stageCost(plan: ModelPlan, stage: StageParts, options: StageCostOptions): StageCost {
  const { stages, microbatchSize, optimizer, recompute = false } = options;
  const parts = plan.parts.slice(stage.firstPart, stage.endPart);
  const forwardFlop = microbatchSize * parts.reduce((sum, part) => sum + part.forwardFlop, 0);
  const backwardFlop = microbatchSize * parts.reduce((sum, part) => sum + part.backwardFlop, 0);
  const gradientElementCount = parts.reduce((sum, part) => sum + parameterCountOf(part), 0);
  const shared = parts.flatMap(({ parameters }) => parameters.filter(({ isTied }) => isTied));
  const tiedElementCount = shared.length === 1 && stages > 1 ? elementsOf(shared[0].shape) : 0;
  const parameterCount = gradientElementCount - (shared.length === 2 ? elementsOf(shared[0].shape) : 0);
  return {
    forwardFlop,
    backwardFlop: backwardFlop + (recompute ? forwardFlop : 0),
    parameterCount,
    gradientElementCount,
    tiedElementCount,
    boundaryElements:
      stage.endPart === plan.parts.length ? 0 : microbatchSize * plan.rowsPerExample * plan.boundaryWidth,
    optimizerStateBytes: 4 * parameterCount * createOptimizer(optimizer).memories,
    blocks: parts.length - (stage.firstPart === 0 ? 1 : 0) - (stage.endPart === plan.parts.length ? 1 : 0),
  };
}

/** Parameters of the whole model, one that is shared counted once. */
export function modelParameters(plan: ModelPlan): ParameterPlan[] {
  const all = plan.parts.flatMap(({ parameters }) => parameters);
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}
