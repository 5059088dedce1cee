/** The mechanisms that a scenario can name; a missing factory does not compile. */
import type { Mechanism } from "@shardlab/contracts";
import { z } from "zod";
import { closedLab, closedLabSpec } from "./closed-lab.ts";
import { composableLayers, composableLayersSpec } from "./composable-layers.ts";
import { dataShapley, dataShapleySpec } from "./data-shapley.ts";
import { equalEpochSplit, equalEpochSplitSpec } from "./equal-epoch-split.ts";
import { type EscrowSpec, escrow, escrowSpec } from "./escrow.ts";
import { gauntlet, gauntletSpec } from "./gauntlet.ts";
import { grant, grantSpec } from "./grant.ts";
import { networkToken, networkTokenSpec } from "./network-token.ts";
import { type PersonhoodSpec, personhood, personhoodSpec } from "./personhood.ts";
import { proofOfSampling, proofOfSamplingSpec } from "./proof-of-sampling.ts";
import { proofOfWork, proofOfWorkSpec } from "./proof-of-work.ts";
import { protocolModels, protocolModelsSpec } from "./protocol-models.ts";
import { type ReputationSpec, reputation, reputationSpec } from "./reputation.ts";
import { type SlashingSpec, slashing, slashingSpec } from "./slashing.ts";
import { spotRental, spotRentalSpec } from "./spot-rental.ts";
import { type VestingSpec, vesting, vestingSpec } from "./vesting.ts";
import { volunteer, volunteerSpec } from "./volunteer.ts";
import { yumaConsensus, yumaConsensusSpec } from "./yuma-consensus.ts";

const ruleSpecs = [
  closedLabSpec,
  composableLayersSpec,
  dataShapleySpec,
  equalEpochSplitSpec,
  gauntletSpec,
  grantSpec,
  networkTokenSpec,
  proofOfSamplingSpec,
  proofOfWorkSpec,
  protocolModelsSpec,
  spotRentalSpec,
  volunteerSpec,
  yumaConsensusSpec,
] as const;
export type RuleSpec = z.output<(typeof ruleSpecs)[number]>;

/** Rules, and those that go around another one. */
export type MechanismSpec =
  | RuleSpec
  | EscrowSpec<MechanismSpec>
  | PersonhoodSpec<MechanismSpec>
  | ReputationSpec<MechanismSpec>
  | SlashingSpec<MechanismSpec>
  | VestingSpec<MechanismSpec>;
export type MechanismKind = MechanismSpec["kind"];

/**
 * The schema of all mechanisms, and of `others` beside them, which may stand within rules that go around another one, too.
 *
 * @param others strict objects, each with the literal of its kind; what they resolve to is known to their makers alone
 */
export function mechanismSpecWith(others: readonly z.ZodObject[]): z.ZodType<MechanismSpec> {
  const inner = (): z.ZodType<MechanismSpec> => all;
  const all: z.ZodType<MechanismSpec> = z.discriminatedUnion("kind", [
    ...ruleSpecs,
    escrowSpec(inner),
    personhoodSpec(inner),
    reputationSpec(inner),
    slashingSpec(inner),
    vestingSpec(inner),
    ...(others as unknown as readonly (typeof ruleSpecs)[number][]),
  ]);
  return all;
}

export const mechanismSpec = mechanismSpecWith([]);

/** Makes the rule within another one. */
type Create = (spec: MechanismSpec) => Mechanism;
type Factory<K extends MechanismKind> = (spec: Extract<MechanismSpec, { kind: K }>, create: Create) => Mechanism;

const factories: { [K in MechanismKind]: Factory<K> } = {
  "closed-lab": (spec) => closedLab(spec) as Mechanism,
  "composable-layers": (spec) => composableLayers(spec) as Mechanism,
  "data-shapley": (spec) => dataShapley(spec) as Mechanism,
  "equal-epoch-split": (spec) => equalEpochSplit(spec) as Mechanism,
  escrow: (spec, create) => escrow(spec, create(spec.of)) as Mechanism,
  gauntlet: (spec) => gauntlet(spec) as Mechanism,
  grant: (spec) => grant(spec) as Mechanism,
  "network-token": (spec) => networkToken(spec) as Mechanism,
  personhood: (spec, create) => personhood(spec, create(spec.of)) as Mechanism,
  "proof-of-sampling": (spec) => proofOfSampling(spec) as Mechanism,
  "proof-of-work": (spec) => proofOfWork(spec) as Mechanism,
  "protocol-models": (spec) => protocolModels(spec) as Mechanism,
  reputation: (spec, create) => reputation(spec, create(spec.of)) as Mechanism,
  slashing: (spec, create) => slashing(spec, create(spec.of)) as Mechanism,
  "spot-rental": (spec) => spotRental(spec) as Mechanism,
  vesting: (spec, create) => vesting(spec, create(spec.of)) as Mechanism,
  volunteer: (spec) => volunteer(spec) as Mechanism,
  "yuma-consensus": (spec) => yumaConsensus(spec) as Mechanism,
};

export const mechanismKinds = Object.keys(factories) as readonly MechanismKind[];

/** Makes mechanisms of kinds that are not built in, by kind. */
export type OtherMechanisms = ReadonlyMap<string, (spec: unknown) => Mechanism>;

/** Makes the mechanism that `spec` describes; kinds that are not built in come from `others`. */
export function createMechanism<K extends MechanismKind>(
  spec: Extract<MechanismSpec, { kind: K }>,
  others: OtherMechanisms = new Map(),
): Mechanism {
  const other = others.get(spec.kind);
  if (other !== undefined) return other(spec);
  const create: Factory<K> = factories[spec.kind as K];
  return create(spec, (inner) => createMechanism(inner, others));
}
