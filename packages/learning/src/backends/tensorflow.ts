/** TensorFlow's own kernels on the processor: the fastest without a GPU. See `tensorflow-library.ts`. */
import type { Backend, BackendOptions } from "./backend.ts";
import { requireCpu } from "./device.ts";
import { requireInstalled } from "./installed-backend.ts";
import { loadTensorflow } from "./tensorflow-library.ts";
import { engineBackend, startEngine } from "./tfjs-engine.ts";

export async function openDriver({ device, threads = 1, folder }: BackendOptions): Promise<Backend> {
  requireCpu("tensorflow", device);
  const installed = requireInstalled("tensorflow", folder);
  const { tf, version } = loadTensorflow("tensorflow", installed, { threads, gpu: undefined });
  await startEngine(tf, "tensorflow");
  return engineBackend({
    ...{
      tf,
      kind: "tensorflow",
      engine: "tensorflow",
      device: "cpu",
      version,
      isSynchronous: true,
      broadcastsBatches: true,
    },
  });
}
