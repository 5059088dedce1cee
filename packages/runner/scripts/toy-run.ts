/** A hardware run of the toy model. */
import { faultToleranceSpec, type ParallelismSpec, parallelismSpec, workerGroupSpec } from "@shardlab/protocol";
import { hardwareSpec } from "../src/spec.ts";
import type { HardwareRunOptions, RunnerEntries } from "../src/supervise/hardware-run-options.ts";
import type { ToySettings } from "./toy-compute.ts";

export interface ToyRunOptions {
  readonly directory: string;
  readonly entries: RunnerEntries;
  readonly toyCompute: URL;
  readonly stages: number;
  readonly replicas: number;
  readonly updates: number;
  readonly workers?: number;
  readonly schedule?: ParallelismSpec["schedule"]["kind"];
  readonly microbatches?: number;
  readonly toy?: Partial<ToySettings>;
  readonly hardware?: Record<string, unknown>;
  readonly link?: Record<string, unknown>;
  readonly faultTolerance?: Record<string, unknown>;
  readonly scenarioHash?: string;
}

export const toyElements = 64;

export function toyRun(options: ToyRunOptions): HardwareRunOptions {
  const { stages, replicas, updates, microbatches = 8, workers = stages * replicas } = options;
  return {
    runId: "toy",
    scenarioHash: options.scenarioHash ?? "toy",
    directory: options.directory,
    hardware: hardwareSpec.parse({ shaping: "none", restartDelay: "100 ms", ...options.hardware }),
    population: [workerGroupSpec.parse({ group: "home", count: workers, link: { latency: "0 s", ...options.link } })],
    protocol: {
      updates,
      parallelism: parallelismSpec.parse({
        stages,
        replicas,
        microbatches,
        schedule: { kind: options.schedule ?? "one-forward-one-backward" },
      }),
      faultTolerance: faultToleranceSpec.parse({
        heartbeat: "200 ms",
        timeout: "2 s",
        checkpointEvery: 5,
        digestEvery: 1,
        gather: "20 s",
        ...options.faultTolerance,
      }),
      gradientsAreLossless: true,
    },
    compute: {
      module: options.toyCompute,
      settings: { elements: toyElements, milliseconds: 0, ...options.toy },
    },
    entries: options.entries,
  };
}
