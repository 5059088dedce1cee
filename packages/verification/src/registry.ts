/** The ways of checking work that a scenario can name, as profiles; a missing factory does not compile. */
import type { VerificationProfile } from "@shardlab/contracts";
import { z } from "zod";
import { noVerification, noVerificationSpec } from "./no-verification.ts";
import { randomAudit, randomAuditSpec } from "./random-audit.ts";

export const verificationSpec = z.discriminatedUnion("kind", [noVerificationSpec, randomAuditSpec]);
export type VerificationSpec = z.output<typeof verificationSpec>;
export type VerificationKind = VerificationSpec["kind"];

const factories: { [K in VerificationKind]: (spec: Extract<VerificationSpec, { kind: K }>) => VerificationProfile } = {
  "no-verification": noVerification,
  "random-audit": randomAudit,
};

export const verificationKinds = Object.keys(factories) as readonly VerificationKind[];

/** The profile of the way of checking that `spec` describes. */
export function createVerification<K extends VerificationKind>(
  spec: Extract<VerificationSpec, { kind: K }>,
): VerificationProfile {
  const create: (spec: Extract<VerificationSpec, { kind: K }>) => VerificationProfile = factories[spec.kind as K];
  return create(spec);
}
