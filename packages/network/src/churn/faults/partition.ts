/**
 * Partition: now and then the network falls into groups that do not reach one another, until it heals.
 *
 * The group of a node in the n-th partition is the n-th draw of the node's own stream, so that it depends neither on who
 * else is there nor on when the node came; with fixed membership (regions, cables) it is the first draw in every partition.
 */
import { share } from "@shardlab/contracts";
import { priorities } from "@shardlab/des";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";
import type { DurationDistribution } from "../durations/duration-distribution.ts";
import { createDuration, durationSpec } from "../durations/registry.ts";
import { type Fault, type FaultContext, mostGroups } from "./fault.ts";

export const partitionSpec = z.strictObject({
  kind: z.literal("partition"),
  every: durationSpec.describe("from a heal to the next split, and from the start to the first"),
  lasts: durationSpec.describe("from a split to its heal"),
  shares: z
    .array(share())
    .min(2)
    .max(mostGroups)
    .refine((shares) => shares.some((part) => part > 0), { error: "expected at least one share above 0" })
    .prefault([0.5, 0.5])
    .describe("chance of a node to be in each group, relative to one another"),
  membership: z.enum(["random", "fixed"]).default("random").describe("drawn anew for each partition, or once"),
  limit: z.number().int().min(1).optional().describe("partitions in all; unlimited unless given"),
});
export type PartitionSpec = z.output<typeof partitionSpec>;

export function partition(spec: PartitionSpec, context: FaultContext): Fault {
  return new Partition(spec, context);
}

class Partition implements Fault {
  private readonly spec: PartitionSpec;
  private readonly context: FaultContext;
  private readonly every: DurationDistribution;
  private readonly lasts: DurationDistribution;
  private readonly times: RandomStream;
  /** Groups found out so far for the partition that `groups` is of. */
  private readonly groups = new Map<number, number>();
  private splits = 0;
  private isSplit = false;
  private readonly onSplit: () => void;
  private readonly onHeal: () => void;

  constructor(spec: PartitionSpec, context: FaultContext) {
    this.spec = spec;
    this.context = context;
    this.every = createDuration(spec.every);
    this.lasts = createDuration(spec.lasts);
    this.times = context.random("times");
    this.onSplit = () => {
      this.splits += 1;
      this.isSplit = true;
      context.report.split();
      context.loop.schedule(this.lasts.draw(this.times), this.onHeal, 0, priorities.urgent);
    };
    this.onHeal = () => {
      this.isSplit = false;
      if (spec.membership === "random") this.groups.clear();
      context.report.heal();
      this.start();
    };
  }

  start(): void {
    if (this.splits >= (this.spec.limit ?? Number.POSITIVE_INFINITY)) return;
    this.context.loop.schedule(this.every.draw(this.times), this.onSplit, 0, priorities.urgent);
  }

  meet(): void {}

  forget(node: number): void {
    this.groups.delete(node);
  }

  groupOf(node: number): number {
    if (!this.isSplit) return 0;
    const known = this.groups.get(node);
    if (known !== undefined) return known;
    const draw = this.spec.membership === "fixed" ? 0 : this.splits - 1;
    const group = groupAt(this.context.random("group", node).uniformAt(draw), this.spec.shares);
    this.groups.set(node, group);
    return group;
  }
}

/** The index whose part of [0, 1), in proportion to `shares`, holds `uniform`. */
function groupAt(uniform: number, shares: readonly number[]): number {
  const total = shares.reduce((sum, part) => sum + part, 0);
  let cumulative = 0;
  let group = 0;
  for (let i = 0; i < shares.length; i++) {
    if (shares[i] > 0) group = i;
    cumulative += shares[i];
    if (uniform * total < cumulative) break;
  }
  return group;
}
