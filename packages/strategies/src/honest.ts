/**
 * Honest: works where honest work is worth most, rests where it is worth less than that, and never cheats.
 *
 * A best reply among the honest options (Nash 1951 restricted to them): the ceiling that other strategies are compared with.
 * It still leaves when a false slash takes what it needs to take part. Checked against a search through all options.
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { bestOption, isHonest, ownInterest } from "./reply.ts";

export const honestSpec = z.strictObject({ kind: z.literal("honest") });
export type HonestSpec = z.output<typeof honestSpec>;

export const honest = ({ kind }: HonestSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer"],
  begin: () => (table, choice) => {
    const isAllowed = isHonest(table);
    for (let row = 0; row < table.rows; row++) choice[row] = bestOption(table, row, isAllowed);
  },
});
