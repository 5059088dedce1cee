/**
 * Best response: of honest work, each attack, each model and leaving, whatever is worth most.
 *
 * The rational participant of the incentive claims (Nash 1951). Own damage is part of the utilities: who owns a model counts what
 * its own cheating takes off it. Checked against a search through all options, and in the economy against the threshold of
 * the inspection game.
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest, replyBest } from "./reply.ts";

export const bestResponseSpec = z.strictObject({ kind: z.literal("best-response") });
export type BestResponseSpec = z.output<typeof bestResponseSpec>;

export const bestResponse = ({ kind }: BestResponseSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer", "own-damage"],
  begin: replyBest,
});
