/**
 * Loss from parameters and tokens, by published laws, with repeated data counting for less.
 *
 * L(N, D) = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022). Where the tokens trained on exceed the distinct ones U,
 * Muennighoff et al. (2023) put D = U + U R* (1 - exp(-(repetitions) / R*)) in the place of D.
 * The constants of one fit belong together: their errors are strongly correlated, so uncertainty enters by choosing
 * between published fits and never by drawing constants one by one.
 */
import { exp, pow } from "@shardlab/numerics";
import { besiroglu2024, hoffmann2022, type LossLaw, muennighoff2023 } from "./tables/scaling-laws.ts";

/** The laws that a scenario can name: the refit of Besiroglu et al. 2024, and approach 3 as first published. */
export const scalingLaws = {
  "chinchilla-refit": besiroglu2024,
  "hoffmann-2022": hoffmann2022,
} as const satisfies Record<string, LossLaw>;

export type ScalingLawKind = keyof typeof scalingLaws;
export const scalingLawKinds = Object.keys(scalingLaws) as [ScalingLawKind, ...ScalingLawKind[]];

/** Tokens' worth of training on `trained` tokens drawn from `distinct` ones. */
export function effectiveTokens(trained: number, distinct: number): number {
  if (trained <= distinct) return trained;
  const repetitions = trained / distinct - 1;
  const decay = muennighoff2023.tokenRepetitionDecay;
  return distinct * (1 + decay * (1 - exp(-repetitions / decay)));
}

/** Loss in nats per token of a model of `parameters` trained on the equivalent of `tokens` distinct tokens. */
export function lossOf(law: LossLaw, parameters: number, tokens: number): number {
  if (tokens <= 0) return Number.POSITIVE_INFINITY;
  return (
    law.irreducible +
    law.parameterCoefficient * pow(parameters, -law.parameterExponent) +
    law.tokenCoefficient * pow(tokens, -law.tokenExponent)
  );
}

/**
 * Parameters of the dense model that a sparse one equals in loss: the geometric mean of total and active ones.
 * A rule of thumb among practitioners, not checked here; it is the identity for dense models.
 */
export function denseEquivalentParameters(parameters: number, activeParameters: number): number {
  return Math.sqrt(parameters * activeParameters);
}
