/** Every backend, loaded when it is opened: each brings libraries of its own. */
import type { BackendKind, OpenDriver } from "./backend.ts";

export const drivers: Readonly<Record<BackendKind, () => Promise<OpenDriver>>> = {
  cpu: async () => (await import("./cpu.ts")).openDriver,
  wasm: async () => (await import("./wasm.ts")).openDriver,
  tensorflow: async () => (await import("./tensorflow.ts")).openDriver,
  webgpu: async () => (await import("./webgpu.ts")).openDriver,
  "tensorflow-gpu": async () => (await import("./tensorflow-gpu.ts")).openDriver,
};
