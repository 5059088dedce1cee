import type { Backend, BackendOptions } from "./backend.ts";
export async function openDriver(_options: BackendOptions): Promise<Backend> {
  throw new Error("backend not installed: tensorflow (run: npx shardlab backend install tensorflow)");
}
