/** The coordinator: who is there, who does what, and which attempt counts. It never holds a weight. */
import type { Plain, Role, RoleHost } from "@shardlab/contracts";
import type { CoordinatorSettings } from "../settings.ts";

/**
 * Node 0.
 * @param journal what this node persisted before, in order; empty at the beginning of a run. Entries before the last one
 * for which `isJournalSnapshot` holds may have been dropped.
 */
export function createCoordinator(_settings: CoordinatorSettings, _host: RoleHost, _journal: readonly Plain[]): Role {
  throw new Error("coordinator under construction");
}

/** Whether a journal entry makes all entries before it needless, so that a host may drop them. */
export function isJournalSnapshot(entry: Plain): boolean {
  return typeof entry === "object" && entry !== null && "kind" in entry && entry.kind === "snapshot";
}
