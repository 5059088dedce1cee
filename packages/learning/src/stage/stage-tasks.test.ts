/** Tasks of a worker one by one: what is remembered, returned to, written and stashed. */
import type { TensorRef } from "@shardlab/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { Chain, digestsOf, lossy, model, rounding, training } from "../fixtures/stage-chain.ts";
import { modelSpec } from "../spec.ts";
import { UnshardedTrainer } from "../unsharded-trainer.ts";
import { MemoryCheckpointStore } from "./checkpoint-store.ts";
import { bytesOfFloats, floatsOfBytes } from "./float-bytes.ts";
import { readShard, writeShard } from "./shard-file.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "cpu" });
});
afterAll(() => backend.dispose());

describe("what a worker remembers", () => {
  const tied = modelSpec.parse({ ...model, head: "tied" });

  test.each([
    ["untied", model],
    ["tied", tied],
  ])("a gradient is the sum of those sent, in order, and what was rounded off comes later: %s", async (_name, of) => {
    const chain = new Chain({ on: backend, stages: 1, gradients: rounding(0.25), of });
    const [compute] = chain.computes;
    const { elementCount = 0 } = await compute.run({
      ...{ kind: "open", stage: 0, stages: 1, source: { from: "initial" } },
    });
    await chain.passes(0);
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

  test("microbatches add to what was exported, and to what was imported", async () => {
    const chain = new Chain({ on: backend, stages: 1 });
    const [compute] = chain.computes;
    const { elementCount = 0 } = await compute.run({
      ...{ kind: "open", stage: 0, stages: 1, source: { from: "initial" } },
    });
    const slice = { update: 0, firstElement: 0, elementCount };
    const flat = async () =>
      floatsOfBytes(chain.store.bytesOf((await compute.run({ kind: "reduce-export", ...slice })).output as TensorRef));
    // Nothing yet.
    expect(await flat()).toEqual(new Float32Array(elementCount));
    await chain.passes(0);
    const once = await flat();
    await chain.passes(0);
    expect(await flat()).toEqual(once.map((value) => value + value));
    const tensor = chain.store.put(bytesOfFloats(once), [elementCount]);
    await compute.run({ kind: "reduce-import", mode: "add", tensor, ...slice });
    const thrice = once.map((value) => Math.fround(value + value) + value);
    expect(await flat()).toEqual(thrice);
    await compute.run({ kind: "reduce-import", mode: "replace", tensor, ...slice });
    expect(await flat()).toEqual(once);
    await chain.passes(0);
    expect(await flat()).toEqual(once.map((value) => value + value));
    chain.dispose();
  });

  test("discarding returns to the mark, encoders and all", async () => {
    const straight = new Chain({ ...lossy, on: backend });
    await straight.open();
    const expected = await digestsOf(straight, 0, 4);
    const broken = new Chain({ ...lossy, on: backend });
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
    const plain = new Chain({ ...lossy, on: backend });
    const evaluated = new Chain({ ...lossy, on: backend });
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
    const straight = new Chain({ ...lossy, on: backend, checkpoints });
    await straight.open();
    await digestsOf(straight, 0, 3);
    for (const compute of straight.computes) {
      const { bytes, digest } = await compute.run({ kind: "checkpoint", version: 3 });
      expect(bytes).toBeGreaterThan(1000);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }
    const expected = await digestsOf(straight, 3, 6);
    const resumed = new Chain({ ...lossy, on: backend, checkpoints });
    await resumed.open(() => ({ from: "checkpoint", version: 3 }));
    expect(await digestsOf(resumed, 3, 6)).toEqual(expected);
    // And so once more without an update in between.
    for (const compute of resumed.computes) await compute.run({ kind: "checkpoint", version: 6 });
    const again = new Chain({ ...lossy, on: backend, checkpoints });
    await again.open(() => ({ from: "checkpoint", version: 6 }));
    expect(await digestsOf(again, 6, 8)).toEqual(await digestsOf(straight, 6, 8));
    for (const chain of [straight, resumed, again]) chain.dispose();
  });

  test("a snapshot makes another holder of the stage", async () => {
    const before = backend.tf.memory().numTensors;
    const chain = new Chain({ on: backend });
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

  test("what encoders remember is theirs who wrote it: a checkpoint brings it back, a replica's snapshot does not", async () => {
    const chain = new Chain({ ...lossy, on: backend });
    await chain.open();
    await digestsOf(chain, 0, 2);
    const [first] = chain.computes;
    const streams = async () => {
      const { output } = await first.run({ kind: "snapshot" });
      const names = [...readShard(chain.store.bytesOf(output as TensorRef)).tensors.keys()];
      return { output: output as TensorRef, encoders: names.filter((name) => name.startsWith("encoder ")) };
    };
    await first.run({ kind: "checkpoint", version: 2 });
    const { output, encoders } = await streams();
    // One stream of activations, and one for each parameter's gradient.
    expect(encoders.length).toBe(1 + 5 + 2);
    const open = { kind: "open", stage: 0, stages: 2 } as const;
    await first.run({ ...open, source: { from: "snapshot", version: 2, tensor: output } });
    expect((await streams()).encoders).toEqual([]);
    await first.run({ ...open, source: { from: "checkpoint", version: 2 } });
    expect((await streams()).encoders.sort()).toEqual(encoders.sort());
    const other = new Chain({ ...lossy, on: backend, checkpoints: chain.checkpoints, owner: "another" });
    const [heir] = other.computes;
    await heir.run({ ...open, source: { from: "checkpoint", version: 2 } });
    const taken = (await heir.run({ kind: "snapshot" })).output as TensorRef;
    const names = [...readShard(other.store.bytesOf(taken)).tensors.keys()];
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name.startsWith("encoder "))).toEqual([]);
    chain.dispose();
    other.dispose();
  });

  test("shards are read back as written, and damage is noticed", () => {
    const tensors = new Map([
      ["weights a", Float32Array.of(1, -0, Number.NaN)],
      ["weights ü", new Float32Array(0)],
    ]);
    const contents = { stage: 1, stages: 3, version: 7, optimizer: "sgd", owner: "worker-1", tensors };
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
  const chain = new Chain({ on: backend });
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
