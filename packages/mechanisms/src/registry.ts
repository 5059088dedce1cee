/** The mechanisms that a scenario can name; a missing factory does not compile. */
import type { Mechanism } from "@shardlab/contracts";
import { z } from "zod";
import { closedLab, closedLabSpec } from "./closed-lab.ts";
import { gauntlet, gauntletSpec } from "./gauntlet.ts";
import { grant, grantSpec } from "./grant.ts";
import { proofOfWork, proofOfWorkSpec } from "./proof-of-work.ts";
import { protocolModels, protocolModelsSpec } from "./protocol-models.ts";
import { volunteer, volunteerSpec } from "./volunteer.ts";

export const mechanismSpec = z.discriminatedUnion("kind", [
  closedLabSpec,
  gauntletSpec,
  grantSpec,
  proofOfWorkSpec,
  protocolModelsSpec,
  volunteerSpec,
]);
export type MechanismSpec = z.output<typeof mechanismSpec>;
export type MechanismKind = MechanismSpec["kind"];

const factories: { [K in MechanismKind]: (spec: Extract<MechanismSpec, { kind: K }>) => Mechanism } = {
  "closed-lab": (spec) => closedLab(spec) as Mechanism,
  gauntlet: (spec) => gauntlet(spec) as Mechanism,
  grant: (spec) => grant(spec) as Mechanism,
  "proof-of-work": (spec) => proofOfWork(spec) as Mechanism,
  "protocol-models": (spec) => protocolModels(spec) as Mechanism,
  volunteer: (spec) => volunteer(spec) as Mechanism,
};

export const mechanismKinds = Object.keys(factories) as readonly MechanismKind[];

/** Makes the mechanism that `spec` describes. */
export function createMechanism<K extends MechanismKind>(spec: Extract<MechanismSpec, { kind: K }>): Mechanism {
  const create: (spec: Extract<MechanismSpec, { kind: K }>) => Mechanism = factories[spec.kind as K];
  return create(spec);
}
