/**
 * Low precision: the work is done, at a precision that costs half and that the model does not bear as well.
 *
 * Much of the gradient is right, so that little is lost and a tolerance wide enough for honest rounding lets most of it pass:
 * the attack that fills a verifier's tolerance.
 *
 * Source: the tolerance is discussed with Proof-of-Learning (Jia et al., S&P 2021). The rates are assumptions, to be replaced by
 * measured ones.
 */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

export const lowPrecisionSpec = z.strictObject({
  kind: z.literal("low-precision"),
  ...profileFields({ costSaved: 0.5, detection: 0.3, damage: 0.1, qualityLoss: 0.01, relativeError: 0.5 }),
});
export type LowPrecisionSpec = z.output<typeof lowPrecisionSpec>;

export const lowPrecision = (spec: LowPrecisionSpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.kind,
    knowledge: "parameters",
    source: {
      citation: "assumption; the tolerance: Jia et al. 2021, Proof-of-Learning: definitions and practice, IEEE S&P",
      sureness: "recalled",
    },
  });
