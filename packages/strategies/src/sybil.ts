/**
 * Sybil: replies best, and delivers under as many names as pay.
 *
 * The work is the same, divided over k names; whatever a rule gives to each name comes k times, and a name costs something each epoch
 * beyond the first. The world takes the k that is worth most, from 1 to the most allowed, from the offer: a rule that checks persons
 * offers nothing for a further name, and gets one. Source: Douceur, "The Sybil attack" (IPTPS 2002).
 */
import { quantity, type Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { bestOption, isAnything, ownInterest } from "./reply.ts";

const secondsPerDay = 86_400;

export const sybilSpec = z.strictObject({
  kind: z.literal("sybil"),
  identities: z.number().int().min(2).max(1000).default(10).describe("most names that one provider uses"),
  identityCost: quantity("moneyRate", { min: "$0/h" })
    .prefault("$0/h")
    .describe("what each name beyond the first costs"),
});
export type SybilSpec = z.output<typeof sybilSpec>;

export const sybil = ({ kind, identities, identityCost }: SybilSpec): Strategy => ({
  ...{ kind, ...ownInterest, sees: ["offer", "own-damage"] },
  identities: { most: identities, costDollarsPerEpoch: identityCost * secondsPerDay },
  begin: () => (table, choice) => {
    for (let row = 0; row < table.rows; row++) choice[row] = bestOption(table, row, isAnything);
  },
});
