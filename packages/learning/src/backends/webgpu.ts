import type { Backend, BackendOptions } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
export async function openDriver(_options: BackendOptions): Promise<Backend> {
  throw new BackendError("backend not installed: webgpu (run: npx shardlab backend install webgpu)");
}
