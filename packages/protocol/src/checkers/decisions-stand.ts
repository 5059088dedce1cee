/** A decision that workers have heard of is never taken back, unless those who hold a stage are lost. */
import type { TimedRecord } from "@shardlab/contracts";
import type { ProtocolMessage } from "../messages.ts";
import type { Checker, Delivery } from "./checker.ts";

export class DecisionsStand implements Checker {
  readonly name = "decisions stand";
  private readonly mayLoseHolders: boolean;
  private decided = 0;
  private readonly found: string[] = [];

  /** @param mayLoseHolders whether workers can be lost, or seem lost, in this run; then going back is no fault */
  constructor(mayLoseHolders: boolean) {
    this.mayLoseHolders = mayLoseHolders;
  }

  delivered({ message }: Delivery): void {
    const said = message as ProtocolMessage;
    if (said.kind !== "plan" || said.decision === null) return;
    this.decided = Math.max(this.decided, said.decision.span + said.decision.updates);
  }

  record({ record }: TimedRecord): void {
    if (record.kind !== "restart" || record.version >= this.decided) return;
    if (!this.mayLoseHolders) this.found.push(`back to version ${record.version} after ${this.decided} was decided`);
    this.decided = record.version;
  }

  faults(): readonly string[] {
    return this.found;
  }
}
