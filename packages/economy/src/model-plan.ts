/** What a model's plan means in work, epochs and costs. */
import { flopPerWork } from "@shardlab/contracts";
import { device } from "@shardlab/devices";
import { epochSeconds, epochsOf, secondsPerHour } from "./epoch.ts";
import { denseEquivalentParameters, effectiveTokens, lossOf, scalingLaws } from "./scaling-law.ts";
import type { EconomySpec, ModelPlan } from "./spec.ts";
import type { LossLaw } from "./tables/scaling-laws.ts";

export interface ModelTerms {
  readonly name: string;
  /** PFLOP of effective work that one training token takes. */
  readonly workPerToken: number;
  readonly targetWork: number;
  readonly maximumWork: number;
  readonly targetTokens: number;
  readonly publicTokens: number;
  readonly denseParameters: number;
  /** Dollars that serving one token costs. */
  readonly servingCost: number;
  readonly plannedRelease: number;
  readonly deadline: number;
  readonly releaseEvery: number;
  readonly hazardPerEpoch: number;
}

/** The device that prices serving, whoever trained the model. */
const servingDevice = device("h100-sxm");

/** Loss of a model that predicts every token of a vocabulary of 50,265 alike: what training starts from. */
export const untrainedLoss = 10.825;

/** FLOP per token and parameter in training: forward and backward, and the forward pass again where activations are recomputed. */
export function trainingFlopPerToken(
  plan: Pick<ModelPlan, "parameters" | "activeParameters" | "recomputation">,
): number {
  return (plan.recomputation ? 8 : 6) * (plan.activeParameters ?? plan.parameters);
}

export function modelTerms(spec: EconomySpec, plan: ModelPlan): ModelTerms {
  const active = plan.activeParameters ?? plan.parameters;
  const workPerToken = trainingFlopPerToken(plan) / flopPerWork;
  const servingFlopPerSecond = servingDevice.bf16FlopPerSecond * spec.market.servingUtilization;
  return {
    name: plan.name,
    workPerToken,
    targetWork: plan.targetTokens * workPerToken,
    maximumWork: (plan.maximumTokens ?? plan.targetTokens) * workPerToken,
    targetTokens: plan.targetTokens,
    publicTokens: plan.publicTokens,
    denseParameters: denseEquivalentParameters(plan.parameters, active),
    servingCost: (2 * active * servingDevice.rentalDollarsPerHour) / secondsPerHour / servingFlopPerSecond,
    plannedRelease: epochsOf(plan.plannedTraining),
    deadline: epochsOf(plan.deadline),
    releaseEvery: epochsOf(plan.releaseEvery),
    hazardPerEpoch: plan.hazard * epochSeconds,
  };
}

/** Loss of a model after `work` PFLOP on `distinctTokens` distinct tokens, never worse than untrained. */
export function trainedLoss(law: LossLaw, terms: ModelTerms, work: number, distinctTokens: number): number {
  const tokens = effectiveTokens(work / terms.workPerToken, distinctTokens);
  return Math.min(untrainedLoss, lossOf(law, terms.denseParameters, tokens));
}

export function scalingLawOf(spec: EconomySpec): LossLaw {
  return scalingLaws[spec.scalingLaw];
}
