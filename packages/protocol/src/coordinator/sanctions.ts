/** What follows for workers that hold an attempt up, fail, or are blamed. */
import type { NodeId, RoleHost } from "@shardlab/contracts";
import type { BlameMessage } from "../messages.ts";
import type { FaultToleranceSpec } from "../spec.ts";
import type { Attempt } from "./attempt.ts";
import type { Member, Members } from "./members.ts";
import type { PartedPairs } from "./stalls.ts";

/** Strikes in a row after which a worker is left out for a while. */
const strikesAllowed = 1;
/** It is left out for the timeout times a power of two, up to this one. */
const maximumDoublings = 6;

export class Sanctions {
  private readonly faultTolerance: FaultToleranceSpec;
  private readonly host: RoleHost;
  private readonly members: Members;
  private readonly parted: PartedPairs;

  constructor(faultTolerance: FaultToleranceSpec, host: RoleHost, members: Members, parted: PartedPairs) {
    this.faultTolerance = faultTolerance;
    this.host = host;
    this.members = members;
    this.parted = parted;
  }

  /** An attempt ran out of time. @returns why, in a word */
  stalled(attempt: Attempt): string {
    const { slow, parted } = attempt.stalls(this.members);
    for (const pair of parted) this.part(pair);
    for (const node of slow) this.strike(node, "stalled");
    return parted.length > 0 ? "parted" : "stalled";
  }

  /** Warns a worker, or leaves it out for a while when it was warned before. */
  strike(node: NodeId, reason: string): void {
    const member = this.members.get(node);
    if (member === undefined) return;
    member.strikes += 1;
    if (member.strikes > strikesAllowed) this.exclude(member, reason);
  }

  /** Who is to blame cannot be said from here: the pair is kept apart, and who is blamed by two others is left out. */
  blame(by: NodeId, { node, reason }: BlameMessage): void {
    this.host.record({ kind: "blame", node, by, reason });
    this.part([node, by]);
    const blamed = this.members.get(node);
    if (blamed === undefined) return;
    blamed.blamedBy.add(by);
    blamed.strikes += 1;
    if (blamed.blamedBy.size > 1) this.exclude(blamed, reason);
  }

  private part(pair: readonly [NodeId, NodeId]): void {
    this.parted.add(pair, this.host.nowSeconds, this.faultTolerance.timeout);
  }

  private exclude(member: Member, reason: string): void {
    const seconds = this.faultTolerance.timeout * (1 << Math.min(member.strikes, maximumDoublings));
    member.excludedUntilSeconds = this.host.nowSeconds + seconds;
    this.host.record({ kind: "membership", node: member.node, change: "excluded", reason });
  }
}
