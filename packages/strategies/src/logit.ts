/**
 * Logit: chooses with probabilities proportional to exp(utility / temperature).
 *
 * The default. Temperature is in daily rental values of what the provider owns; 0 is a best reply, and the higher it is, the
 * more a choice is noise. Sources: Luce, "Individual choice behavior" (1959); McFadden, "Conditional logit analysis of qualitative
 * choice behavior" (1974); McKelvey and Palfrey, "Quantal response equilibria for normal form games" (Games and Economic
 * Behavior 10, 1995). Checked: shares of many draws against the probabilities.
 */
import type { Strategy } from "@shardlab/contracts";
import { logitChoice } from "@shardlab/numerics";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const logitSpec = z.strictObject({
  kind: z.literal("logit"),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("noise, in daily rental values of what the provider owns; that of `participation` unless given"),
});
export type LogitSpec = z.output<typeof logitSpec>;

export const logit = ({ kind, temperature = 0 }: LogitSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer", "own-damage"],
  begin: () => (table, choice) => logitChoice({ ...table, temperature, choice }),
});
