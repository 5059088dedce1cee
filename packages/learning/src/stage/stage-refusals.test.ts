/** What a worker refuses, and what it does on a backend that answers later. */
import type { TensorRef } from "@shardlab/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { Chain, digestsOf, lossy } from "../fixtures/stage-chain.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "cpu" });
});
afterAll(() => backend.dispose());

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
    const now = new Chain({ ...lossy, on: backend });
    const asynchronous = new Chain({ ...lossy, on: later() });
    await now.open();
    await asynchronous.open();
    expect(await digestsOf(asynchronous, 0, 3)).toEqual(await digestsOf(now, 0, 3));
    now.dispose();
    asynchronous.dispose();
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  test("does its tasks in the order in which they were asked for", async () => {
    const now = new Chain({ on: backend, stages: 1 });
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
    const chain = new Chain({ on: backend });
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
    const plain = new Chain({ on: backend });
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
