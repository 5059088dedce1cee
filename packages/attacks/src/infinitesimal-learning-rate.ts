/**
 * Infinitesimal learning rate: a log of training is made up whose steps are so small that every check of them passes.
 *
 * Hyper-parameters are the prover's choice and nobody's to verify, so that Proof-of-Learning's distances are met by steps that
 * change nothing: about 3 % of the cost of training, whatever is audited. Only an audit that fixes hyper-parameters finds it.
 *
 * Source: Fang et al., "Proof-of-Learning is currently more broken than you think" (EuroS&P 2023); the 3 % is from a secondary
 * account of it. Detection is an assumption.
 */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

export const infinitesimalLearningRateSpec = z.strictObject({
  kind: z.literal("infinitesimal-learning-rate"),
  ...profileFields({ costSaved: 0.97, detection: 0.05, damage: 1, qualityLoss: 0, relativeError: 0.05 }),
});
export type InfinitesimalLearningRateSpec = z.output<typeof infinitesimalLearningRateSpec>;

export const infinitesimalLearningRate = (spec: InfinitesimalLearningRateSpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.kind,
    knowledge: "parameters",
    source: {
      citation:
        "Fang et al. 2023, Proof-of-Learning is currently more broken than you think, IEEE EuroS&P; detection: assumption",
      sureness: "secondary",
    },
  });
