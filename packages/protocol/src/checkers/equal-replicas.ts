/** Replicas of a stage are bitwise equal after each update whose digests they tell. */
import type { TimedRecord } from "@shardlab/contracts";
import type { Checker } from "./checker.ts";

export class EqualReplicas implements Checker {
  readonly name = "equal replicas";
  private readonly digests = new Map<string, { digest: string; node: number }>();
  private readonly restarts: { readonly version: number; readonly attempt: number }[] = [];
  private readonly found: string[] = [];

  record({ record }: TimedRecord): void {
    if (record.kind === "restart") this.forget(record.version, record.attempt);
    if (record.kind !== "weights" || this.isUndone(record.update, record.attempt)) return;
    const key = `${record.update}/${record.stage}`;
    const first = this.digests.get(key);
    if (first === undefined) this.digests.set(key, { digest: record.digest, node: record.node });
    else if (first.digest !== record.digest) {
      this.found.push(`stage ${record.stage} after update ${record.update}: ${record.node} differs from ${first.node}`);
    }
  }

  faults(): readonly string[] {
    return this.found;
  }

  /** Who hears late of a decision tells what was undone meanwhile. */
  private isUndone(update: number, attempt = Number.POSITIVE_INFINITY): boolean {
    return this.restarts.some((restart) => update >= restart.version && attempt < restart.attempt);
  }

  /** Updates that are undone may come out differently. */
  private forget(version: number, attempt: number): void {
    this.restarts.push({ version, attempt });
    for (const key of [...this.digests.keys()]) if (Number(key.split("/")[0]) >= version) this.digests.delete(key);
  }
}
