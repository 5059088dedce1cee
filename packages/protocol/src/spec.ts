/** What a scenario says to the protocol: how a model is cut, how replicas agree, what happens when workers fail. */
import { count, quantity, share } from "@shardlab/contracts";
import { collectiveSpec, pipelineSpec } from "@shardlab/network";
import { z } from "zod";

export const parallelismSpec = z
  .strictObject({
    stages: z.number().int().min(1).max(1024).default(4).describe("slices of consecutive layers"),
    replicas: z.number().int().min(1).max(1024).default(1).describe("copies of each stage"),
    schedule: pipelineSpec.prefault({ kind: "one-forward-one-backward" }),
    microbatches: z.number().int().min(1).max(65_536).default(8).describe("of one update, over all replicas together"),
    reduction: collectiveSpec
      .prefault({ kind: "ring" })
      .describe("how replicas add up their gradients; compressed ones are exchanged whole"),
  })
  .describe("how the model and the batch are spread over workers");
export type ParallelismSpec = z.output<typeof parallelismSpec>;

export const faultToleranceSpec = z
  .strictObject({
    heartbeat: quantity("duration", { min: "10 ms" }).prefault("2 s").describe("between signs of life"),
    timeout: quantity("duration", { min: "20 ms" }).prefault("10 s").describe("silence after which a worker is lost"),
    patience: z
      .number()
      .min(1.5)
      .max(1000)
      .default(6)
      .describe("an attempt is given up after this many times the usual duration of an update"),
    firstUpdateTimeout: quantity("duration", { min: "100 ms" })
      .prefault("10 min")
      .describe("for an attempt before any duration is known"),
    checkpointEvery: z.number().int().min(1).max(1_000_000).default(20).describe("updates"),
    gather: quantity("duration", { min: "0 s" })
      .prefault("5 min")
      .describe("how long to wait for a full grid before beginning with what there is"),
    rebalanceBelow: share()
      .prefault(0.75)
      .describe("workers move between stages when throughput is below this share of what could be"),
    digestEvery: z.number().int().min(1).max(1_000_000).default(10).describe("updates between comparisons of replicas"),
  })
  .describe("what happens when workers crash, stall or leave");
export type FaultToleranceSpec = z.output<typeof faultToleranceSpec>;

export const linkSpec = z
  .strictObject({
    down: quantity("dataRate", { above: "0 B/s" }).prefault("1 Gbit/s"),
    up: quantity("dataRate", { above: "0 B/s" }).prefault("1 Gbit/s"),
    latency: quantity("duration", { min: "0 s" })
      .prefault("1 ms")
      .describe(
        "one way, from this worker to the backbone and back out: half of a round trip is the sum of both ends'",
      ),
    jitter: quantity("duration", { min: "0 s" }).prefault("0 s").describe("mean of an exponential delay on top"),
    loss: share({ max: 0.5 }).prefault(0).describe("of packets"),
  })
  .describe("a worker's access link");
export type LinkSpec = z.output<typeof linkSpec>;

/** Workers of one kind. */
export const workerGroupSpec = z
  .strictObject({
    group: z.string().min(1).max(40),
    count: count({ min: 1, max: 1e5, isWhole: true }),
    device: z.string().min(1).max(60).default("this-machine").describe("what computes, see the world's devices"),
    link: linkSpec.prefault({}),
  })
  .describe("workers");
export type WorkerGroupSpec = z.output<typeof workerGroupSpec>;

export const evaluationSpec = z
  .strictObject({
    every: z.number().int().min(1).max(1_000_000).default(20).describe("updates"),
    microbatches: z.number().int().min(1).max(4096).default(4).describe("of held-out data"),
  })
  .describe("loss on data that is never trained on");
export type EvaluationSpec = z.output<typeof evaluationSpec>;

export const protocolFields = {
  updates: count({ min: 1, max: 1e9, isWhole: true }).prefault(100).describe("optimiser updates"),
  parallelism: parallelismSpec.prefault({}),
  faultTolerance: faultToleranceSpec.prefault({}),
  evaluation: evaluationSpec.optional(),
} as const;
