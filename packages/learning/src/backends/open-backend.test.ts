import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "./backend.ts";
import { openBackend } from "./open-backend.ts";

let backend: Backend | undefined;
afterEach(() => {
  backend?.dispose();
  backend = undefined;
});

describe("opening a backend", () => {
  test.each(["cpu", "wasm"] as const)("%s multiplies, and opens again once disposed of", async (kind) => {
    for (let round = 0; round < 2; round++) {
      backend = await openBackend({ kind });
      const { tf } = backend;
      const product = backend.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]), false, true);
      expect([backend.kind, backend.device, [...(await backend.read(product))]]).toEqual([
        kind,
        "cpu",
        [17, 23, 39, 53],
      ]);
      backend.dispose();
    }
    backend = undefined;
  });

  test("a process has one backend", async () => {
    backend = await openBackend({ kind: "cpu" });
    await expect(openBackend({ kind: "wasm" })).rejects.toThrow("backend already open: cpu");
  });

  test("devices and kinds that are not there are refused", async () => {
    await expect(openBackend({ kind: "wasm", device: "gpu:0" })).rejects.toThrow("no such device for wasm: gpu:0");
    await expect(openBackend({ kind: "tpu" as "cpu" })).rejects.toThrow("unknown backend: tpu (cpu, wasm,");
  });
});
