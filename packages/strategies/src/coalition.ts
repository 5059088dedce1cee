/**
 * Coalition: a group that shares what it owns and decides as one: each member replies best to the utilities of the whole.
 *
 * The damage that a member's cheating does to a model is counted at the share that all members own together, so that a coalition
 * is deterred by ownership where its members alone would not be (the externality is internalised: Coase 1960; Bernheim,
 * Peleg and Whinston 1987 for coalitions of players). Side payments are not needed: members are alike in what they weigh.
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest, replyBest } from "./reply.ts";

export const coalitionSpec = z.strictObject({ kind: z.literal("coalition") });
export type CoalitionSpec = z.output<typeof coalitionSpec>;

export const coalition = ({ kind }: CoalitionSpec): Strategy => ({
  kind,
  ...ownInterest,
  interest: "group",
  sees: ["offer", "own-damage"],
  begin: replyBest,
});
