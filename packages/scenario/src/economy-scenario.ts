/** The form of a scenario of the economy: epochs of a day, providers and models in columns. */
import { attackSpec } from "@shardlab/attacks";
import { economyFields, providerGroupSpec } from "@shardlab/economy/spec";
import { mechanismSpec } from "@shardlab/mechanisms";
import { strategySpec } from "@shardlab/strategies";
import { verificationSpec } from "@shardlab/verification";
import { z } from "zod";
import { experimentFields } from "./experiment-card.ts";

/** Fields of the economy that name methods of a family: here they are checked against what the family has. */
const familyFields = {
  providers: z
    .array(
      providerGroupSpec.extend({
        strategy: strategySpec.optional().describe("how the group decides; logit unless given"),
      }),
    )
    .min(1)
    .max(200),
  attacks: z.array(attackSpec).max(20).default([]).describe("attacks that providers may run, as profiles"),
  verification: verificationSpec.optional().describe("who checks work, and how; nobody unless given"),
} as const;

/** What a scenario of the economy without plugins may say. */
export const economyScenarioSpec = z
  .strictObject({
    ...experimentFields,
    engine: z.literal("simulation").default("simulation"),
    resolution: z.literal("epochs").default("epochs"),
    ...economyFields,
    ...familyFields,
    mechanism: mechanismSpec,
  })
  .describe("ShardLab scenario");
export type EconomyScenarioSpec = typeof economyScenarioSpec;

/** A resolved scenario of the economy: every default filled in, every quantity in SI. */
export type EconomyScenario = z.output<EconomyScenarioSpec>;
