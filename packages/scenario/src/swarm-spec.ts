/** The form of a scenario of the swarm: a model that is trained in shards, and who trains it over which links. */
import { protocolFields, workerGroupSpec } from "@shardlab/protocol/spec";
import { z } from "zod";
import { experimentFields, seedsSpec } from "./experiment-card.ts";

/** Runs of the swarm take minutes where those of the economy take seconds. */
const swarmSeedsSpec = seedsSpec.extend({
  count: z.number().int().min(1).max(10_000).default(3).describe("runs of each point"),
});

export const swarmFields = {
  training: z
    .strictObject({ ...protocolFields })
    .prefault({})
    .describe("how the model is trained"),
  population: z.array(workerGroupSpec).min(1).max(1000).describe("who trains it"),
} as const;

/** What a scenario of the swarm may say; the same file serves both engines. */
export const swarmScenarioSpec = z
  .strictObject({
    ...experimentFields,
    seeds: swarmSeedsSpec.prefault({}),
    engine: z
      .enum(["simulation", "hardware"])
      .default("simulation")
      .describe("virtual time, or real processes, links and devices"),
    resolution: z.literal("events").default("events"),
    ...swarmFields,
  })
  .describe("ShardLab scenario");
export type SwarmScenarioSpec = typeof swarmScenarioSpec;

/** A resolved scenario of the swarm: every default filled in, every quantity in SI. */
export type SwarmScenario = z.output<SwarmScenarioSpec>;
