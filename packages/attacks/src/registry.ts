/** The attacks on training that a scenario can name, as profiles; a missing factory does not compile. */
import type { AttackProfile } from "@shardlab/contracts";
import { z } from "zod";
import { gradientCopy, gradientCopySpec } from "./gradient-copy.ts";
import { infinitesimalLearningRate, infinitesimalLearningRateSpec } from "./infinitesimal-learning-rate.ts";
import { lowPrecision, lowPrecisionSpec } from "./low-precision.ts";
import { profile, profileSpec } from "./profile.ts";
import { staleGradient, staleGradientSpec } from "./stale-gradient.ts";
import { zeroGradient, zeroGradientSpec } from "./zero-gradient.ts";

export const attackSpec = z.discriminatedUnion("kind", [
  gradientCopySpec,
  infinitesimalLearningRateSpec,
  lowPrecisionSpec,
  profileSpec,
  staleGradientSpec,
  zeroGradientSpec,
]);
export type AttackSpec = z.output<typeof attackSpec>;
export type AttackKind = AttackSpec["kind"];

const factories: { [K in AttackKind]: (spec: Extract<AttackSpec, { kind: K }>) => AttackProfile } = {
  "gradient-copy": gradientCopy,
  "infinitesimal-learning-rate": infinitesimalLearningRate,
  "low-precision": lowPrecision,
  profile,
  "stale-gradient": staleGradient,
  "zero-gradient": zeroGradient,
};

export const attackKinds = Object.keys(factories) as readonly AttackKind[];

/** The profile of the attack that `spec` describes. */
export function createAttack<K extends AttackKind>(spec: Extract<AttackSpec, { kind: K }>): AttackProfile {
  const create: (spec: Extract<AttackSpec, { kind: K }>) => AttackProfile = factories[spec.kind as K];
  return create(spec);
}
