/** Tasks of a worker one by one: what is remembered, returned to, written, stashed and refused. */
import type { Compressor, ComputeTask, StageCompute, TensorRef } from "@shardlab/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { type ModelSpec, modelSpec, optimizerSpec } from "../spec.ts";
import { UnshardedTrainer } from "../unsharded-trainer.ts";
import { MemoryCheckpointStore } from "./checkpoint-store.ts";
import { bytesOfFloats, floatsOfBytes } from "./float-bytes.ts";
import { MemoryTensorStore } from "./memory-tensor-store.ts";
import { readShard, writeShard } from "./shard-file.ts";
import { createStageCompute } from "./stage-trainer.ts";

const identity: Compressor = {
  kind: "identity",
  encodedBytes: ({ shape }) => 4 * shape.reduce((product, size) => product * size, 1),
  isLossless: () => true,
  encoder: () => ({ encode: bytesOfFloats, memory: () => undefined, restore: () => {} }),
  decode: (bytes) => ({ values: floatsOfBytes(bytes) }),
};

/** Rounds to a grid, and remembers what it rounded off for the next tensor of the stream. */
const rounding = (grid: number): Compressor => ({
  ...identity,
  kind: "rounding",
  isLossless: () => false,
  encoder: ({ shape }) => {
    let rest = new Float32Array(shape.reduce((product, size) => product * size, 1));
    return {
      encode: (values) => {
        const wanted = values.map((value, i) => value + rest[i]);
        const sent = wanted.map((value) => Math.round(value / grid) * grid);
        rest = wanted.map((value, i) => value - sent[i]);
        return bytesOfFloats(sent);
      },
      memory: () => rest,
      restore: (memory) => {
        rest = Float32Array.from(memory);
      },
    };
  },
});

const model = modelSpec.parse({ kind: "gpt", layers: 2, width: 8, heads: 2, vocabulary: 5, context: 6 });
const training = {
  data: { kind: "markov", alphabet: 5, order: 1, concentration: 0.3 },
  tokenizer: { kind: "bytes" },
  microbatchSize: 2,
  optimizer: optimizerSpec.parse({ kind: "adam-w", learningRate: 0.02, weightDecay: 0.1, clip: 1 }),
  updates: 50,
} as const;

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "cpu" });
});
afterAll(() => backend.dispose());

interface ChainOptions {
  readonly stages?: number;
  readonly activations?: Compressor;
  readonly gradients?: Compressor;
  readonly on?: Backend;
  readonly checkpoints?: MemoryCheckpointStore;
  readonly of?: ModelSpec;
}

/** Stages in a row, in one process. */
class Chain {
  readonly store = new MemoryTensorStore();
  readonly checkpoints: MemoryCheckpointStore;
  readonly computes: StageCompute[];
  readonly stages: number;

  constructor(options: ChainOptions = {}) {
    const { stages = 2, activations = identity, gradients = identity, on = backend, of = model } = options;
    this.stages = stages;
    this.checkpoints = options.checkpoints ?? new MemoryCheckpointStore();
    this.computes = Array.from({ length: stages }, () => this.compute({ activations, gradients, on, of }));
  }

  private compute({
    on,
    of,
    ...compressors
  }: {
    on: Backend;
    of: ModelSpec;
    activations: Compressor;
    gradients: Compressor;
  }) {
    const { store, checkpoints } = this;
    return createStageCompute({ backend: on, model: of, training, seed: 11, store, checkpoints, ...compressors });
  }

  async open(
    source: (stage: number) => Extract<ComputeTask, { kind: "open" }>["source"] = () => ({ from: "initial" }),
  ) {
    for (const [stage, compute] of this.computes.entries())
      await compute.run({ kind: "open", stage, stages: this.stages, source: source(stage) });
  }

  async passes(update: number): Promise<number> {
    const id = { update, microbatch: 0, split: "training" } as const;
    let at: { output?: TensorRef; loss?: number } = {};
    for (const compute of this.computes)
      at = await compute.run({ kind: "forward", ...(at.output && { input: at.output }), ...id });
    const loss = at.loss as number;
    at = {};
    for (const compute of [...this.computes].reverse())
      at = await compute.run({ kind: "backward", ...(at.output && { gradient: at.output }), ...id });
    return loss;
  }

  /** Gradients through the compressor, as between replicas of which there is one. */
  async exchange(update: number): Promise<void> {
    for (const compute of this.computes) {
      const { output } = await compute.run({ kind: "gradient-encode", update });
      await compute.run({ kind: "gradient-decode", update, tensors: [output as TensorRef] });
    }
  }

  async apply(update: number): Promise<string[]> {
    let squaredNorm = 0;
    for (const compute of this.computes)
      squaredNorm += (await compute.run({ kind: "gradient-norm", update, divisor: 1 })).squaredNorm as number;
    const digests: string[] = [];
    for (const compute of this.computes) {
      const applied = await compute.run({ kind: "apply", update, divisor: 1, squaredNorm, digest: true });
      expect(applied.version).toBe(update + 1);
      digests.push(applied.digest as string);
      await compute.run({ kind: "mark" });
    }
    return digests;
  }

  async update(update: number): Promise<string[]> {
    await this.passes(update);
    await this.exchange(update);
    return await this.apply(update);
  }

  dispose(): void {
    for (const compute of this.computes) compute.dispose();
  }
}

const lossy = { activations: rounding(1 / 16), gradients: rounding(1 / 64) };

async function digestsOf(chain: Chain, first: number, end: number): Promise<string[][]> {
  const all: string[][] = [];
  for (let update = first; update < end; update++) all.push(await chain.update(update));
  return all;
}

describe("what a worker remembers", () => {
  test("a gradient is the sum of those sent, in their order, and what was rounded off comes later", async () => {
    const chain = new Chain({ stages: 1, gradients: rounding(0.25) });
    await chain.open();
    await chain.passes(0);
    const [compute] = chain.computes;
    const { elementCount = 0 } = await new Chain({ stages: 1 }).computes[0].run({
      ...{ kind: "open", stage: 0, stages: 1, source: { from: "initial" } },
    });
    const slice = { update: 0, firstElement: 0, elementCount };
    const flat = async () =>
      floatsOfBytes(chain.store.bytesOf((await compute.run({ kind: "reduce-export", ...slice })).output as TensorRef));
    const own = await flat();
    const first = (await compute.run({ kind: "gradient-encode", update: 0 })).output as TensorRef;
    const second = (await compute.run({ kind: "gradient-encode", update: 0 })).output as TensorRef;
    expect(first.bytes).toBe(4 * elementCount);
    await compute.run({ kind: "gradient-decode", update: 0, tensors: [first, second] });
    const sum = await flat();
    const grid = (value: number) => Math.round(value / 0.25) * 0.25;
    own.forEach((value, i) => {
      const sent = Math.fround(grid(value));
      const again = grid(Math.fround(value + Math.fround(value - sent)));
      expect(sum[i]).toBe(sent + again);
    });
    chain.dispose();
  });

  test("discarding returns to the mark, encoders and all", async () => {
    const straight = new Chain(lossy);
    await straight.open();
    const expected = await digestsOf(straight, 0, 4);
    const broken = new Chain(lossy);
    await broken.open();
    const found: string[][] = [];
    for (let update = 0; update < 4; update++) {
      const before = backend.tf.memory().numTensors;
      await broken.passes(update);
      if (update > 1) await broken.exchange(update);
      const { computes } = broken;
      if (update > 2)
        for (const compute of computes)
          await compute.run({ kind: "apply", update, divisor: 1, squaredNorm: 1, digest: false });
      for (const compute of computes) expect((await compute.run({ kind: "discard" })).version).toBe(update);
      expect(backend.tf.memory().numTensors).toBe(before);
      found.push(await broken.update(update));
    }
    expect(found).toEqual(expected);
    straight.dispose();
    broken.dispose();
  });

  test("held-out passes leave no trace", async () => {
    const plain = new Chain(lossy);
    const evaluated = new Chain(lossy);
    await plain.open();
    await evaluated.open();
    const expected = await digestsOf(plain, 0, 3);
    const found: string[][] = [];
    for (let update = 0; update < 3; update++) {
      const [first, last] = evaluated.computes;
      const id = { split: "held-out", update, microbatch: 5 } as const;
      const { output } = await first.run({ kind: "forward", ...id });
      const { loss } = await last.run({ kind: "forward", input: output as TensorRef, ...id });
      expect(loss).toBeGreaterThan(0);
      found.push(await evaluated.update(update));
    }
    expect(found).toEqual(expected);
    plain.dispose();
    evaluated.dispose();
  });
});

describe("what a worker writes", () => {
  test("a checkpoint resumes bit for bit, with what encoders and the optimiser remember", async () => {
    const checkpoints = new MemoryCheckpointStore();
    const straight = new Chain({ ...lossy, checkpoints });
    await straight.open();
    await digestsOf(straight, 0, 3);
    for (const compute of straight.computes) {
      const { bytes, digest } = await compute.run({ kind: "checkpoint", version: 3 });
      expect(bytes).toBeGreaterThan(1000);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
    const expected = await digestsOf(straight, 3, 6);
    const resumed = new Chain({ ...lossy, checkpoints });
    await resumed.open(() => ({ from: "checkpoint", version: 3 }));
    expect(await digestsOf(resumed, 3, 6)).toEqual(expected);
    // And so once more without an update in between.
    for (const compute of resumed.computes) await compute.run({ kind: "checkpoint", version: 6 });
    const again = new Chain({ ...lossy, checkpoints });
    await again.open(() => ({ from: "checkpoint", version: 6 }));
    expect(await digestsOf(again, 6, 8)).toEqual(await digestsOf(straight, 6, 8));
    for (const chain of [straight, resumed, again]) chain.dispose();
  });

  test("a snapshot makes another holder of the stage", async () => {
    const before = backend.tf.memory().numTensors;
    const chain = new Chain();
    await chain.open();
    await digestsOf(chain, 0, 2);
    const snapshots: TensorRef[] = [];
    for (const compute of chain.computes) snapshots.push((await compute.run({ kind: "snapshot" })).output as TensorRef);
    const expected = await digestsOf(chain, 2, 4);
    // The same store holds the snapshots, and stages that were open become others.
    await chain.open((stage) => ({ from: "snapshot", version: 2, tensor: snapshots[stage] }));
    expect(await digestsOf(chain, 2, 4)).toEqual(expected);
    const [first] = chain.computes;
    const open = { kind: "open", stage: 1, stages: 2 } as const;
    const source = { from: "snapshot", version: 2, tensor: snapshots[0] } as const;
    expect(() => first.run({ ...open, source })).toThrow("unsuitable shard: stage 0 of 2 (expected 1 of 2)");
    expect(() => first.run({ ...open, source: { from: "checkpoint", version: 9 } })).toThrow(
      "no checkpoint: version 9 of stage 1 of 2",
    );
    // It still holds what it held.
    expect((await first.run({ kind: "discard" })).version).toBe(4);
    chain.dispose();
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  test("shards are read back as written, and damage is noticed", () => {
    const tensors = new Map([
      ["weights a", Float32Array.of(1, -0, Number.NaN)],
      ["weights ü", new Float32Array(0)],
    ]);
    const contents = { stage: 1, stages: 3, version: 7, optimizer: "sgd", tensors };
    const bytes = writeShard(contents);
    expect(readShard(bytes)).toEqual(contents);
    // At any place of a larger buffer.
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readShard(shifted.subarray(3))).toEqual(contents);
    for (const at of [9, 20, bytes.length - 40, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[at] ^= 4;
      expect(() => readShard(damaged)).toThrow("invalid shard: damaged");
    }
    expect(() => readShard(bytes.subarray(0, 50))).toThrow("invalid shard: damaged");
    expect(() => readShard(new TextEncoder().encode("SLSHARD2..."))).toThrow("invalid shard: format 2 (expected 1)");
    expect(() => readShard(new Uint8Array(5))).toThrow("invalid shard: not a shard");
  });
});

test("an asynchronous pipeline goes back with the weights that it came with", async () => {
  const chain = new Chain();
  await chain.open();
  const oracle = new UnshardedTrainer({
    backend,
    model,
    training,
    seed: 11,
    microbatches: 1,
    stages: 2,
    delays: [1, 0],
  });
  const [first, last] = chain.computes;
  const id = (update: number) => ({ update, microbatch: 0, split: "training" }) as const;
  const ahead: TensorRef[] = [];
  const enter = async (update: number) => {
    ahead.push((await first.run({ kind: "forward", ...id(update) })).output as TensorRef);
  };
  await enter(0);
  for (let update = 0; update < 6; update++) {
    // The next one enters before the first stage has applied this one.
    await enter(update + 1);
    const { loss } = await last.run({ kind: "forward", input: ahead[update], ...id(update) });
    const { output } = await last.run({ kind: "backward", ...id(update) });
    await first.run({ kind: "backward", gradient: output as TensorRef, ...id(update) });
    let squaredNorm = 0;
    for (const compute of chain.computes)
      squaredNorm += (await compute.run({ kind: "gradient-norm", update, divisor: 1 })).squaredNorm as number;
    for (const compute of chain.computes)
      await compute.run({ kind: "apply", update, divisor: 1, squaredNorm, digest: false });
    expect({ loss, gradientNorm: Math.sqrt(squaredNorm) }).toEqual(await oracle.update(update));
  }
  chain.dispose();
  oracle.dispose();
});

describe("a backend that answers later", () => {
  const later = (): Backend => ({
    ...backend,
    isSynchronous: false,
    read: async (tensor) => {
      const values = (backend.read(tensor) as Float32Array).slice();
      await new Promise((resolve) => setTimeout(resolve, 1));
      return values;
    },
  });

  test("computes the same", async () => {
    const before = backend.tf.memory().numTensors;
    const now = new Chain(lossy);
    const asynchronous = new Chain({ ...lossy, on: later() });
    await now.open();
    await asynchronous.open();
    expect(await digestsOf(asynchronous, 0, 3)).toEqual(await digestsOf(now, 0, 3));
    now.dispose();
    asynchronous.dispose();
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  test("does its tasks in the order in which they were asked for", async () => {
    const now = new Chain({ stages: 1 });
    await now.open();
    await now.passes(0);
    const expected = await now.apply(0);
    const [compute] = new Chain({ stages: 1, on: later() }).computes;
    const id = { update: 0, microbatch: 0, split: "training" } as const;
    compute.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    const answers = await Promise.all([
      compute.run({ kind: "forward", ...id }),
      compute.run({ kind: "backward", ...id }),
      compute.run({ kind: "gradient-norm", update: 0, divisor: 1 }),
    ]);
    const squaredNorm = answers[2].squaredNorm as number;
    const applied = await compute.run({ kind: "apply", update: 0, divisor: 1, squaredNorm, digest: true });
    expect([applied.digest]).toEqual(expected);
    await expect(compute.run({ kind: "tied-export", update: 0 })).rejects.toThrow("no shared matrix: stage 0");
    await compute.run({ kind: "close" });
    compute.dispose();
    now.dispose();
  });

  function expectRejection(answer: unknown, message: string) {
    return expect(Promise.resolve(answer)).rejects.toThrow(message);
  }

  test("rejects what fails while it is waited for", async () => {
    const [compute] = new Chain({ stages: 1, on: later() }).computes;
    compute.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    const failing = compute.run({ kind: "forward", update: 0, microbatch: 0, split: "training" });
    await expectRejection(
      compute.run({ kind: "backward", update: 3, microbatch: 0, split: "training" }),
      "not under way",
    );
    await failing;
    compute.dispose();
  });
});

describe("what a worker refuses", () => {
  const id = { update: 0, microbatch: 0, split: "training" } as const;

  test("tasks without what they need", async () => {
    const chain = new Chain();
    const [first, last] = chain.computes;
    expect(() => first.run({ kind: "mark" })).toThrow("no shard: mark");
    expect(() => first.run({ kind: "open", stage: 0, stages: 3, source: { from: "initial" } })).toThrow(
      "too many stages: 3",
    );
    expect(() => first.run({ kind: "open", stage: 2, stages: 2, source: { from: "initial" } })).toThrow(
      "unknown stage: 2 of 2",
    );
    await chain.open();
    expect(() => last.run({ kind: "forward", ...id })).toThrow("missing input: microbatch 0 of update 0");
    expect(() => first.run({ kind: "backward", ...id })).toThrow("not under way: microbatch 0 of update 0");
    const { output } = await first.run({ kind: "forward", ...id });
    expect(() => first.run({ kind: "forward", ...id })).toThrow("already under way: microbatch 0 of update 0");
    expect(() => first.run({ kind: "backward", ...id })).toThrow("missing gradient");
    expect(() => first.run({ kind: "forward", input: output as TensorRef, ...id, microbatch: 1 })).toThrow(
      "unexpected input",
    );
    expect(() => first.run({ kind: "apply", update: 1, divisor: 1, squaredNorm: 0, digest: false })).toThrow(
      "wrong update: 1 (the shard has seen 0)",
    );
    expect(() => first.run({ kind: "reduce-export", update: 0, firstElement: 1, elementCount: 1e6 })).toThrow(
      "invalid slice: 1000000 elements from 1",
    );
    expect(() => first.run({ kind: "checkpoint", version: 2 })).toThrow("wrong version: 2");
    const tensor = chain.store.put(new Uint8Array(8), [2]);
    const slice = { update: 0, firstElement: 0, elementCount: 3 };
    expect(() => first.run({ kind: "reduce-import", mode: "add", tensor, ...slice })).toThrow(
      "invalid length: 8 bytes (expected 12)",
    );
    chain.store.release(tensor);
    expect(() => first.run({ kind: "reduce-import", mode: "add", tensor, ...slice })).toThrow("unknown tensor");
    chain.dispose();
  });

  test("when memory runs out, and goes on as before once there is some", async () => {
    let left = Number.POSITIVE_INFINITY;
    const scarce: Backend = {
      ...backend,
      matMul: (...args) => {
        left -= 1;
        if (left < 0) throw new Error("OOM when allocating tensor with shape[8,8]");
        return backend.matMul(...args);
      },
    };
    const plain = new Chain();
    const chain = new Chain({ on: scarce });
    await plain.open();
    await chain.open();
    const [first] = chain.computes;
    const tensors = () => backend.tf.memory().numTensors;
    for (let allowed = 0; allowed < 4; allowed++) {
      const before = tensors();
      left = allowed;
      expect(() => first.run({ kind: "forward", ...id })).toThrow("out of memory: OOM when allocating");
      expect(tensors()).toBe(before);
    }
    left = Number.POSITIVE_INFINITY;
    const { output } = await first.run({ kind: "forward", ...id });
    for (let allowed = 0; allowed < 8; allowed++) {
      const before = tensors();
      left = allowed;
      expect(() => first.run({ kind: "backward", gradient: output as TensorRef, ...id })).toThrow("out of memory: ");
      expect(tensors()).toBe(before);
    }
    left = Number.POSITIVE_INFINITY;
    await first.run({ kind: "discard" });
    expect(await digestsOf(chain, 0, 2)).toEqual(await digestsOf(plain, 0, 2));
    chain.dispose();
    plain.dispose();
  });
});
