/** Which checkpoints are whole. */
import type { CheckpointHeld } from "../messages.ts";
import type { DurableState } from "./journal.ts";

/** Whether a checkpoint, or a shard in memory, has seen updates that were undone since. */
export function isVoid(
  { version, attempt }: Pick<CheckpointHeld, "version" | "attempt">,
  { rollbacks }: Pick<DurableState, "rollbacks">,
): boolean {
  return rollbacks.some((rollback) => version > rollback.version && attempt < rollback.attempt);
}

/** Undoing the updates after `version` in `attempt`, added to the list: what it makes needless goes. */
export function withRollback(
  rollbacks: DurableState["rollbacks"],
  version: number,
  attempt: number,
): DurableState["rollbacks"] {
  return [...rollbacks.filter((earlier) => earlier.version < version), { version, attempt }].slice(-32);
}

/** Counts the stages of each version as they are written. */
export class CheckpointTracker {
  private readonly stages: number;
  /** Bytes of each stage, by version and stage. */
  private readonly written = new Map<number, Map<number, number>>();

  constructor(stages: number) {
    this.stages = stages;
  }

  /** @returns total bytes where this stage was the last one missing of its version */
  add({ version, stage, bytes }: CheckpointHeld): number | undefined {
    let byStage = this.written.get(version);
    if (byStage === undefined) {
      byStage = new Map();
      this.written.set(version, byStage);
    }
    if (byStage.has(stage)) return undefined;
    byStage.set(stage, bytes);
    if (byStage.size < this.stages) return undefined;
    return [...byStage.values()].reduce((sum, part) => sum + part, 0);
  }

  /** Forgets what was written of versions after `version`, or of those before `from`. */
  keep(from: number, version: number): void {
    for (const known of [...this.written.keys()]) if (known < from || known > version) this.written.delete(known);
  }
}
