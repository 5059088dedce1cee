/** Sharded training against the unsharded trainer, bit for bit. */
import type { Compressor, ComputeResult, ComputeTask, StageCompute, TensorRef } from "@shardlab/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Backend, type BackendKind, openBackend } from "../backends/index.ts";
import { type LearningSpec, type ModelSpec, modelSpec, optimizerSpec } from "../spec.ts";
import { UnshardedTrainer } from "../unsharded-trainer.ts";
import { asFloats } from "./as-floats.ts";
import { MemoryCheckpointStore } from "./checkpoint-store.ts";
import { MemoryTensorStore } from "./memory-tensor-store.ts";
import { readShard } from "./shard-file.ts";
import { createStageCompute } from "./stage-trainer.ts";

interface SwarmOptions {
  readonly backend: Backend;
  readonly model: ModelSpec;
  readonly stages: number;
  readonly replicas: number;
  readonly microbatches: number;
  readonly recompute?: boolean;
  readonly activations?: Compressor;
  readonly gradients?: Compressor;
  readonly optimizer?: object;
}

const updates = 100;

function trainingOf(model: ModelSpec, optimizer: object = {}): LearningSpec & { updates: number } {
  const spec = { kind: "adam-w", learningRate: 0.01, weightDecay: 0.1, warmup: 2, clip: 0.5, ...optimizer };
  return {
    data:
      model.kind === "gpt"
        ? { kind: "markov", alphabet: 5, order: 1, concentration: 0.3 }
        : { kind: "gaussian-mixture", separation: 2 },
    tokenizer: { kind: "bytes" },
    microbatchSize: 2,
    optimizer: optimizerSpec.parse(spec),
    updates,
  };
}

/** A grid of stages and replicas in one process, and the little of the protocol that moves numbers. */
class Swarm {
  readonly store = new MemoryTensorStore();
  readonly checkpoints = new MemoryCheckpointStore();
  readonly grid: StageCompute[][];
  readonly options: SwarmOptions;

  constructor(options: SwarmOptions) {
    this.options = options;
    const { backend, model, replicas, stages, activations = asFloats, gradients = asFloats } = options;
    this.grid = Array.from({ length: replicas }, () =>
      Array.from({ length: stages }, () =>
        createStageCompute({
          ...{
            backend,
            model,
            training: { ...trainingOf(model, options.optimizer), recompute: options.recompute },
            seed: 7,
            store: this.store,
          },
          ...{ activations, gradients, checkpoints: this.checkpoints },
        }),
      ),
    );
  }

  /** Runs a task and releases the tensors in it, as hosts do. */
  async run(compute: StageCompute, task: ComputeTask): Promise<ComputeResult> {
    const result = await compute.run(task);
    const own = [
      "input" in task ? task.input : undefined,
      "gradient" in task ? task.gradient : undefined,
      "tensor" in task ? task.tensor : undefined,
      ...("tensors" in task ? task.tensors : []),
    ];
    for (const tensor of own) if (tensor !== undefined) this.store.release(tensor);
    return result;
  }

  async open(): Promise<void> {
    const { stages } = this.options;
    for (const row of this.grid)
      for (const [stage, compute] of row.entries())
        await this.run(compute, { kind: "open", stage, stages, source: { from: "initial" } });
  }

  async forward(replica: number, id: { update: number; microbatch: number; split: "training" | "held-out" }) {
    let input: TensorRef | undefined;
    let last: ComputeResult = { flop: 0 };
    for (const compute of this.grid[replica]) {
      last = await this.run(compute, { kind: "forward", ...(input && { input }), ...id });
      input = last.output;
    }
    return last;
  }

  async backward(replica: number, id: { update: number; microbatch: number; split: "training" }): Promise<void> {
    let gradient: TensorRef | undefined;
    for (const compute of [...this.grid[replica]].reverse())
      gradient = (await this.run(compute, { kind: "backward", ...(gradient && { gradient }), ...id })).output;
  }

  async passes(update: number): Promise<number> {
    const { microbatches, replicas } = this.options;
    let loss = 0;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      const id = { update, microbatch, split: "training" } as const;
      loss += ((await this.forward(microbatch % replicas, id)).loss as number) / microbatches;
    }
    for (let microbatch = 0; microbatch < microbatches; microbatch++)
      await this.backward(microbatch % replicas, { update, microbatch, split: "training" });
    return loss;
  }

  /** Two replicas: the second gives its gradient to the first, and takes the sum. */
  async reduce(update: number, elementCounts: readonly number[]): Promise<void> {
    if (this.grid.length === 1) return;
    const [first, second] = this.grid;
    for (const [stage, elementCount] of elementCounts.entries()) {
      // In two slices, to see that they fit together.
      for (const [firstElement, count] of [
        [0, Math.floor(elementCount / 3)],
        [Math.floor(elementCount / 3), elementCount - Math.floor(elementCount / 3)],
      ]) {
        const slice = { update, firstElement, elementCount: count };
        const theirs = (await this.run(second[stage], { kind: "reduce-export", ...slice })).output as TensorRef;
        await this.run(first[stage], { kind: "reduce-import", mode: "add", tensor: theirs, ...slice });
        const sum = (await this.run(first[stage], { kind: "reduce-export", ...slice })).output as TensorRef;
        await this.run(second[stage], { kind: "reduce-import", mode: "replace", tensor: sum, ...slice });
      }
    }
  }

  async exchangeTied(update: number): Promise<void> {
    for (const row of this.grid) {
      const [first, last] = [row[0], row[row.length - 1]];
      const ofFirst = (await this.run(first, { kind: "tied-export", update })).output as TensorRef;
      const ofLast = (await this.run(last, { kind: "tied-export", update })).output as TensorRef;
      await this.run(first, { kind: "tied-import", update, tensor: ofLast });
      await this.run(last, { kind: "tied-import", update, tensor: ofFirst });
    }
  }

  async finish(update: number): Promise<{ gradientNorm: number; digests: string[][] }> {
    const divisor = this.options.microbatches;
    const norms: number[] = [];
    for (const row of this.grid) {
      let squared = 0;
      for (const compute of row)
        squared += (await this.run(compute, { kind: "gradient-norm", update, divisor })).squaredNorm as number;
      norms.push(squared);
    }
    expect(new Set(norms).size).toBe(1);
    const [squaredNorm] = norms;
    const digests: string[][] = [];
    for (const row of this.grid) {
      const own: string[] = [];
      for (const compute of row) {
        const task = { kind: "apply", update, divisor, squaredNorm, digest: true } as const;
        own.push((await this.run(compute, task)).digest as string);
        await this.run(compute, { kind: "mark" });
      }
      digests.push(own);
    }
    return { gradientNorm: Math.sqrt(squaredNorm), digests };
  }

  async elementCounts(): Promise<number[]> {
    const { stages } = this.options;
    const counts: number[] = [];
    for (const [stage, compute] of this.grid[0].entries())
      counts.push(
        (await compute.run({ kind: "open", stage, stages, source: { from: "initial" } })).elementCount as number,
      );
    return counts;
  }

  isTied(): boolean {
    const { model, stages } = this.options;
    return model.kind === "gpt" && model.head === "tied" && stages > 1;
  }

  /** Weights of a replica by name. */
  async weights(replica: number): Promise<Map<string, Float32Array>> {
    const all = new Map<string, Float32Array>();
    for (const compute of this.grid[replica]) {
      const tensor = (await compute.run({ kind: "snapshot" })).output as TensorRef;
      for (const [name, values] of readShard(this.store.bytesOf(tensor)).tensors) {
        if (!name.startsWith("weights ")) continue;
        const known = all.get(name.slice(8));
        if (known !== undefined) expect(values).toEqual(known);
        all.set(name.slice(8), values);
      }
      this.store.release(tensor);
    }
    return all;
  }

  dispose(): void {
    for (const row of this.grid) for (const compute of row) compute.dispose();
  }
}

async function expectEqualToUnsharded(options: SwarmOptions, rounds: number): Promise<void> {
  const { backend, model, stages, replicas, microbatches } = options;
  const before = backend.tf.memory().numTensors;
  const training = trainingOf(model, options.optimizer);
  const oracle = new UnshardedTrainer({ backend, model, training, seed: 7, microbatches, replicas, stages });
  const swarm = new Swarm(options);
  await swarm.open();
  const counts = await swarm.elementCounts();
  const tensorsAt: number[] = [];
  for (let update = 0; update < rounds; update++) {
    const loss = await swarm.passes(update);
    await swarm.reduce(update, counts);
    if (swarm.isTied()) await swarm.exchangeTied(update);
    const { gradientNorm, digests } = await swarm.finish(update);
    const expected = await oracle.update(update);
    expect({ loss, gradientNorm }).toEqual(expected);
    for (const own of digests) expect(own).toEqual(digests[0]);
    tensorsAt.push(backend.tf.memory().numTensors);
  }
  // Neither tensors nor bytes are left behind from one update to the next.
  expect(new Set(tensorsAt).size).toBe(1);
  expect(swarm.store.count).toBe(0);
  const weights = await swarm.weights(replicas - 1);
  expect([...weights.keys()].sort()).toEqual([...oracle.parameterNames].sort());
  for (const [name, values] of weights) expect(values, name).toEqual(await oracle.weights(name));
  const held = { update: 0, split: "held-out" } as const;
  const losses = [
    await swarm.forward(0, { microbatch: 0, ...held }),
    await swarm.forward(0, { microbatch: 1, ...held }),
  ];
  expect(losses.reduce((sum, { loss }) => sum + (loss as number) / 2, 0)).toBe(await oracle.heldOutLoss(2));
  swarm.dispose();
  oracle.dispose();
  expect(backend.tf.memory().numTensors).toBe(before);
}

const gpt = (options: object = {}) =>
  modelSpec.parse({ kind: "gpt", layers: 4, width: 8, heads: 2, vocabulary: 5, context: 6, ...options });
const mlp = modelSpec.parse({ kind: "mlp", features: 6, layers: 4, width: 7, classes: 3 });
const convolutional = modelSpec.parse({ kind: "convolutional", imageSize: 4, layers: 4, channels: 3, classes: 3 });

/** TensorFlow where it is installed; continuous integration installs it. */
async function open(kind: BackendKind): Promise<Backend | undefined> {
  try {
    return await openBackend({ kind });
  } catch (error) {
    const isOptional = kind === "webgpu" || (kind === "tensorflow" && process.env.CI !== "true");
    if (!isOptional) throw error;
    process.stderr.write(`skipped: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}

describe.each(["cpu", "wasm", "tensorflow"] as const)("on %s", (kind) => {
  let backend: Backend;
  let isThere = false;
  beforeAll(async () => {
    const opened = await open(kind);
    isThere = opened !== undefined;
    if (opened !== undefined) backend = opened;
  });
  beforeEach(({ skip }) => {
    if (!isThere) skip();
  });
  afterAll(() => {
    if (isThere) backend.dispose();
  });

  describe("a sharded run equals the unsharded one", () => {
    test.each([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
      [3, 1],
      [4, 2],
    ])("a transformer in %i stages with %i replicas", async (stages, replicas) => {
      await expectEqualToUnsharded({ backend, model: gpt(), stages, replicas, microbatches: 4 }, 6);
    });

    test.each([1, 2, 3])("with a tied head, in %i stages", async (stages) => {
      const model = gpt({ head: "tied", positions: "learned", norm: "layer" });
      await expectEqualToUnsharded({ backend, model, stages, replicas: 2, microbatches: 5 }, 5);
    });

    test.each([
      [{ activation: "swiglu", keyValueHeads: 1 }],
      [{ activation: "silu", norm: "layer" }],
      [{ positions: "learned", heads: 1 }],
    ])("with %o", async (options) => {
      await expectEqualToUnsharded({ backend, model: gpt(options), stages: 2, replicas: 2, microbatches: 4 }, 4);
    });

    test.each([
      ["mlp", mlp],
      ["convolutional", convolutional],
    ])("%s", async (_name, model) => {
      for (const stages of [1, 3, 4])
        await expectEqualToUnsharded({ backend, model, stages, replicas: 2, microbatches: 4 }, 4);
    });

    test.each([[{ kind: "sgd" }], [{ kind: "momentum", lookAhead: true, decay: "cosine", clip: "none" }]])(
      "with %o",
      async (optimizer) => {
        await expectEqualToUnsharded({ backend, model: gpt(), stages: 3, replicas: 2, microbatches: 3, optimizer }, 4);
      },
    );

    test("but not where the gradients of a shared matrix are not exchanged", async () => {
      const model = gpt({ head: "tied" });
      const training = trainingOf(model);
      const options = { backend, model, stages: 2, replicas: 1, microbatches: 2 };
      const oracle = new UnshardedTrainer({ ...options, training, seed: 7 });
      const swarm = new Swarm(options);
      await swarm.open();
      for (let update = 0; update < 2; update++) {
        const loss = await swarm.passes(update);
        const { gradientNorm } = await swarm.finish(update);
        const expected = await oracle.update(update);
        if (update === 0) expect(loss).toBe(expected.loss);
        expect(gradientNorm).not.toBe(expected.gradientNorm);
      }
      swarm.dispose();
      oracle.dispose();
    });

    test("when forward passes are computed anew", async () => {
      const tied = gpt({ head: "tied", activation: "swiglu" });
      for (const model of [gpt(), tied, mlp, convolutional])
        await expectEqualToUnsharded({ backend, model, stages: 2, replicas: 2, microbatches: 4, recompute: true }, 4);
    });
  });
});

test("a sharded run equals the unsharded one on webgpu, which answers later", async ({ skip }) => {
  const backend = await open("webgpu");
  if (backend === undefined) return skip();
  const model = gpt({ head: "tied", keyValueHeads: 1, activation: "swiglu" });
  await expectEqualToUnsharded({ backend, model, stages: 2, replicas: 2, microbatches: 2 }, 2);
  backend.dispose();
});
