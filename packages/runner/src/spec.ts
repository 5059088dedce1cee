/** What a scenario says to real processes: which devices compute, how nodes talk, how links are shaped, who is restarted. */
import { count, quantity } from "@shardlab/contracts";
import { z } from "zod";

export const backendChoices = ["auto", "tensorflow-gpu", "tensorflow", "webgpu", "wasm", "cpu"] as const;
export type BackendChoice = (typeof backendChoices)[number];

const deviceName = z
  .string()
  .regex(/^(cpu|gpu(:\d{1,3})?|adapter=.{1,80})$/, {
    error: "expected cpu, gpu:NUMBER or adapter=NAME, such as gpu:0",
  })
  .describe("cpu, gpu:NUMBER, or adapter=NAME (a part of it) for webgpu");

export const listenSpec = z
  .strictObject({
    host: z.string().min(1).max(255).default("127.0.0.1").describe("beyond loopback, links are mutual TLS"),
    port: z.number().int().min(0).max(65_535).default(0).describe("of the coordinator; 0 takes a free one"),
  })
  .describe("where the coordinator listens");

export const hardwareSpec = z
  .strictObject({
    backend: z.enum(backendChoices).default("auto").describe("tensor library"),
    devices: z.array(deviceName).min(1).max(1024).default(["cpu"]).describe("given to workers in turn"),
    threads: z.number().int().min(1).max(1024).default(1).describe("of computation, per worker"),
    transport: z
      .enum(["auto", "unix", "tcp"])
      .default("auto")
      .describe("auto: Unix sockets where every node runs here, no port is asked for and no namespace is in between"),
    listen: listenSpec.prefault({}),
    joining: count({ max: 1e5, isWhole: true })
      .prefault(0)
      .describe("workers, the last of the population, that join from other machines instead of being started here"),
    shaping: z
      .enum(["auto", "namespace", "relay", "none"])
      .default("auto")
      .describe("how links become as slow as the population says; auto: namespaces where permitted, else relays"),
    restart: z.boolean().default(true).describe("whether workers that died are started again"),
    restartDelay: quantity("duration", { min: "0 s" }).prefault("1 s").describe("before a worker is started again"),
    maximumRestarts: z.number().int().min(0).max(1_000_000).default(10).describe("of one worker or the coordinator"),
    checkpoints: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("folder, in which each run has its own; without it, they are with the run and go with it"),
    keepCheckpoints: z.number().int().min(1).max(1_000_000).default(2).describe("newest versions kept of each stage"),
    heap: quantity("dataSize", { min: "64 MiB" }).optional().describe("JavaScript heap of a computing thread"),
    largestTensor: quantity("dataSize", { min: "1 kB" }).prefault("2 GiB").describe("that a node takes from another"),
    messageRate: count({ min: 1, max: 1e9 })
      .prefault(20_000)
      .describe("messages per second that a node takes from another before it slows it down"),
    connectTimeout: quantity("duration", { min: "10 ms" }).prefault("10 s").describe("for a connection to be made"),
    lossTimeout: quantity("duration", { min: "100 ms" })
      .prefault("15 s")
      .describe("silence after which a link is lost"),
  })
  .describe("processes, devices and links");
export type HardwareSpec = z.output<typeof hardwareSpec>;
