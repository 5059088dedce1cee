/** TensorFlow's own kernels on an NVIDIA GPU. See `tensorflow-library.ts`. */

import type { Backend, BackendOptions } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { gpuIndex } from "./device.ts";
import { requireInstalled } from "./installed-backend.ts";
import { loadTensorflow } from "./tensorflow-library.ts";
import { engineBackend, startEngine } from "./tfjs-engine.ts";

export async function openDriver({ device, threads = 1, folder }: BackendOptions): Promise<Backend> {
  const gpu = gpuIndex("tensorflow-gpu", device);
  const installed = requireInstalled("tensorflow-gpu", folder);
  const { tf, version, isUsingGpu } = loadTensorflow("tensorflow-gpu", installed, { threads, gpu });
  // Without a driver or with a wrong number the library silently computes on the processor.
  if (!isUsingGpu) throw new BackendError(`no such GPU: gpu:${gpu} (nvidia-smi lists those that the driver sees)`);
  await startEngine(tf, "tensorflow");
  return engineBackend({
    ...{
      tf,
      kind: "tensorflow-gpu",
      engine: "tensorflow",
      device: `gpu:${gpu}`,
      version,
      isSynchronous: true,
      broadcastsBatches: true,
    },
  });
}
