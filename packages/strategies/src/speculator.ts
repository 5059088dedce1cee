/**
 * Speculator: owns no part in the work; holds or sells ownership by what it believes it to be worth.
 *
 * As a provider it rests always. What it does it does on a market for ownership: it buys below its own valuation and sells above
 * it (the demand side of Walden's "ownership economy", 2020, which Variant's essay builds on).
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const speculatorSpec = z.strictObject({ kind: z.literal("speculator") });
export type SpeculatorSpec = z.output<typeof speculatorSpec>;

export const speculator = ({ kind }: SpeculatorSpec): Strategy => ({
  ...{ kind, ...ownInterest, sees: [] },
  begin: () => (table, choice) => {
    choice.fill(0, 0, table.rows);
  },
});
