/**
 * Gradient copy: what another worker has uploaded is sent as one's own.
 *
 * The copy adds nothing that the original did not, so all of the work is lost. A comparison of uploads finds an exact copy;
 * one that is disguised by noise passes more often.
 *
 * Source: Gauntlet (arXiv 2505.21684) and its public code slash peers whose chosen entries overlap, because uploads were copied.
 * The rates and the overlap are assumptions.
 */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

export const gradientCopySpec = z.strictObject({
  kind: z.literal("gradient-copy"),
  ...profileFields({ costSaved: 0.98, detection: 0.8, damage: 1, qualityLoss: 0, relativeError: 0.2 }),
});
export type GradientCopySpec = z.output<typeof gradientCopySpec>;

export const gradientCopy = (spec: GradientCopySpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.kind,
    overlap: 0.97,
    knowledge: "algorithm",
    source: {
      citation:
        "assumption; the attack: Lidin et al. 2025, Incentivizing permissionless distributed learning of LLMs, arXiv 2505.21684",
      sureness: "recalled",
    },
  });
