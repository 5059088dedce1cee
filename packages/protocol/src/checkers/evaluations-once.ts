/** Each version that is evaluated is told once, unless it was undone and made again. */
import type { TimedRecord } from "@shardlab/contracts";
import type { Checker } from "./checker.ts";

export class EvaluationsOnce implements Checker {
  readonly name = "evaluations once";
  private readonly versions = new Set<number>();
  private readonly found: string[] = [];

  record({ record }: TimedRecord): void {
    if (record.kind === "restart") {
      for (const version of [...this.versions]) if (version >= record.version) this.versions.delete(version);
    }
    if (record.kind !== "evaluation") return;
    if (this.versions.has(record.version)) this.found.push(`version ${record.version} evaluated twice`);
    this.versions.add(record.version);
  }

  faults(): readonly string[] {
    return this.found;
  }
}
