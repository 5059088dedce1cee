/** Messages of plans that this worker has not got yet: its neighbours are ahead. */
import type { NodeId, RoleHost } from "@shardlab/contracts";
import type {
  BoundaryMessage,
  GradientMessage,
  ReceiptMessage,
  ReductionMessage,
  SnapshotMessage,
} from "../messages.ts";

/** How a message's attempt stands to the worker's: an earlier one, the present one, or one that it has no plan for yet. */
export type Standing = "stale" | "present" | "early";

/** What workers say to one another within an attempt at a span. */
export type SpanMessage = BoundaryMessage | GradientMessage | ReceiptMessage | ReductionMessage | SnapshotMessage;

/** More than neighbours can have under way; beyond it the oldest go, and an attempt that misses them is made again. */
const maximumKept = 16_384;

export class EarlyMessages {
  private readonly host: RoleHost;
  private kept: { readonly from: NodeId; readonly message: SpanMessage }[] = [];

  constructor(host: RoleHost) {
    this.host = host;
  }

  keep(from: NodeId, message: SpanMessage): void {
    if (this.kept.length >= maximumKept) this.drop(this.kept.shift()?.message);
    this.kept.push({ from, message });
  }

  /** Delivers what belongs to the present plan, drops what is stale, and keeps the rest. */
  replay(standingOf: (message: SpanMessage) => Standing, deliver: (from: NodeId, message: SpanMessage) => void): void {
    const kept = this.kept;
    this.kept = [];
    for (const { from, message } of kept) {
      const standing = standingOf(message);
      if (standing === "present") deliver(from, message);
      else if (standing === "early") this.kept.push({ from, message });
      else this.drop(message);
    }
  }

  release(): void {
    for (const { message } of this.kept) this.drop(message);
    this.kept = [];
  }

  private drop(message: SpanMessage | undefined): void {
    if (message?.tensor !== undefined) this.host.release(message.tensor);
  }
}
