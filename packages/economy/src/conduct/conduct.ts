/** How providers may behave in one world: attacks and audits as numbers, and a strategy for each group. */
import type { AttackProfile, Estimate, Strategy, VerificationProfile } from "@shardlab/contracts";
import type { Streams } from "@shardlab/random";
import type { EconomySpec } from "../spec.ts";
import { attackName, hasConduct } from "./conduct-spec.ts";

/** Makes methods of the families from what a scenario says of them; filled in by whoever knows the families. */
export interface ConductFamilies {
  strategy(spec: { readonly kind: string }): Strategy;
  attack(spec: { readonly kind: string }): AttackProfile;
  verification(spec: { readonly kind: string }): VerificationProfile;
}

/** An attack with its rates as they are in this world. */
export interface Attack {
  readonly name: string;
  readonly costSaved: number;
  /** Chance that a delivery is found bad: audited, and seen through. */
  readonly found: number;
  /** Tokens lost for each token claimed, where it is not found. */
  readonly damage: number;
  readonly qualityLoss: number;
  readonly stepsBehind: number;
  readonly overlap: number;
}

export interface Conduct {
  readonly attacks: readonly Attack[];
  /** Rates of the attacks as columns, for loops over providers. */
  readonly rates: Readonly<Record<"found" | "costSaved" | "damage" | "overlap", Float64Array>>;
  /** Share of its devices' day that a delivery takes: all of it where it is honest (row 0), less under attack a (row a + 1). */
  readonly shareUsed: Float64Array;
  /** Chance that an honest delivery is found bad. */
  readonly foundHonest: number;
  /** Work that audits take, in units of all work. */
  readonly auditShare: number;
  /** One for each group; undefined for the default, logit at the economy's temperature. */
  readonly strategies: readonly (Strategy | undefined)[];
  /** For each group, 1 for every attack that it may run. */
  readonly mayRun: readonly Uint8Array[];
}

/**
 * The conduct of a scenario; undefined where everybody works honestly by logit and nobody checks.
 *
 * @throws Error `no families given: ...` for a scenario that names methods, without anybody to make them.
 */
export function buildConduct(
  spec: EconomySpec,
  streams: Streams,
  families: ConductFamilies | undefined,
): Conduct | undefined {
  if (!hasConduct(spec)) return undefined;
  if (families === undefined) throw new Error("no families given: strategies, attacks and verification need them");
  const rate = (name: string, { value, low, high }: Estimate): number =>
    spec.uncertainty === "likely" ? value : low + (high - low) * streams.stream(`rate/${name}`).uniform();
  const { verification } = spec;
  const check = verification === undefined ? undefined : families.verification(verification);
  const auditRate = check?.auditRate ?? 0;
  const sharpness = check === undefined ? 0 : rate("sharpness", check.sharpness);
  const attacks = spec.attacks.map((one): Attack => {
    const profile = families.attack(one);
    const name = attackName(one);
    return {
      name,
      costSaved: rate(`${name}/cost-saved`, profile.costSaved),
      found: auditRate * Math.min(1, sharpness * rate(`${name}/detection`, profile.detection)),
      damage: rate(`${name}/damage`, profile.damage),
      qualityLoss: rate(`${name}/quality-loss`, profile.qualityLoss),
      ...{ stepsBehind: profile.stepsBehind, overlap: profile.overlap },
    };
  });
  return {
    attacks,
    rates: {
      found: Float64Array.from(attacks, ({ found }) => found),
      costSaved: Float64Array.from(attacks, ({ costSaved }) => costSaved),
      damage: Float64Array.from(attacks, ({ damage }) => damage),
      overlap: Float64Array.from(attacks, ({ overlap }) => overlap),
    },
    shareUsed: Float64Array.from([1, ...attacks.map(({ costSaved }) => 1 - costSaved)]),
    foundHonest: check === undefined ? 0 : auditRate * rate("false-positive", check.falsePositive),
    auditShare: auditRate * (check?.auditCost ?? 0),
    strategies: spec.providers.map(({ strategy }) => strategy && families.strategy(withNoise(strategy, spec))),
    mayRun: spec.providers.map(({ attacks: names }) =>
      Uint8Array.from(attacks, ({ name }) => (names === undefined || names.includes(name) ? 1 : 0)),
    ),
  };
}

/** A logit that names no temperature of its own has that of the economy. */
const withNoise = <Named extends { readonly kind: string }>(strategy: Named, { participation }: EconomySpec): Named =>
  strategy.kind === "logit" ? { temperature: participation.temperature, ...strategy } : strategy;
