import type { TimedRecord, TrainingRecord } from "@shardlab/contracts";
import { stageCosts } from "@shardlab/learning/stage-costs";
import {
  bytesByRank,
  createCollective,
  createPipeline,
  gpipeSeconds,
  type PipelineTimes,
  passSecondsOf,
  pipelineBounds,
  simulatePipeline,
  steadyPeriodSeconds,
} from "@shardlab/network";
import { describe, expect, it, test } from "vitest";
import { operationsAlone, plainFloats, type SwarmInput, swarmOptions } from "./fixtures/swarm-options.ts";
import { runSimulation, type SimulationOptions, type SimulationReport } from "./run.ts";

type TaskRecord = Extract<TrainingRecord, { kind: "task" }>;

interface Run {
  readonly options: SimulationOptions;
  readonly report: SimulationReport;
  readonly records: readonly TimedRecord[];
  readonly tasks: readonly TaskRecord[];
}

function run(input: SwarmInput): Run {
  const records: TimedRecord[] = [];
  const options = { ...swarmOptions(input), observe: (timed: TimedRecord) => records.push(timed) };
  // Modelled computing gives no promises.
  const report = runSimulation(options) as SimulationReport;
  const tasks = records.flatMap(({ record }) => (record.kind === "task" ? [record] : []));
  return { options, report, records, tasks };
}

const measure = ({ report }: Run, name: string): number =>
  report.measures.find((found) => found.name === name)?.value ?? Number.NaN;

/** From the first pass of an update to the end of its last one. */
function pipelineSeconds({ tasks }: Run, update = 0): number {
  const passes = tasks.filter(
    (task) => task.update === update && (task.task === "forward" || task.task === "backward"),
  );
  const start = Math.min(...passes.map(({ startSeconds }) => startSeconds));
  return Math.max(...passes.map(({ endSeconds }) => endSeconds)) - start;
}

const flopsPerSecond = 10e9;

/** The closed forms' view of a swarm of one replica, whose links all have this rate and this latency at either end. */
function timesOf({ options }: Run, link: { bytesPerSecond: number; latencySeconds: number }): PipelineTimes {
  const { model, training } = options;
  const { stages } = training.parallelism;
  const costs = stageCosts(model, { stages, microbatchSize: training.microbatchSize, optimizer: training.optimizer });
  const transferSeconds = (4 * costs[0].boundaryElements) / link.bytesPerSecond;
  return {
    forwardSeconds: costs.map(({ forwardFlop }) => forwardFlop / flopsPerSecond),
    backwardSeconds: costs.map(({ backwardFlop }) => backwardFlop / flopsPerSecond),
    forwardTransferSeconds: transferSeconds,
    backwardTransferSeconds: transferSeconds,
    latencySeconds: 2 * link.latencySeconds,
  };
}

interface Pipe {
  readonly stages: number;
  readonly microbatches: number;
  readonly layers?: number;
  readonly rate?: string;
  readonly latency?: string;
  readonly schedule?: { kind: "gpipe" } | { kind: "one-forward-one-backward" | "asynchronous"; ahead?: number };
  readonly updates?: number;
}

const pipe = ({
  stages,
  microbatches,
  layers = stages,
  rate = "1 Gbit/s",
  latency = "1 ms",
  schedule,
  updates = 1,
}: Pipe) =>
  run({
    model: { kind: "gpt", layers, width: 64, heads: 2, vocabulary: 64, context: 64 },
    training: {
      updates,
      microbatchSize: 2,
      parallelism: { stages, microbatches, ...(schedule === undefined ? {} : { schedule }) },
      faultTolerance: { checkpointEvery: 1000 },
    },
    simulation: { computing: operationsAlone(), header: 0 },
    population: [{ group: "workers", count: stages, link: { up: rate, down: rate, latency } }],
  });

describe("a step of the pipeline", () => {
  test.each([
    [2, 3, 2],
    [4, 8, 4],
    [3, 5, 7],
    [5, 1, 9],
  ])(
    "of gpipe takes what its closed form says: %d stages, %d microbatches, %d layers",
    (stages, microbatches, layers) => {
      const swarm = pipe({ stages, microbatches, layers, schedule: { kind: "gpipe" }, latency: "3 ms" });
      const times = timesOf(swarm, { bytesPerSecond: 125e6, latencySeconds: 0.003 });
      // Transfers are shorter than passes here, so that no two of one direction share a link.
      expect(times.forwardTransferSeconds).toBeLessThan(Math.min(...Array.from(times.forwardSeconds)));
      expect(pipelineSeconds(swarm)).toBeCloseTo(gpipeSeconds({ stages, microbatches }, times), 10);
    },
  );

  test.each([
    [4, 16, 1, "1 Gbit/s"],
    [4, 16, 2, "100 Mbit/s"],
    [6, 9, 1, "200 Mbit/s"],
    // An uplink carries both ways at a stage in the middle, which the bounds know nothing of; not so with two stages.
    [2, 20, 1, "20 Mbit/s"],
    [2, 12, 2, "5 Mbit/s"],
  ])(
    "of one-forward-one-backward lies within its bounds: %d stages, %d microbatches, %d ahead, %s",
    (...parameters) => {
      const [stages, microbatches, ahead, rate] = parameters;
      const swarm = pipe({ stages, microbatches, rate, schedule: { kind: "one-forward-one-backward", ahead } });
      const megabits = Number.parseFloat(rate) * (rate.includes("G") ? 1000 : 1);
      const times = timesOf(swarm, { bytesPerSecond: megabits * 125_000, latencySeconds: 0.001 });
      const { lowerSeconds, upperSeconds } = pipelineBounds({ stages, microbatches }, times);
      expect(pipelineSeconds(swarm)).toBeGreaterThanOrEqual(lowerSeconds * (1 - 1e-12));
      expect(pipelineSeconds(swarm)).toBeLessThanOrEqual(upperSeconds);
    },
  );

  it("of one-forward-one-backward takes its steady period per microbatch in the long run", () => {
    for (const [stages, ahead] of [
      [2, 1],
      [4, 1],
      [4, 2],
    ]) {
      const schedule = { kind: "one-forward-one-backward", ahead } as const;
      const [short, long] = [40, 140].map((microbatches) =>
        pipe({ stages, microbatches, schedule, layers: 2 * stages }),
      );
      const times = timesOf(short, { bytesPerSecond: 125e6, latencySeconds: 0.001 });
      const period = (pipelineSeconds(long) - pipelineSeconds(short)) / 100;
      expect(period).toBeCloseTo(steadyPeriodSeconds({ stages, microbatches: 100 }, times, ahead), 8);
    }
  });

  test.each([
    [3, 1, "1 Gbit/s"],
    [4, 2, "1 Gbit/s"],
    [2, 1, "30 Mbit/s"],
  ])("without flushes takes its steady period too: %d stages, %d ahead, %s", (stages, ahead, rate) => {
    const swarm = pipe({ stages, microbatches: 1, rate, schedule: { kind: "asynchronous", ahead }, updates: 150 });
    const bytesPerSecond = rate.includes("G") ? 125e6 : 3.75e6;
    const times = timesOf(swarm, { bytesPerSecond, latencySeconds: 0.001 });
    const endOf = (wanted: number): number =>
      swarm.tasks.find(({ task, stage, update }) => task === "backward" && stage === 0 && update === wanted)
        ?.endSeconds ?? Number.NaN;
    const period = (endOf(140) - endOf(20)) / 120;
    expect(period).toBeCloseTo(steadyPeriodSeconds({ stages, microbatches: 120 }, times, ahead), 8);
  });

  it("is the one that the network's own pipeline takes, where all stages are alike", () => {
    // Without a head to speak of: a model whose stages differ by a thousandth.
    const swarm = pipe({ stages: 4, microbatches: 12 });
    const link = { bytesPerSecond: 125e6, latencySeconds: 0.001 };
    const times = timesOf(swarm, link);
    const method = createPipeline({ kind: "one-forward-one-backward", ahead: 1 });
    const schedule = method.schedule({ stages: 4, microbatches: 12 });
    const passSeconds = passSecondsOf(schedule, times.forwardSeconds, times.backwardSeconds);
    const { seconds } = simulatePipeline(schedule, passSeconds, times);
    expect(pipelineSeconds(swarm)).toBeCloseTo(seconds, 10);
  });
});

describe("a reduction", () => {
  const reduction = (
    kind: "ring" | "recursive-halving-doubling" | "direct-exchange",
    replicas: number,
    latency: string,
  ) =>
    run({
      model: { kind: "gpt", layers: 1, width: 32, heads: 2, vocabulary: 50, context: 16 },
      training: { updates: 1, parallelism: { stages: 1, replicas, microbatches: replicas, reduction: { kind } } },
      simulation: { computing: operationsAlone(), header: 0 },
      population: [{ group: "workers", count: replicas, link: { up: "8 Mbit/s", down: "8 Mbit/s", latency } }],
    });

  test.each([
    ["ring", 2, "1 ms"],
    ["ring", 5, "20 ms"],
    ["recursive-halving-doubling", 4, "5 ms"],
    ["recursive-halving-doubling", 8, "0 ms"],
  ] as const)("by %s over %d replicas takes what its closed form says, and its bytes", (kind, replicas, latency) => {
    const swarm = reduction(kind, replicas, latency);
    const { model, training } = swarm.options;
    const [{ gradientElementCount }] = stageCosts(model, {
      stages: 1,
      microbatchSize: training.microbatchSize,
      optimizer: training.optimizer,
    });
    const problem = { ranks: replicas, elements: gradientElementCount, bytesPerElement: 4 };
    const collective = createCollective({ kind });
    const { seconds, totalBytes } = collective.cost(problem, {
      alphaSeconds: 2 * (Number.parseFloat(latency) / 1000),
      betaSecondsPerByte: 1e-6,
      gammaSecondsPerByte: 0,
    });
    const passed = Math.max(
      ...swarm.tasks.flatMap(({ task, endSeconds }) => (task === "backward" ? [endSeconds] : [])),
    );
    const normed = swarm.tasks.filter(({ task }) => task === "gradient-norm");
    expect(normed).toHaveLength(replicas);
    const last = Math.max(...normed.map(({ endSeconds }) => endSeconds));
    expect(last - passed).toBeCloseTo(seconds, 9);
    expect(measure(swarm, "tensor-bytes")).toBe(totalBytes);
  });
});

describe("bytes on the wire", () => {
  it("are those of boundaries, reductions and tied matrices, and a header for each message", () => {
    const [stages, replicas, microbatches, updates, header] = [3, 4, 8, 2, 100];
    const swarm = run({
      model: { kind: "gpt", layers: 3, width: 32, heads: 2, vocabulary: 50, context: 16, head: "tied" },
      training: { updates, microbatchSize: 2, parallelism: { stages, replicas, microbatches } },
      simulation: { header },
    });
    const { model, training } = swarm.options;
    const costs = stageCosts(model, { stages, microbatchSize: 2, optimizer: training.optimizer });
    const boundary = 4 * 2 * 16 * 32;
    const ring = costs.map(({ gradientElementCount: elements }) => {
      const schedule = createCollective({ kind: "ring" }).schedule({ ranks: replicas, elements, bytesPerElement: 4 });
      return bytesByRank(schedule).sent.reduce((sum, bytes) => sum + bytes, 0);
    });
    const tied = 2 * replicas * 4 * 50 * 32;
    const perUpdate = 2 * (stages - 1) * microbatches * boundary + ring.reduce((sum, bytes) => sum + bytes, 0) + tied;
    expect(measure(swarm, "tensor-bytes")).toBe(updates * perUpdate);
    const messages = (measure(swarm, "bytes") - measure(swarm, "tensor-bytes")) / header;
    expect(Number.isInteger(messages)).toBe(true);
    // Of each update at least a plan and a readiness of each worker, and one message for each tensor.
    const tensors = 2 * (stages - 1) * microbatches + stages * replicas * 2 * (replicas - 1) + 2 * replicas;
    expect(messages).toBeGreaterThan(updates * (tensors + 2 * stages * replicas));
    expect(messages).toBeLessThan(updates * (tensors + 2 * stages * replicas) + 20 * stages * replicas);
  });

  it("make rho what transfers take over what passes take", () => {
    const stages = 4;
    const swarm = pipe({ stages, microbatches: 6, rate: "50 Mbit/s", updates: 3 });
    const times = timesOf(swarm, { bytesPerSecond: 6.25e6, latencySeconds: 0.001 });
    const passes = [...Array.from(times.forwardSeconds), ...Array.from(times.backwardSeconds)];
    const transfers = 2 * (stages - 1) * times.forwardTransferSeconds;
    expect(measure(swarm, "rho")).toBeCloseTo(transfers / passes.reduce((sum, seconds) => sum + seconds, 0), 10);
  });

  it("are those that the compressors declare", () => {
    const [stages, replicas, microbatches] = [2, 3, 6];
    const options = swarmOptions({
      model: { kind: "gpt", layers: 2, width: 32, heads: 2, vocabulary: 50, context: 16 },
      training: { updates: 1, microbatchSize: 1, parallelism: { stages, replicas, microbatches } },
    });
    const activations = {
      encodedBytes: ({ role }: { readonly role: string }) => (role === "activation" ? 100 : 70),
    };
    const gradients = { ...plainFloats, encodedBytes: () => 11, isLossless: () => false };
    const report = runSimulation({ ...options, activations, gradients }) as SimulationReport;
    const bytes = report.measures.find(({ name }) => name === "tensor-bytes")?.value ?? 0;
    // Every replica sends each of its parameters' encodings to the two others.
    const ofBoundaries = microbatches * (stages - 1) * 170;
    const encodings = (bytes - ofBoundaries) / 11 / (replicas * (replicas - 1));
    // Embedding, last norm and head, and of each block two norms and four matrices.
    expect(encodings).toBe(3 + 6 * 2);
  });
});
