/** Full mesh: every group of nodes reaches every other by a way of its own, with its own latency, loss and capacity. */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import type { Topology } from "../topology.ts";
import { nodeGroupSpec, nodesOf, refuseRepeatedGroups, refuseUnknown } from "./node-groups.ts";
import { type Pairing, pairwiseRoutes } from "./pairwise-routes.ts";

const pairSpec = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** One way, without the access links. */
  latency: quantity("duration", { min: "0 s" }),
  loss: share().default(0),
  /** Of a link shared by all that goes this way; no bound of its own unless given. */
  capacity: quantity("dataRate", { above: "0 bit/s" }).optional(),
});

/**
 * `between` holds for both directions, each with its own capacity, unless the reverse is listed too. Pairs that are not
 * listed have the common `latency`. For a latency per pair of nodes, declare groups of one.
 */
export const fullMeshSpec = z
  .strictObject({
    kind: z.literal("full-mesh"),
    nodes: z.array(nodeGroupSpec).min(1).superRefine(refuseRepeatedGroups),
    latency: quantity("duration", { min: "0 s" }).prefault("0 s"),
    between: z.array(pairSpec).default([]),
  })
  .superRefine(({ nodes, between }, context) => {
    const known = nodes.map(({ group }) => group);
    const seen = new Set<string>();
    for (const [i, { from, to }] of between.entries()) {
      refuseUnknown("group", { name: from, known, path: ["between", i, "from"] }, context);
      refuseUnknown("group", { name: to, known, path: ["between", i, "to"] }, context);
      const pair = JSON.stringify([from, to]);
      if (seen.has(pair)) {
        context.addIssue({ code: "custom", path: ["between", i], message: `repeated pair: ${from} to ${to}` });
      }
      seen.add(pair);
    }
  });

export function fullMesh({ nodes, latency, between }: z.output<typeof fullMeshSpec>): Topology {
  const groups = nodes.map(({ group }) => group);
  const pairing = (fromIndex: number, toIndex: number): Pairing => {
    const [from, to] = [groups[fromIndex], groups[toIndex]];
    const pair =
      between.find((listed) => listed.from === from && listed.to === to) ??
      between.find((listed) => listed.from === to && listed.to === from);
    return {
      latencySeconds: pair?.latency ?? latency,
      lossRate: pair?.loss ?? 0,
      capacityBytesPerSecond: pair?.capacity,
    };
  };
  const { sharedLinks, between: routeBetween } = pairwiseRoutes(groups, pairing);
  const groupOfNode = Int32Array.from(nodes.flatMap(({ count }, index) => Array<number>(count).fill(index)));
  return {
    nodes: nodesOf(nodes),
    sharedLinks,
    route: (from, to) => routeBetween(groupOfNode[from], groupOfNode[to]),
  };
}
