import { compressorSpec, createCompressor } from "@shardlab/compressors";
import type { TimedRecord, TrainingRecord } from "@shardlab/contracts";
import {
  type Backend,
  type CheckpointStore,
  createStageCompute,
  openBackend,
  planModel,
  readShard,
  UnshardedTrainer,
} from "@shardlab/learning";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SwarmInput, swarmOptions } from "./fixtures/swarm-options.ts";
import { runSimulation, type SimulationOptions, type SimulationReport, type StageComputeFactory } from "./run.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "wasm", device: "cpu", threads: 1 });
});
afterAll(() => backend.dispose());

interface RealRun {
  readonly report: SimulationReport;
  readonly records: readonly TrainingRecord[];
  readonly options: SimulationOptions &
    Pick<ReturnType<typeof swarmOptions>, "training"> & { compute: StageComputeFactory };
  /** Weights by name, of the last checkpoint. */
  readonly weights: Map<string, Float32Array>;
}

interface Trainee {
  readonly options: RealRun["options"];
  /** The disk that all workers share, once there is one. */
  readonly disk: () => CheckpointStore | undefined;
  readonly records: TrainingRecord[];
}

interface RealInput extends SwarmInput {
  /** Identity unless given. */
  readonly activations?: object;
  readonly gradients?: object;
}

/** The compressors of a run, between stages and between replicas. */
function compressorsOf(input: RealInput, { model, seed }: Pick<SimulationOptions, "model" | "seed">) {
  const { boundaryWidth: width, vocabulary } = planModel(model);
  const create = (spec: object | undefined) =>
    createCompressor(compressorSpec.parse(spec ?? { kind: "identity" }), { width, vocabulary, seed });
  return { activations: create(input.activations), gradients: create(input.gradients) };
}

/** The same run with sizes in the place of numbers. */
function model(input: RealInput): SimulationReport {
  const { activations: _, gradients: __, ...rest } = input;
  const base = swarmOptions(rest);
  const report = runSimulation({ ...base, ...compressorsOf(input, base) });
  if (report instanceof Promise) throw new Error("modelled computing gave promises");
  return report;
}

function trainee({ activations, gradients, ...input }: RealInput): Trainee {
  const records: TrainingRecord[] = [];
  const base = swarmOptions({ ...input, simulation: { compute: "real", ...(input.simulation as object) } });
  const { model, seed, training } = base;
  const compressors = compressorsOf({ activations, gradients } as RealInput, base);
  let disk: CheckpointStore | undefined;
  const options = {
    ...base,
    ...compressors,
    observe: ({ record }: TimedRecord) => records.push(record),
    compute: ({ store, checkpoints }) => {
      disk = checkpoints;
      return createStageCompute({ ...compressors, backend, model, training, seed, store, checkpoints });
    },
  } satisfies SimulationOptions;
  return { options, disk: () => disk, records };
}

function train(input: RealInput): RealRun {
  const trained = trainee(input);
  const report = runSimulation(trained.options);
  if (report instanceof Promise) throw new Error("a synchronous backend gave promises");
  return finished(trained, report);
}

/** The same where every task gives a promise, kept after some turns of the event loop. */
async function trainSlowly(input: SwarmInput): Promise<RealRun> {
  const trained = trainee(input);
  let turns = 0;
  const compute: StageComputeFactory = (context) => {
    const inner = trained.options.compute(context);
    return {
      run: async (task) => {
        turns += 1;
        for (let turn = turns % 3; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
        return inner.run(task);
      },
      dispose: () => inner.dispose(),
    };
  };
  return finished(trained, await runSimulation({ ...trained.options, compute }));
}

function finished({ options, disk, records }: Trainee, report: SimulationReport): RealRun {
  const { training } = options;
  const weights = new Map<string, Float32Array>();
  const { stages } = training.parallelism;
  for (let stage = 0; stage < stages; stage++) {
    const bytes = disk()?.read({ stage, stages, version: training.updates });
    if (!(bytes instanceof Uint8Array)) throw new Error(`no checkpoint of stage ${stage}`);
    for (const [name, values] of readShard(bytes).tensors) {
      if (name.startsWith("weights ")) weights.set(name.slice("weights ".length), values);
    }
  }
  return { report, records, options, weights };
}

const measure = ({ report }: RealRun, name: string) => report.measures.find((found) => found.name === name)?.value;

const data = { kind: "markov", alphabet: 6, order: 1, concentration: 0.3 } as const;
const tiny = (layers: number, rest: object = {}) => ({
  kind: "gpt",
  layers,
  width: 16,
  heads: 2,
  vocabulary: 16,
  context: 16,
  ...rest,
});
const optimizer = { kind: "adam-w", learningRate: 0.01, clip: 0.5, warmup: 2 } as const;

async function expectEqualToUnsharded(run: RealRun, delays?: readonly number[]): Promise<void> {
  const { model, training, seed } = run.options;
  const { stages, replicas, microbatches } = training.parallelism;
  const unsharded = new UnshardedTrainer({ backend, model, training, seed, stages, replicas, microbatches, delays });
  const told = run.records.flatMap((record) => (record.kind === "update" ? [record] : []));
  expect(told).toHaveLength(training.updates);
  for (const { update, loss } of told) {
    const expected = await unsharded.update(update);
    expect(loss).toBeCloseTo(expected.loss, 12);
  }
  expect([...run.weights.keys()].sort()).toEqual([...unsharded.parameterNames].sort());
  for (const [name, values] of run.weights) expect(values, name).toEqual(await unsharded.weights(name));
  if (training.evaluation !== undefined) {
    const heldOut = await unsharded.heldOutLoss(training.evaluation.microbatches);
    expect(measure(run, "held-out-loss")).toBeCloseTo(heldOut, 12);
  }
  unsharded.dispose();
}

describe("real training on virtual time", () => {
  it("gives the weights of the unsharded trainer, bit for bit", async () => {
    const run = train({
      seed: 11,
      model: tiny(3, { head: "tied" }),
      training: {
        data,
        optimizer,
        microbatchSize: 2,
        updates: 5,
        parallelism: { stages: 3, replicas: 2, microbatches: 6 },
        evaluation: { every: 5, microbatches: 2 },
      },
      // Unlike links and jitter change when things happen, and nothing of what is computed.
      population: [
        { group: "near", count: 3, link: { up: "80 Mbit/s", down: "200 Mbit/s", latency: "5 ms", jitter: "20 ms" } },
        { group: "far", count: 3, link: { up: "5 Mbit/s", down: "10 Mbit/s", latency: "60 ms", loss: 0.02 } },
      ],
    });
    expect(run.report.determinism).toBe("per-backend");
    await expectEqualToUnsharded(run);
  });

  it("gives those of an unsharded trainer with delayed weights where the pipeline never waits", async () => {
    const run = train({
      seed: 12,
      model: tiny(3),
      training: {
        data,
        // Where nothing is flushed a stage clips by its own norm; the unsharded trainer has that of the whole model alone.
        optimizer: { ...optimizer, clip: "none" },
        updates: 8,
        parallelism: { stages: 3, microbatches: 1, schedule: { kind: "asynchronous" } },
        faultTolerance: { checkpointEvery: 8 },
      },
    });
    await expectEqualToUnsharded(run, [2, 1, 0]);
  });

  it("gives the same again, and leaves no tensor behind", () => {
    const input: SwarmInput = {
      model: tiny(2),
      training: { data, optimizer, updates: 4, parallelism: { stages: 2, replicas: 2, microbatches: 4 } },
      population: [{ group: "all", count: 5, link: { jitter: "10 ms" } }],
      simulation: { presence: { crashes: [{ worker: 2, at: "1 s", lasts: "5 s" }] } },
    };
    const before = backend.tf.memory().numTensors;
    const [once, again] = [train(input), train(input)];
    expect(again.report.traceHash).toBe(once.report.traceHash);
    expect(again.report.measures).toEqual(once.report.measures);
    expect(train({ ...input, seed: 2 }).report.traceHash).not.toBe(once.report.traceHash);
    expect(once.report.tensorsLeft).toBe(0);
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  it("waits for backends that give promises, and trains the same in the same time", async () => {
    const input: SwarmInput = {
      model: tiny(2),
      training: { data, optimizer, updates: 3, parallelism: { stages: 2, replicas: 2, microbatches: 4 } },
      simulation: { presence: { crashes: [{ worker: 3, at: "30 ms", lasts: "1 s" }] } },
    };
    const [quick, slow, again] = [train(input), await trainSlowly(input), await trainSlowly(input)];
    expect(slow.weights).toEqual(quick.weights);
    expect(slow.report.measures).toEqual(quick.report.measures);
    expect(again.report.traceHash).toBe(slow.report.traceHash);
    expect(slow.report.tensorsLeft).toBe(0);
  });

  it.each([
    ["as they are", {}],
    ["quantised between stages", { activations: { kind: "uniform-quantization", bits: 4 } }],
    ["sparse between replicas", { gradients: { kind: "top-k", share: 0.1 } }],
  ])("sends the bytes, and takes the time, that sizes alone foretell: tensors %s", (_, compressors) => {
    const input: RealInput = {
      ...compressors,
      model: tiny(3, { head: "tied" }),
      training: { data, optimizer, updates: 3, parallelism: { stages: 3, replicas: 2, microbatches: 6 } },
      population: [{ group: "all", count: 6, link: { up: "2 Mbit/s", down: "4 Mbit/s", latency: "5 ms" } }],
    };
    const [real, modelled] = [train(input), model(input)];
    const known = modelled.measures.map(({ name }) => name);
    expect(known).not.toContain("loss");
    const { measures } = real.report;
    expect(measures.filter(({ name }) => known.includes(name))).toEqual(modelled.measures);
    expect(measure(real, "tensor-bytes")).toBeGreaterThan(0);
  });

  it("trains a swarm of 64 workers in one process", () => {
    const run = train({
      model: tiny(8),
      training: {
        data,
        optimizer,
        microbatchSize: 1,
        updates: 6,
        parallelism: { stages: 8, replicas: 8, microbatches: 16 },
      },
    });
    expect(run.report.reason).toBe("trained");
    const losses = run.records.flatMap((record) => (record.kind === "update" ? [record.loss] : []));
    // From what knows nothing, log 16, towards the entropy of the chain.
    expect(losses[0]).toBeCloseTo(Math.log(16), 0);
    expect(losses[5]).toBeLessThan(losses[0] - 0.2);
    expect(run.report.tensorsLeft).toBe(0);
  });
});
