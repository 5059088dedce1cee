/**
 * Speculator: takes no part in the work, and deals in ownership by what it believes it to be worth.
 *
 * As a provider it always rests. What it does it does on a market for ownership, where the world lets it buy below its own
 * valuation and sell above it (the demand side of the "ownership economy", Walden 2020).
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const speculatorSpec = z.strictObject({ kind: z.literal("speculator") });
export type SpeculatorSpec = z.output<typeof speculatorSpec>;

export const speculator = ({ kind }: SpeculatorSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: [],
  begin: () => (table, choice) => {
    choice.fill(0, 0, table.rows);
  },
});
