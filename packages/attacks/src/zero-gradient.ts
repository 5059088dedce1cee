/**
 * Zero gradient: nothing is computed, and zeros (or noise of the usual size) are sent in the place of a gradient.
 *
 * All of the cost is saved, one honest share of the batch is missing, and whoever recomputes any of it sees that. Under Adam and
 * a mean over n workers, m zero gradients train like n - m honest ones, which makes the damage 1.
 *
 * Source: Lin, Du and Liu, "Free-riders in federated learning: attacks and defenses" (2019). The rates follow from the definition;
 * that an audit recomputes, and so finds it, is an assumption. Not measured here.
 */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

export const zeroGradientSpec = z.strictObject({
  kind: z.literal("zero-gradient"),
  ...profileFields({ costSaved: 1, detection: 1, damage: 1, qualityLoss: 0, relativeError: 0 }),
});
export type ZeroGradientSpec = z.output<typeof zeroGradientSpec>;

export const zeroGradient = (spec: ZeroGradientSpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.kind,
    knowledge: "none",
    source: {
      citation: "Lin, Du and Liu 2019, Free-riders in federated learning, arXiv 1911.12560",
      sureness: "recalled",
    },
  });
