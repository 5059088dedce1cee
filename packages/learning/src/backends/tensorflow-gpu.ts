import type { Backend, BackendOptions } from "./backend.ts";
export async function openDriver(_options: BackendOptions): Promise<Backend> {
  throw new Error("backend not installed: tensorflow-gpu (run: npx shardlab backend install tensorflow-gpu)");
}
