/**
 * tfjs in WebAssembly SIMD: comes with npm, and is the default. One thread, and no fused multiply-add, so that results
 * are the same bits on every machine.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Backend, BackendOptions, Tfjs } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { requireCpu } from "./device.ts";
import { engineBackend, startEngine } from "./tfjs-engine.ts";
import { replaceMatrixProduct } from "./wasm-matrix-product.ts";
import { replaceOneHot } from "./wasm-one-hot.ts";
import { replaceReverse } from "./wasm-reverse.ts";

export async function openDriver({ device }: BackendOptions): Promise<Backend> {
  requireCpu("wasm", device);
  const { default: tf } = await import("@tensorflow/tfjs-core");
  const { setWasmPaths, version_wasm } = (await import("@tensorflow/tfjs-backend-wasm")).default;
  // Threads would add up sums in the order of their number.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(main)}/`);
  replaceMatrixProduct(tf);
  replaceOneHot(tf);
  replaceReverse(tf);
  await startEngine(tf, "wasm");
  refuseFullMemory(tf);
  return engineBackend({
    ...{ tf, kind: "wasm", engine: "wasm", device: "cpu", isSynchronous: true, broadcastsBatches: true },
    version: `tfjs ${version_wasm}`,
  });
}

interface Allocator {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** Larger ones are taken for negative, and given memory that is not theirs. */
const largestBytes = 2 ** 31;

/** tfjs takes the null pointer that it gets from a full memory for a place to write to, and computes on. */
function refuseFullMemory(tf: Tfjs): void {
  const { wasm } = tf.backend() as unknown as { readonly wasm: Allocator };
  // The first call puts another function in its own place.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = bytes < largestBytes ? allocate(bytes) : 0;
    if (pointer === 0)
      throw new BackendError(`out of memory: ${bytes} bytes more on wasm, which holds 4 GiB, and 2 in one tensor`);
    return pointer;
  };
}
