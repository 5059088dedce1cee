/** No update is lost or decided twice: they come one after the other, and go back only where the coordinator says so. */
import type { TimedRecord } from "@shardlab/contracts";
import type { CheckedRun, Checker } from "./checker.ts";

export class UpdateOrder implements Checker {
  readonly name = "update order";
  private readonly run: CheckedRun;
  private next = 0;
  private attempt = 0;
  private readonly found: string[] = [];

  constructor(run: CheckedRun) {
    this.run = run;
  }

  record({ record }: TimedRecord): void {
    if (record.kind === "restart") this.restart(record.version, record.attempt);
    if (record.kind !== "update") return;
    if (record.update !== this.next) this.found.push(`update ${record.update} decided where ${this.next} was next`);
    if (record.attempt < this.attempt)
      this.found.push(`update ${record.update} decided in old attempt ${record.attempt}`);
    this.next = record.update + 1;
  }

  faults(): readonly string[] {
    const isWhole = this.next === this.run.updates;
    return isWhole ? this.found : [...this.found, `ended after ${this.next} of ${this.run.updates} updates`];
  }

  private restart(version: number, attempt: number): void {
    if (attempt <= this.attempt) this.found.push(`attempt ${attempt} begun after ${this.attempt}`);
    this.attempt = attempt;
    if (version > this.next) this.found.push(`restart at version ${version} after ${this.next} updates`);
    this.next = Math.min(this.next, version);
  }
}
