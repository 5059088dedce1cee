/** Groups of nodes with equal access links, as files declare them, and the nodes that they stand for. */
import { count, quantity, share, unknownName } from "@shardlab/contracts";
import { z } from "zod";
import type { Jitter } from "../link-jitter.ts";
import type { NetworkNode } from "../topology.ts";

/** Delay that varies from message to message; times at each end. */
const jitterSpec = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("uniform"), maximum: quantity("duration", { min: "0 s" }) }),
  z.strictObject({ kind: z.literal("exponential"), mean: quantity("duration", { min: "0 s" }) }),
  z.strictObject({
    kind: z.literal("log-normal"),
    median: quantity("duration", { min: "0 s" }),
    sigma: z.number().min(0).max(10),
  }),
]);
type JitterSpec = z.output<typeof jitterSpec>;

/**
 * Nodes behind equal access links: capacities of payload up and down, one-way `latency` of the access link, its `jitter` and
 * the share of packets that it loses.
 */
export const nodeGroupSpec = z.strictObject({
  group: z.string().min(1),
  count: count({ min: 1, max: 1e6 }).refine(Number.isInteger, { error: "expected a whole number" }).default(1),
  up: quantity("dataRate", { above: "0 bit/s" }),
  down: quantity("dataRate", { above: "0 bit/s" }),
  latency: quantity("duration", { min: "0 s" }).prefault("0 s"),
  jitter: jitterSpec.default({ kind: "none" }),
  loss: share().default(0),
});
export type NodeGroup = z.output<typeof nodeGroupSpec>;

/** A refinement for lists of groups: no group twice. */
export function refuseRepeatedGroups(groups: readonly { readonly group: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { group }] of groups.entries()) {
    if (seen.has(group)) context.addIssue({ code: "custom", path: [i, "group"], message: `repeated group: ${group}` });
    seen.add(group);
  }
}

/** Adds an issue for a name that is none of `known`. */
export function refuseUnknown(
  noun: string,
  { name, known, path }: { name: string; known: readonly string[]; path: (string | number)[] },
  context: z.RefinementCtx,
): void {
  if (!known.includes(name)) context.addIssue({ code: "custom", path, message: unknownName(noun, name, known) });
}

/** All nodes, group after group; nodes of one group share one object. */
export function nodesOf(groups: readonly (NodeGroup & { readonly region?: string })[]): NetworkNode[] {
  return groups.flatMap((declared) => {
    const { group, region, up, down, latency, jitter, loss } = declared;
    const node: NetworkNode = {
      group,
      ...(region === undefined ? {} : { region }),
      uplinkBytesPerSecond: up,
      downlinkBytesPerSecond: down,
      latencySeconds: latency,
      jitter: jitterOf(jitter),
      lossRate: loss,
    };
    return Array<NetworkNode>(declared.count).fill(node);
  });
}

function jitterOf(spec: JitterSpec): Jitter {
  if (spec.kind === "uniform") return { kind: spec.kind, maximumSeconds: spec.maximum };
  if (spec.kind === "exponential") return { kind: spec.kind, meanSeconds: spec.mean };
  if (spec.kind === "log-normal") return { kind: spec.kind, medianSeconds: spec.median, sigma: spec.sigma };
  return spec;
}
