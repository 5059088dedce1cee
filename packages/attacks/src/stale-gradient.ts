/**
 * Stale gradient: a gradient of an earlier step is sent again.
 *
 * Hardly anything is computed. The gradient still points somewhat downhill, so that less than all of the work is lost; a
 * recomputation finds it, a look at its size and direction mostly does not.
 *
 * Sources: Fraboni, Vidal and Lorenzi, "Free-rider attacks on model aggregation in federated learning" (AISTATS 2021), whose disguised
 * free-riders send perturbed earlier updates; Gauntlet's sync score (arXiv 2505.21684) exists because of it. The rates and the
 * steps behind are assumptions, to be replaced by measured ones.
 */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

export const staleGradientSpec = z.strictObject({
  kind: z.literal("stale-gradient"),
  ...profileFields({ costSaved: 0.95, detection: 0.95, damage: 0.7, qualityLoss: 0, relativeError: 0.05 }),
});
export type StaleGradientSpec = z.output<typeof staleGradientSpec>;

export const staleGradient = (spec: StaleGradientSpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.kind,
    stepsBehind: 4,
    knowledge: "algorithm",
    source: {
      citation:
        "assumption; the attack: Fraboni, Vidal and Lorenzi 2021, Free-rider attacks on model aggregation in federated learning, AISTATS",
      sureness: "recalled",
    },
  });
