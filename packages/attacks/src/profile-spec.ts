/** What profiles of attacks have in common: their rates as a scenario may change them, and the ranges that follow. */
import { type AttackProfile, type Estimate, share } from "@shardlab/contracts";
import { z } from "zod";

/** Rates of one attack, as a scenario gives them or where it says nothing. */
export interface ProfileRates {
  readonly costSaved: number;
  readonly detection: number;
  readonly damage: number;
  readonly qualityLoss: number;
  readonly relativeError: number;
}

/** The most that one token of cheating can undo; beyond that a guard on the norm of gradients would be needed to bound it. */
const largestDamage = 10;

/** Fields of a profile, all with the defaults of its attack. */
export const profileFields = (defaults: ProfileRates) => ({
  costSaved: share()
    .prefault(defaults.costSaved)
    .describe("phi: share of the cost of honest work (power, wear, other use of the device) that is saved"),
  detection: share().prefault(defaults.detection).describe("d: chance that an audit of cheated work finds it"),
  damage: z
    .number()
    .min(0)
    .max(largestDamage)
    .default(defaults.damage)
    .describe("1 + m: tokens of training lost for each token claimed; above 1 the work of others is undone"),
  qualityLoss: share()
    .prefault(defaults.qualityLoss)
    .describe("share of revenue lost if all work were cheated, beyond what the loss shows"),
  relativeError: share()
    .prefault(defaults.relativeError)
    .describe("how far each of these rates may be off, relative to it"),
});

/** A profile from its rates, each with the range of its relative error; chances stay within [0, 1]. */
export function profileOf(
  rates: ProfileRates,
  about: Pick<AttackProfile, "kind" | "knowledge" | "source"> & Partial<Pick<AttackProfile, "stepsBehind" | "overlap">>,
): AttackProfile {
  const estimate = (value: number, most: number): Estimate => ({
    value,
    low: Math.max(0, value * (1 - rates.relativeError)),
    high: Math.min(most, value * (1 + rates.relativeError)),
  });
  return {
    stepsBehind: 0,
    overlap: 0,
    ...about,
    costSaved: estimate(rates.costSaved, 1),
    detection: estimate(rates.detection, 1),
    damage: estimate(rates.damage, largestDamage),
    qualityLoss: estimate(rates.qualityLoss, 1),
  };
}
