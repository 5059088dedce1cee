/**
 * Sybil: replies best, and delivers under as many names as pay.
 *
 * The work is the same, divided over k names; whatever a rule gives to each name comes k times, and each name beyond the first
 * costs something. The world takes the k that is worth most by the offer, from 1 to `identities`: a rule that checks persons offers
 * nothing for a further name, and gets one. Source: Douceur, "The Sybil attack" (IPTPS 2002).
 */
import { quantity, type Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest, replyBest } from "./reply.ts";

/** An epoch of those who decide is a day. */
const secondsPerEpoch = 86_400;

export const sybilSpec = z.strictObject({
  kind: z.literal("sybil"),
  identities: z.number().int().min(2).max(1000).default(10).describe("most names that one provider uses"),
  identityCost: quantity("moneyRate", { min: "$0/h" })
    .prefault("$0/h")
    .describe("what each name beyond the first costs"),
});
export type SybilSpec = z.output<typeof sybilSpec>;

export const sybil = ({ kind, identities, identityCost }: SybilSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer", "own-damage"],
  identities: { most: identities, costDollarsPerEpoch: identityCost * secondsPerEpoch },
  begin: replyBest,
});
