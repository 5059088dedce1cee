/**
 * Random audit: an epoch's work of a provider is checked with a known probability, drawn after it was delivered.
 *
 * Audited work is computed again. An attack is found with its own chance of detection times the audit's sharpness; honest work
 * is found bad with the false-positive rate (honest devices differ in the last bits). Work found bad earns nothing, and what the
 * offer asks as stake is forfeited. The rate is announced and kept to, whoever cheats (commitment): who draws the audit, and when
 * it is committed, is the world's own stream here, so that there is nothing to grind.
 *
 * Sources: Becker, "Crime and punishment: an economic approach" (Journal of Political Economy 76, 1968); Avenhaus, von Stengel and
 * Zamir, "Inspection games" (Handbook of Game Theory 3, 2002). Its threshold is in `inspection-game.ts`, and the economy is
 * held to it. The false-positive rate is an assumption until it is measured on devices.
 */
import { type Estimate, share, type VerificationProfile } from "@shardlab/contracts";
import { z } from "zod";

export const randomAuditSpec = z.strictObject({
  kind: z.literal("random-audit"),
  rate: share().prefault(0.05).describe("p: chance that an epoch's work of a provider is audited"),
  sharpness: share()
    .prefault(1)
    .describe("factor on each attack's own chance of detection: 1 for a full recomputation"),
  falsePositive: share().prefault(0).describe("f: chance that an audit finds honest work bad"),
  relativeError: share().prefault(0).describe("how far sharpness and false positives may be off, relative to them"),
  auditCost: share().prefault(1).describe("work that an audit takes, in units of the work audited"),
});
export type RandomAuditSpec = z.output<typeof randomAuditSpec>;

export function randomAudit(spec: RandomAuditSpec): VerificationProfile {
  const estimate = (value: number): Estimate => ({
    value,
    low: value * (1 - spec.relativeError),
    high: Math.min(1, value * (1 + spec.relativeError)),
  });
  return {
    kind: spec.kind,
    auditRate: spec.rate,
    falsePositive: estimate(spec.falsePositive),
    sharpness: estimate(spec.sharpness),
    auditCost: spec.auditCost,
  };
}
