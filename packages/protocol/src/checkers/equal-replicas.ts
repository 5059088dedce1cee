/** Replicas of a stage are bitwise equal after each update whose digests they tell. */
import type { TimedRecord } from "@shardlab/contracts";
import type { Checker } from "./checker.ts";

export class EqualReplicas implements Checker {
  readonly name = "equal replicas";
  private readonly digests = new Map<string, { digest: string; node: number }>();
  private readonly found: string[] = [];

  record({ record }: TimedRecord): void {
    if (record.kind === "restart") this.forget(record.version);
    if (record.kind !== "weights") return;
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

  /** Updates that are undone may come out differently. */
  private forget(version: number): void {
    for (const key of [...this.digests.keys()]) if (Number(key.split("/")[0]) >= version) this.digests.delete(key);
  }
}
