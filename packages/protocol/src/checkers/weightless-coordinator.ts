/** The coordinator never gets a tensor. */
import { coordinatorNode } from "@shardlab/contracts";
import type { Checker, Delivery } from "./checker.ts";

export class WeightlessCoordinator implements Checker {
  readonly name = "weightless coordinator";
  private readonly found: string[] = [];

  delivered({ from, to, message }: Delivery): void {
    if (to === coordinatorNode && message.tensor !== undefined)
      this.found.push(`${message.kind} with a tensor from ${from}`);
  }

  faults(): readonly string[] {
    return this.found;
  }
}
