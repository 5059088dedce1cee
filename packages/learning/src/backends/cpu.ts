/** tfjs in plain JavaScript: there everywhere, slow, and what the other backends are compared with. */
import type { Backend, BackendOptions } from "./backend.ts";
import { requireCpu } from "./device.ts";
import { engineBackend, startEngine } from "./tfjs-engine.ts";

export async function openDriver({ device }: BackendOptions): Promise<Backend> {
  requireCpu("cpu", device);
  const { default: tf } = await import("@tensorflow/tfjs-core");
  const { version_cpu } = (await import("@tensorflow/tfjs-backend-cpu")).default;
  await startEngine(tf, "cpu");
  // It would recommend another backend.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return engineBackend({
    ...{ tf, kind: "cpu", engine: "cpu", device: "cpu", isSynchronous: true, broadcastsBatches: false },
    version: `tfjs ${version_cpu}`,
  });
}
