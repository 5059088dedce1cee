/** A worker: holds one shard, does the passes of its microbatches, and agrees with its replicas. */
import type { Plain, Role, RoleHost } from "@shardlab/contracts";
import type { WorkerSettings } from "../settings.ts";

export interface WorkerRole extends Role {
  /** Announces that this worker wants to go; it finishes when its shard is in other hands. */
  leave(): void;
}

/** @param journal what this worker persisted in its earlier lives on the same disk: the checkpoints that it can open. */
export function createWorker(_settings: WorkerSettings, _host: RoleHost, _journal: readonly Plain[] = []): WorkerRole {
  throw new Error("worker under construction");
}
