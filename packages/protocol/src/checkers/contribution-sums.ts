/** Contributions are the work done: at every stage, those to an update that stays add up to its microbatches, once. */
import type { TimedRecord } from "@shardlab/contracts";
import type { CheckedRun, Checker } from "./checker.ts";

export class ContributionSums implements Checker {
  readonly name = "contribution sums";
  private readonly run: CheckedRun;
  /** Microbatches by update and stage, of updates that were not undone. */
  private readonly sums = new Map<number, Float64Array>();
  /** Update of each contribution that stays, by node, update and attempt. */
  private readonly seen = new Map<string, number>();
  private readonly found: string[] = [];

  constructor(run: CheckedRun) {
    this.run = run;
  }

  record({ record }: TimedRecord): void {
    if (record.kind === "restart") this.forget(record.version);
    if (record.kind !== "contribution") return;
    const key = `${record.node}/${record.update}/${record.attempt}`;
    if (this.seen.has(key)) this.found.push(`contribution told twice: ${key}`);
    this.seen.set(key, record.update);
    if (!record.isCommitted) return;
    let sums = this.sums.get(record.update);
    if (sums === undefined) {
      sums = new Float64Array(this.run.stages);
      this.sums.set(record.update, sums);
    }
    sums[record.stage] += record.microbatches;
  }

  private forget(version: number): void {
    for (const update of [...this.sums.keys()]) if (update >= version) this.sums.delete(update);
    for (const [key, update] of [...this.seen]) if (update >= version) this.seen.delete(key);
  }

  faults(): readonly string[] {
    const { updates, stages, microbatches } = this.run;
    const found = [...this.found];
    for (let update = 0; update < updates; update++) {
      for (let stage = 0; stage < stages; stage++) {
        const sum = this.sums.get(update)?.[stage] ?? 0;
        if (sum !== microbatches)
          found.push(`stage ${stage} of update ${update}: ${sum} of ${microbatches} microbatches`);
      }
    }
    return found;
  }
}
