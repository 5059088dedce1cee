/**
 * tfjs on WebGPU, by Dawn of the npm package `webgpu`: any GPU with a Vulkan driver, of NVIDIA, AMD or Intel. Reading waits
 * for the GPU, so that it is asynchronous. tfjs looks for WebGPU while it is imported, which is why the globals come first.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend, BackendOptions } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { gpuIndex } from "./device.ts";
import { readManifest, requireInstalled } from "./installed-backend.ts";
import { engineBackend, startEngine } from "./tfjs-engine.ts";

/** What of WebGPU is used here; its types belong to browsers. */
interface Gpu {
  requestAdapter(options: { readonly powerPreference: "high-performance" }): Promise<Adapter | null>;
}
interface Adapter {
  readonly info: { readonly vendor: string; readonly device: string; readonly description: string };
}
interface Dawn {
  create(options: readonly string[]): Gpu;
  readonly globals: object;
}

const namedAdapter = /^adapter=(.+)$/;

export async function openDriver({ device, folder, allowSoftware = true }: BackendOptions): Promise<Backend> {
  const name = namedAdapter.exec(device ?? "")?.[1];
  // Dawn picks by name or by itself, and numbers none.
  if (name === undefined && gpuIndex("webgpu", device) > 0)
    throw new BackendError(`no such device for webgpu: ${device} (gpu:0, or adapter=NAME)`);
  const installed = requireInstalled("webgpu", folder);
  const gpu = await createGpu(installed, name);
  const adapter = await findAdapter(gpu, name);
  const { description, vendor } = adapter.info;
  const shown = description || vendor || "unknown";
  if (!allowSoftware && /llvmpipe|lavapipe|swiftshader|software/i.test(shown))
    throw new BackendError(`no GPU for webgpu: ${shown} computes in software (choose the kind webgpu to use it)`);

  showGpu(gpu);
  const { default: tf } = await import("@tensorflow/tfjs-core");
  await import("@tensorflow/tfjs-backend-webgpu");
  await startEngine(tf, "webgpu");
  return engineBackend({
    ...{ tf, kind: "webgpu", engine: "webgpu", isSynchronous: false, broadcastsBatches: false },
    device: `gpu:0 (${shown})`,
    version: `tfjs ${tf.version_core}, Dawn ${readManifest(installed).packageVersion}`,
    // As long as Dawn is referred to, the process does not end.
    release: hideGpu,
  });
}

async function createGpu(installed: string, name: string | undefined): Promise<Gpu> {
  try {
    const main = createRequire(join(installed, "package.json")).resolve("webgpu");
    const { create, globals } = (await import(pathToFileURL(main).href)) as Dawn;
    Object.assign(globalThis, globals);
    return create(name === undefined ? [] : [`adapter=${name}`]);
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new BackendError(`backend does not load: webgpu: ${line} (run: npx shardlab backend install webgpu --force)`);
  }
}

/** Dawn says with an error, and otherwise with null, that it has none. */
async function findAdapter(gpu: Gpu, name: string | undefined): Promise<Adapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (adapter !== null) return adapter;
  if (name !== undefined) throw new BackendError(`no such device for webgpu: adapter=${name} (vulkaninfo lists names)`);
  throw new BackendError("no GPU for webgpu: no adapter (install the GPU's Vulkan driver and libvulkan1)");
}

/** Newer versions of Node have a navigator of their own, without a GPU. */
function showGpu(gpu: Gpu): void {
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true, writable: true });
}

function hideGpu(): void {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });
}
