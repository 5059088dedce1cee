/**
 * TensorFlow's C library through `@tensorflow/tfjs-node`, in the form in which `install/` leaves it. What is in its way is
 * dealt with here:
 * - Threads, log level and visible GPUs are read by the library from the environment of the process. In a worker thread
 *   `process.env` is a copy that the library never sees, so that a small addon sets them.
 * - tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 took away.
 * - It looks for its binding with node-pre-gyp, which takes the arguments of the process, such as `--directory`, for its own.
 * - tfjs-node brings a tfjs-core of its own, in every thread that loads it; the number of threads is that of the first.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import type { BackendKind, Tfjs } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { readManifest } from "./installed-backend.ts";

export interface TensorflowLibrary {
  readonly tf: Tfjs;
  readonly version: string;
  readonly isUsingGpu: boolean;
}

/** The parts of tfjs-node's backend that no type declares. */
interface NodeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

interface EnvironmentAddon {
  set(name: string, value: string): void;
  mute(): void;
  unmute(): void;
}

export interface TensorflowSettings {
  readonly threads: number;
  /** Number of the GPU to use; undefined for none. */
  readonly gpu: number | undefined;
}

function environment({ threads, gpu }: TensorflowSettings): Record<string, string> {
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    // Errors reach us as exceptions; the rest is greetings.
    TF_CPP_MIN_LOG_LEVEL: "3",
    // Same bits whenever asked again, where an operation has such a way.
    TF_DETERMINISTIC_OPS: "1",
    CUDA_VISIBLE_DEVICES: gpu === undefined ? "-1" : String(gpu),
    // Several workers share a GPU, and by default the first takes all its memory.
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    // Products of float32 in float32, not in the ten bits of TF32.
    NVIDIA_TF32_OVERRIDE: "0",
  };
}

/** Loads the library that was installed in `folder`. @throws BackendError `backend does not load: KIND: ...`. */
export function loadTensorflow(kind: BackendKind, folder: string, settings: TensorflowSettings): TensorflowLibrary {
  const require = createRequire(join(folder, "package.json"));
  try {
    const addon = require("./environment.node") as EnvironmentAddon;
    for (const [name, value] of Object.entries(environment(settings))) addon.set(name, value);
    restoreUtil(require("node:util") as Record<string, unknown>);
    const tf = quietly(addon, () => require("@tensorflow/tfjs-node") as Tfjs);
    // The one that computes is another one, or none, where this is not the first to be opened in the process.
    const backend = tf.findBackend("tensorflow") as unknown as NodeBackend;
    const version = `tfjs-node ${readManifest(folder).packageVersion}, TensorFlow ${backend.binding.TF_Version}`;
    return { tf, version, isUsingGpu: backend.isUsingGpuDevice };
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new BackendError(
      `backend does not load: ${kind}: ${line} (run: npx shardlab backend install ${kind} --force)`,
    );
  }
}

function restoreUtil(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function quietly<T>(addon: EnvironmentAddon, load: () => T): T {
  const given = process.argv;
  process.argv = given.slice(0, 2);
  addon.mute();
  try {
    return load();
  } finally {
    addon.unmute();
    process.argv = given;
  }
}
