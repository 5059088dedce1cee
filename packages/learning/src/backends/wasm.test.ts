import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "./backend.ts";
import { openBackend } from "./open-backend.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "wasm" });
});
afterAll(() => backend.dispose());

test("a full memory is an error, and it computes on afterwards", async () => {
  const { tf } = backend;
  // More than one tensor may have, and more than can be addressed.
  for (const bytes of [2.4e9, 4.4e9])
    expect(() => tf.fill([1000, bytes / 4000], 1)).toThrow(`out of memory: ${bytes} bytes more on wasm`);
  expect(tf.memory().numTensors).toBe(0);
  expect([...(await backend.read(tf.fill([2], 3)))]).toEqual([3, 3]);
});

test("one-hot rows of floats are not zeros", async () => {
  const { tf } = backend;
  const rows = tf.tidy(() => tf.oneHot(tf.tensor1d([1, 0], "int32"), 3, 5, -1, "float32"));
  expect([...(await backend.read(rows))]).toEqual([-1, 5, -1, 5, -1, -1]);
});
