/**
 * Profile: an attack that is known by its rates alone, such as those of a table measured elsewhere.
 *
 * Nothing is assumed: every rate is the scenario's. `name` tells several of them apart.
 */
import { type AttackProfile, share } from "@shardlab/contracts";
import { z } from "zod";
import { profileFields, profileOf } from "./profile-spec.ts";

const { damage, qualityLoss, relativeError } = profileFields({
  costSaved: 1,
  detection: 1,
  damage: 1,
  qualityLoss: 0,
  relativeError: 0,
});

export const profileSpec = z.strictObject({
  kind: z.literal("profile"),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "expected lower-case words joined by hyphens")
    .default("profile")
    .describe("what it is called by strategies and in results"),
  costSaved: share().describe("phi: share of the cost of honest work that is saved"),
  detection: share().describe("d: chance that an audit of cheated work finds it"),
  damage,
  qualityLoss,
  relativeError,
});
export type ProfileSpec = z.output<typeof profileSpec>;

export const profile = (spec: ProfileSpec): AttackProfile =>
  profileOf(spec, {
    kind: spec.name,
    knowledge: "parameters",
    source: { citation: "the scenario's own rates", sureness: "derived" },
  });
