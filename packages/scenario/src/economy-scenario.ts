/** The form of a scenario of the economy: epochs of a day, providers and models in columns. */
import { economyFields } from "@shardlab/economy/spec";
import { mechanismSpec } from "@shardlab/mechanisms";
import { z } from "zod";
import { experimentFields } from "./experiment-card.ts";

/** What a scenario of the economy without plugins may say. */
export const economyScenarioSpec = z
  .strictObject({
    ...experimentFields,
    engine: z.literal("simulation").default("simulation"),
    resolution: z.literal("epochs").default("epochs"),
    ...economyFields,
    mechanism: mechanismSpec,
  })
  .describe("ShardLab scenario");
export type EconomyScenarioSpec = typeof economyScenarioSpec;

/** A resolved scenario of the economy: every default filled in, every quantity in SI. */
export type EconomyScenario = z.output<EconomyScenarioSpec>;
