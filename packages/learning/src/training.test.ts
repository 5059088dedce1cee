/** Whole models: their gradients against double precision, what they learn against what can be learnt, and subspaces. */
import type { Compressor, SubspaceConstraint, TensorRef } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "./backends/index.ts";
import { createDataSource } from "./data/registry.ts";
import { planModel } from "./models/registry.ts";
import { modelLoss } from "./reference/model-loss.ts";
import { type DataSpec, type LearningSpec, type ModelSpec, modelSpec, optimizerSpec } from "./spec.ts";
import { asFloats } from "./stage/as-floats.ts";
import { MemoryCheckpointStore } from "./stage/checkpoint-store.ts";
import { bytesOfFloats, floatsOfBytes } from "./stage/float-bytes.ts";
import { MemoryTensorStore } from "./stage/memory-tensor-store.ts";
import { readShard } from "./stage/shard-file.ts";
import { createStageCompute } from "./stage/stage-trainer.ts";
import { UnshardedTrainer } from "./unsharded-trainer.ts";

const markov: DataSpec = { kind: "markov", alphabet: 4, order: 1, concentration: 0.3 };
const mixture: DataSpec = { kind: "gaussian-mixture", separation: 2 };

function trainingOf(options: Partial<LearningSpec> & { optimizer?: LearningSpec["optimizer"]; updates?: number } = {}) {
  return {
    ...{ data: markov, tokenizer: { kind: "bytes" } as const, microbatchSize: 3, updates: 100 },
    optimizer: optimizerSpec.parse({ kind: "adam-w", learningRate: 0.01 }),
    ...options,
  };
}

const gpt = (options: object = {}) =>
  modelSpec.parse({ kind: "gpt", layers: 2, width: 8, heads: 2, vocabulary: 5, context: 6, ...options });

const models: readonly (readonly [string, ModelSpec])[] = [
  ["rms, rotary, gelu", gpt()],
  ["layer norm, learned positions, tied", gpt({ norm: "layer", positions: "learned", head: "tied" })],
  ["swiglu, grouped queries, tied", gpt({ activation: "swiglu", keyValueHeads: 1, head: "tied" })],
  ["silu, one head, width 1", gpt({ activation: "silu", width: 1, heads: 1, positions: "learned" })],
  ["perceptron", modelSpec.parse({ kind: "mlp", features: 6, layers: 2, width: 7, classes: 3 })],
  [
    "convolutions",
    modelSpec.parse({ kind: "convolutional", imageSize: 4, imageChannels: 2, layers: 2, channels: 3, classes: 3 }),
  ],
];

describe.each(["cpu", "wasm"] as const)("on %s", (kind) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind });
  });
  afterAll(() => backend.dispose());

  test.each(models)("loss and gradient are those of double precision: %s", async (_name, model) => {
    const data = model.kind === "gpt" ? markov : mixture;
    const store = new MemoryTensorStore();
    const training = trainingOf({ data });
    const compute = createStageCompute({
      ...{ backend, model, training, seed: 5, store, checkpoints: new MemoryCheckpointStore() },
      ...{ activations: asFloats, gradients: asFloats },
    });
    const { elementCount = 0 } = await compute.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    const id = { update: 0, microbatch: 0, split: "training" } as const;
    const { loss = 0 } = await compute.run({ kind: "forward", ...id });
    await compute.run({ kind: "backward", ...id });
    const bytesOf = async (task: Parameters<typeof compute.run>[0]) =>
      store.bytesOf((await compute.run(task)).output as TensorRef);
    const flat = floatsOfBytes(await bytesOf({ kind: "reduce-export", update: 0, firstElement: 0, elementCount }));
    const { squaredNorm = 0 } = await compute.run({ kind: "gradient-norm", update: 0, divisor: 1 });
    const { tensors } = readShard(await bytesOf({ kind: "snapshot" }));
    const names = [...tensors.keys()].filter((name) => name.startsWith("weights ")).map((name) => name.slice(8));
    const weights = new Map(names.map((name) => [name, Float64Array.from(tensors.get(`weights ${name}`) ?? [])]));
    const plan = planModel(model);
    const batch = createDataSource(data, {
      ...{ plan, microbatchSize: 3, streams: createStreams(5) },
      tokenizer: () => {
        throw new Error("no text here");
      },
    }).batch(id);
    const exact = modelLoss(model, (name) => weights.get(name) as Float64Array, batch);
    expect(Math.abs(loss - exact)).toBeLessThan(1e-5);
    // The gradient in the order of the parts' parameters; a matrix that two parts share has two, which belong together.
    const gradients = new Map<string, Float64Array>();
    let first = 0;
    for (const { name, shape } of plan.parts.flatMap(({ parameters }) => parameters)) {
      const size = shape.reduce((product, extent) => product * extent, 1);
      const own = Float64Array.from(flat.subarray(first, first + size));
      gradients.set(name, gradients.get(name)?.map((value, i) => value + own[i]) ?? own);
      first += size;
    }
    expect(first).toBe(elementCount);
    let squares = 0;
    for (const gradient of gradients.values()) squares += gradient.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(squaredNorm / squares - 1)).toBeLessThan(1e-6);
    const stream = createStreams(8).stream("directions");
    const step = 1e-6;
    for (const [name, gradient] of gradients) {
      const direction = gradient.map(() => stream.normal());
      const at = (by: number) =>
        modelLoss(
          model,
          (wanted) => {
            const own = weights.get(wanted) as Float64Array;
            return wanted === name ? own.map((value, i) => value + by * direction[i]) : own;
          },
          batch,
        );
      const slope = (at(step) - at(-step)) / (2 * step);
      const found = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
      const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(slope - found), name).toBeLessThan(1e-4 * (norm + 1e-3));
    }
    compute.dispose();
  });
});

describe("what can be learnt", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind: "wasm" });
  });
  afterAll(() => backend.dispose());

  /** Trains, and holds the loss on data never seen to its floor: close to it, and below it by chance alone. */
  async function expectFloor(model: ModelSpec, training: ReturnType<typeof trainingOf>, within: number) {
    const trainer = new UnshardedTrainer({ backend, model, training, seed: 2, microbatches: 1 });
    const before = await trainer.heldOutLoss(20);
    for (let update = 0; update < training.updates; update++) await trainer.update(update);
    const losses: number[] = [];
    for (let microbatch = 0; microbatch < 60; microbatch++) losses.push(await trainer.heldOutLoss(1, microbatch));
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) * (loss - mean), 0) / (losses.length - 1);
    const error = Math.sqrt(variance / losses.length);
    const floor = trainer.lossFloor as number;
    expect(before).toBeGreaterThan(floor + 0.3);
    expect(mean).toBeGreaterThan(floor - 4 * error);
    expect(mean).toBeLessThan(floor + 4 * error + within);
    trainer.dispose();
  }

  const optimizer = optimizerSpec.parse({
    kind: "adam-w",
    learningRate: 0.01,
    warmup: 20,
    decay: "cosine",
    floor: 0.02,
  });

  test("a transformer learns a chain of order 1 to its entropy", async () => {
    const model = gpt({ layers: 1, width: 16, vocabulary: 6, context: 8 });
    const data: DataSpec = { kind: "markov", alphabet: 6, order: 1, concentration: 0.3 };
    await expectFloor(model, trainingOf({ data, optimizer, microbatchSize: 32, updates: 400 }), 0.01);
  });

  test("a transformer learns a chain of order 2 to its entropy", async () => {
    const model = gpt({ layers: 2, width: 32, heads: 4, vocabulary: 3, context: 12 });
    const data: DataSpec = { kind: "markov", alphabet: 3, order: 2, concentration: 0.3 };
    await expectFloor(model, trainingOf({ data, optimizer, microbatchSize: 32, updates: 500 }), 0.03);
  });

  test("a perceptron learns to tell clouds apart as well as can be", async () => {
    const model = modelSpec.parse({ kind: "mlp", features: 6, layers: 1, width: 24, classes: 4 });
    await expectFloor(model, trainingOf({ data: mixture, optimizer, microbatchSize: 256, updates: 500 }), 0.02);
  });
});

describe("a subspace at the boundaries", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind: "wasm" });
  });
  afterAll(() => backend.dispose());

  const [width, rank, vocabulary] = [12, 4, 7];

  /** A random orthonormal basis, and a frozen embedding. */
  function drawConstraint(): SubspaceConstraint {
    const stream = createStreams(13).stream("basis");
    const columns: number[][] = [];
    for (let k = 0; k < rank; k++) {
      let column = Array.from({ length: width }, () => stream.normal());
      for (const other of columns) {
        const overlap = column.reduce((sum, value, i) => sum + value * other[i], 0);
        column = column.map((value, i) => value - overlap * other[i]);
      }
      const norm = Math.hypot(...column);
      columns.push(column.map((value) => value / norm));
    }
    const basis = Float32Array.from({ length: width * rank }, (_, i) => columns[i % rank][Math.floor(i / rank)]);
    const frozenEmbedding = Float32Array.from({ length: vocabulary * width }, () => stream.normal());
    return { rank, basis, frozenEmbedding };
  }

  /** What lies outside the span of what was sent, at most, in units of its norm. */
  interface Leak {
    activation: number;
  }

  /** Sends coefficients in the basis, and the tokens beside them. */
  function subspace(constraint: SubspaceConstraint, leak: Leak): Compressor {
    const { basis, frozenEmbedding } = constraint;
    const frozenAt = (tokens: ArrayLike<number> | undefined, i: number) =>
      tokens === undefined ? 0 : frozenEmbedding[tokens[Math.floor(i / width)] * width + (i % width)];
    const rows = ({ shape }: { shape: readonly number[] }) => shape[0];
    const back = (coefficients: Float32Array) =>
      Float32Array.from({ length: (coefficients.length / rank) * width }, (_, i) => {
        let sum = 0;
        for (let k = 0; k < rank; k++)
          sum += coefficients[Math.floor(i / width) * rank + k] * basis[(i % width) * rank + k];
        return sum;
      });
    return {
      kind: "subspace",
      constraint,
      encodedBytes: (tensor) => 4 * rows(tensor) * (rank + 1),
      isLossless: () => false,
      encoder: (tensor) => ({
        encode: (values, { tokens = [] } = {}) => {
          const isActivation = tensor.role === "activation";
          const rest = values.map((value, i) => value - frozenAt(isActivation ? tokens : undefined, i));
          const out = new Float32Array(rows(tensor) * (rank + 1));
          for (let i = 0; i < rows(tensor) * rank; i++)
            for (let j = 0; j < width; j++)
              out[i] += rest[Math.floor(i / rank) * width + j] * basis[j * rank + (i % rank)];
          if (isActivation) {
            const decoded = back(out.subarray(0, rows(tensor) * rank));
            leak.activation = Math.max(
              leak.activation,
              Math.hypot(...decoded.map((value, i) => value - rest[i])) / Math.hypot(...rest),
            );
          }
          out.set(tokens as number[], rows(tensor) * rank);
          return bytesOfFloats(out);
        },
        memory: () => undefined,
        restore: () => {},
      }),
      decode: (bytes, tensor) => {
        const all = floatsOfBytes(bytes);
        const tokens = Uint16Array.from(all.subarray(rows(tensor) * rank));
        const isActivation = tensor.role === "activation";
        const values = back(all.subarray(0, rows(tensor) * rank)).map(
          (value, i) => value + frozenAt(isActivation ? tokens : undefined, i),
        );
        return { values, tokens };
      },
    };
  }

  test.each([
    { head: "untied", positions: "rotary" },
    { head: "tied", positions: "learned" },
  ] as const)("loses nothing, and trains as one piece does: %o", async ({ head, positions }) => {
    const model = gpt({ layers: 4, width, heads: 2, vocabulary, head, positions });
    const data: DataSpec = { kind: "markov", alphabet: vocabulary, order: 1, concentration: 0.2 };
    const training = trainingOf({
      data,
      microbatchSize: 8,
      optimizer: optimizerSpec.parse({ kind: "adam-w", learningRate: 0.01, epsilon: 1e-4, clip: 1 }),
    });
    const constraint = drawConstraint();
    const leak: Leak = { activation: 0 };
    const stages = 3;
    const store = new MemoryTensorStore();
    const computes = Array.from({ length: stages }, () =>
      createStageCompute({
        ...{ backend, model, training, seed: 4, store, checkpoints: new MemoryCheckpointStore() },
        ...{ activations: subspace(constraint, leak), gradients: asFloats },
      }),
    );
    const oracle = new UnshardedTrainer({ backend, model, training, seed: 4, microbatches: 1, stages, constraint });
    for (const [stage, compute] of computes.entries())
      await compute.run({ kind: "open", stage, stages, source: { from: "initial" } });
    const losses: number[] = [];
    for (let update = 0; update < 25; update++) {
      const id = { update, microbatch: 0, split: "training" } as const;
      let at: { output?: TensorRef; loss?: number } = {};
      for (const compute of computes)
        at = await compute.run({ kind: "forward", ...(at.output && { input: at.output }), ...id });
      const { loss = 0 } = at;
      losses.push(loss);
      at = {};
      for (const compute of [...computes].reverse())
        at = await compute.run({ kind: "backward", ...(at.output && { gradient: at.output }), ...id });
      if (head === "tied") {
        const [ofFirst, ofLast] = [
          await computes[0].run({ kind: "tied-export", update }),
          await computes[2].run({ kind: "tied-export", update }),
        ];
        await computes[0].run({ kind: "tied-import", update, tensor: ofLast.output as TensorRef });
        await computes[2].run({ kind: "tied-import", update, tensor: ofFirst.output as TensorRef });
      }
      let squaredNorm = 0;
      for (const compute of computes)
        squaredNorm += (await compute.run({ kind: "gradient-norm", update, divisor: 1 })).squaredNorm as number;
      for (const compute of computes)
        await compute.run({ kind: "apply", update, divisor: 1, squaredNorm, digest: false });
      const expected = await oracle.update(update);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-4);
      expect(Math.abs(Math.sqrt(squaredNorm) / expected.gradientNorm - 1)).toBeLessThan(1e-3);
    }
    expect(leak.activation).toBeGreaterThan(0);
    expect(leak.activation).toBeLessThan(1e-5);
    expect(losses[24]).toBeLessThan(losses[0] - 0.3);
    for (const compute of computes) compute.dispose();
    oracle.dispose();
  });

  test("is refused where it does not fit the model", () => {
    const constraint = { ...drawConstraint(), basis: new Float32Array(3) };
    const options = { backend, training: trainingOf({ data: mixture }), seed: 1, microbatches: 1, constraint };
    expect(() => new UnshardedTrainer({ ...options, model: gpt({ width: 12, vocabulary: 7 }) })).toThrow(
      "unsuitable constraint: a basis of 3",
    );
    expect(() => new UnshardedTrainer({ ...options, model: modelSpec.parse({ kind: "mlp" }) })).toThrow(
      "unsuitable constraint: a subspace",
    );
  });
});
