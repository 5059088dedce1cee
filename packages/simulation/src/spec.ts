/** What a scenario says to virtual time: how devices compute, how nodes are connected, what befalls them. */
import { count, quantity, share, unknownName } from "@shardlab/contracts";
import { deviceKinds } from "@shardlab/devices";
import { churnSpec, networkRegionKinds, populationSpec } from "@shardlab/network";
import { linkSpec } from "@shardlab/protocol/spec";
import { z } from "zod";

/** The name that population groups give the device of the machine that a scenario was calibrated on. */
export const calibratedDevice = "this-machine";

const rate = () => quantity("dataRate", { above: "0 B/s" });

/** A device by measured figures, which take precedence over those of the table. */
export const deviceSpec = z
  .strictObject({
    device: z.string().min(1).max(60).describe("the name that population groups give it"),
    flops: quantity("computeRate", { above: "0 FLOP/s" }).describe("that training reaches, of matrix products"),
    memory: quantity("dataSize", { min: "1 kB" }).prefault("4 GiB"),
    memoryRate: rate().prefault("10 GB/s").describe("at which optimiser steps and sums of gradients move bytes"),
    overhead: quantity("duration", { min: "0 s" }).prefault("1 ms").describe("of every task, besides its operations"),
  })
  .describe("a device by measured figures");
export type DeviceSpec = z.output<typeof deviceSpec>;

export const computingSpec = z
  .strictObject({
    utilization: share({ max: 1 })
      .refine((value) => value > 0, { error: "expected more than 0" })
      .prefault(0.4)
      .describe("of the peak rate that training reaches on devices of the table (MFU)"),
    overhead: quantity("duration", { min: "0 s" }).prefault("1 ms").describe("of every task on devices of the table"),
    codecRate: rate().prefault("2 GB/s").describe("at which encoded tensors are made and read"),
    diskRate: rate().prefault("1 GB/s").describe("at which checkpoints are written and read"),
    devices: z
      .array(deviceSpec)
      .max(100)
      .default([])
      .describe(`beside the table (${deviceKinds.slice(0, 3).join(", ")}, ...); ${calibratedDevice} is one of them`),
  })
  .describe("how long tasks take");
export type ComputingSpec = z.output<typeof computingSpec>;

const regionName = z.string().superRefine((region, context) => {
  if (networkRegionKinds.includes(region)) return;
  context.addIssue({ code: "custom", message: unknownName("region", region, networkRegionKinds) });
});

/** What lies between the access links that the population declares. */
export const backboneSpec = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("star") }),
    z.strictObject({
      kind: z.literal("regions"),
      regionOf: z.record(z.string(), regionName).describe("region by group of the population"),
      coordinator: regionName,
      backbone: rate().optional().describe("from each region to each other, shared; unlimited unless given"),
    }),
  ])
  .describe("what lies between access links: nothing that is scarce, or measured round trips between regions");
export type BackboneSpec = z.output<typeof backboneSpec>;

/** Something that happens to one node at one time. */
export const crashSpec = z
  .strictObject({
    worker: z
      .union([z.literal("coordinator"), z.number().int().min(1).max(1e6)])
      .describe("place of a worker in the population, counted from 1, or the coordinator"),
    at: quantity("duration", { min: "0 s" }),
    lasts: quantity("duration", { min: "0 s" }).optional().describe("until it is started again; for good unless given"),
  })
  .describe("a crash without a word: what was not written to disk is lost");
export type CrashSpec = z.output<typeof crashSpec>;

export const presenceSpec = z
  .strictObject({
    population: populationSpec
      .optional()
      .describe("which workers are there when; everybody, always, unless given. A fixed one counts all workers"),
    faults: churnSpec.shape.faults.describe("partitions (the coordinator is in the first part) and stragglers"),
    crashes: z.array(crashSpec).max(1000).default([]),
  })
  .describe("who is there, and what befalls them");
export type PresenceSpec = z.output<typeof presenceSpec>;

export const simulationSpec = z
  .strictObject({
    compute: z
      .enum(["modelled", "real"])
      .default("modelled")
      .describe("modelled: sizes and durations alone, without losses; real: train the model, on virtual time"),
    computing: computingSpec.prefault({}),
    network: backboneSpec.prefault({ kind: "star" }),
    coordinator: linkSpec.prefault({ down: "10 Gbit/s", up: "10 Gbit/s" }).describe("the coordinator's access link"),
    presence: presenceSpec.prefault({}),
    header: count({ min: 0, max: 1e6 }).prefault(512).describe("bytes of a message besides its tensor"),
    retransmission: quantity("duration", { min: "1 ms" })
      .prefault("200 ms")
      .describe("least time after which a lost message is sent again; doubled each time"),
    lossTimeout: quantity("duration", { min: "100 ms" })
      .prefault("15 s")
      .describe("after which a message that does not get through is given up"),
    journalDelay: quantity("duration", { min: "0 s" }).prefault("2 ms").describe("to write an entry durably"),
    checkpoints: z
      .enum(["shared", "local"])
      .default("shared")
      .describe("whether every worker can open every checkpoint, or those of its own disk alone"),
    limit: quantity("duration", { min: "1 s" })
      .prefault("1 y")
      .describe("of virtual time, after which a run is cut off"),
  })
  .describe("the protocol on virtual time");
export type SimulationSpec = z.output<typeof simulationSpec>;

/** The part of a scenario that the simulation defines. */
export const simulationFields = { simulation: simulationSpec.prefault({}) } as const;
