/** The form of a scenario of the swarm: a model that is trained in shards, and who trains it over which links. */
import { compressorSpec } from "@shardlab/compressors";
import { learningFields, modelSpec } from "@shardlab/learning/spec";
import { protocolFields, workerGroupSpec } from "@shardlab/protocol/spec";
import { hardwareSpec } from "@shardlab/runner/spec";
import { simulationFields } from "@shardlab/simulation/spec";
import { z } from "zod";
import { experimentFields, seedsSpec } from "./experiment-card.ts";

/** Runs of the swarm take minutes where those of the economy take seconds. */
const swarmSeedsSpec = seedsSpec.extend({
  count: z.number().int().min(1).max(10_000).default(3).describe("runs of each point"),
});

export const trainingSpec = z
  .strictObject({
    ...learningFields,
    ...protocolFields,
    activations: compressorSpec
      .prefault({ kind: "identity" })
      .describe("what travels between stages, forward and back, is compressed by this"),
    gradients: compressorSpec
      .prefault({ kind: "identity" })
      .describe("what replicas of a stage exchange is compressed by this"),
  })
  .describe("how the model is trained");

export const swarmFields = {
  model: modelSpec.prefault({ kind: "gpt" }),
  training: trainingSpec.prefault({}),
  population: z.array(workerGroupSpec).min(1).max(1000).describe("who trains the model, group by group"),
  ...simulationFields,
  hardware: hardwareSpec.prefault({}),
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
