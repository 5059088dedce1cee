/** Whole updates by hand, in double precision, from the gradients that a worker exports: divisor, clipping, rate, decay and rule. */
import type { ComputeResult, TensorRef } from "@shardlab/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { planModel } from "../models/registry.ts";
import { modelSpec, optimizerSpec } from "../spec.ts";
import { asFloats } from "./as-floats.ts";
import { MemoryCheckpointStore } from "./checkpoint-store.ts";
import { floatsOfBytes } from "./float-bytes.ts";
import { MemoryTensorStore } from "./memory-tensor-store.ts";
import { readShard } from "./shard-file.ts";
import { createStageCompute } from "./stage-trainer.ts";

const model = modelSpec.parse({ kind: "gpt", layers: 1, width: 8, heads: 2, vocabulary: 5, context: 6 });
const microbatches = 3;
const updates = 6;
const [learningRate, weightDecay, clip, epsilon] = [0.02, 0.5, 0.3, 1e-6];

/** The rate in words: a half and the whole in two updates of warm-up, then half a cosine over the four that are left, down to a tenth. */
const rates = [0.5, 1, 1, 0.1 + 0.9 * 0.75, 0.1 + 0.9 * 0.25, 0.1].map((share) => share * learningRate);

describe("an update", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind: "cpu" });
  });
  afterAll(() => backend.dispose());

  test("is what the optimiser's rule says, on the mean of the microbatches", async () => {
    const store = new MemoryTensorStore();
    const kind = { kind: "adam-w", learningRate, weightDecay, clip, epsilon, warmup: 2, decay: "cosine", floor: 0.1 };
    const compute = createStageCompute({
      ...{ backend, model, seed: 3, store, checkpoints: new MemoryCheckpointStore() },
      ...{ activations: asFloats, gradients: asFloats },
      training: {
        data: { kind: "markov", alphabet: 5, order: 1, concentration: 0.3 },
        ...{ tokenizer: { kind: "bytes" }, microbatchSize: 2, updates, optimizer: optimizerSpec.parse(kind) },
      },
    });
    const bytesOf = ({ output }: ComputeResult) => store.bytesOf(output as TensorRef);
    const { elementCount = 0 } = await compute.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    const parameters = planModel(model).parts.flatMap((part) => part.parameters);
    const decays = parameters.flatMap(({ shape }) =>
      new Array<boolean>(shape.reduce((product, size) => product * size, 1)).fill(shape.length > 1),
    );
    const weightsNow = async () => {
      const { tensors } = readShard(bytesOf(await compute.run({ kind: "snapshot" })));
      return parameters.flatMap(({ name }) => [...(tensors.get(`weights ${name}`) ?? [])]);
    };
    let weights = await weightsNow();
    expect(weights.length).toBe(elementCount);
    let means = weights.map(() => 0);
    let squares = weights.map(() => 0);
    for (let update = 0; update < updates; update++) {
      for (let microbatch = 0; microbatch < microbatches; microbatch++) {
        await compute.run({ kind: "forward", update, microbatch, split: "training" });
        await compute.run({ kind: "backward", update, microbatch, split: "training" });
      }
      const exported = await compute.run({ kind: "reduce-export", update, firstElement: 0, elementCount });
      const mean = [...floatsOfBytes(bytesOf(exported))].map((value) => value / microbatches);
      const norm = Math.hypot(...mean);
      const task = { update, divisor: microbatches } as const;
      const { squaredNorm = 0 } = await compute.run({ kind: "gradient-norm", ...task });
      expect(squaredNorm).toBeCloseTo(norm * norm, 10);
      // Clipping is at work, or this would not test it.
      expect(norm).toBeGreaterThan(clip);
      await compute.run({ kind: "apply", ...task, squaredNorm, digest: false });
      const gradient = mean.map((value) => (value * clip) / norm);
      means = means.map((value, i) => 0.9 * value + 0.1 * gradient[i]);
      squares = squares.map((value, i) => 0.999 * value + 0.001 * gradient[i] ** 2);
      weights = weights.map((value, i) => {
        const [first, second] = [means[i] / (1 - 0.9 ** (update + 1)), squares[i] / (1 - 0.999 ** (update + 1))];
        const decay = decays[i] ? rates[update] * weightDecay * value : 0;
        return value - decay - (rates[update] * first) / (Math.sqrt(second) + epsilon);
      });
      const found = await weightsNow();
      found.forEach((value, i) => {
        expect(Math.abs(value - weights[i])).toBeLessThan(2e-5);
      });
    }
    compute.dispose();
  });
});
