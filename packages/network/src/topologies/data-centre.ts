/** Data centre: racks of nodes under a spine, in two tiers, the upper one narrower by the oversubscription. */
import { count, quantity } from "@shardlab/contracts";
import { z } from "zod";
import type { SharedLink } from "../link.ts";
import type { NetworkNode, Route, Topology } from "../topology.ts";

const wholeNumber = { error: "expected a whole number" };

/**
 * `port` is the rate of each node, up and down; a rack's link to the spine has `nodesPerRack` x `port` / `oversubscription`
 * in each direction. Latencies are one way, from node to node. Defaults are assumptions: switched Ethernet in one hall.
 */
export const dataCentreSpec = z.strictObject({
  kind: z.literal("data-centre"),
  racks: count({ min: 1, max: 10_000 }).refine(Number.isInteger, wholeNumber),
  nodesPerRack: count({ min: 1, max: 1000 }).refine(Number.isInteger, wholeNumber),
  port: quantity("dataRate", { above: "0 bit/s" }),
  oversubscription: z.number().min(1).default(1),
  latencyWithinRack: quantity("duration", { min: "0 s" }).prefault("5 us"),
  latencyAcrossRacks: quantity("duration", { min: "0 s" }).prefault("10 us"),
});

export function dataCentre(spec: z.output<typeof dataCentreSpec>): Topology {
  const { racks, nodesPerRack, port, oversubscription, latencyWithinRack, latencyAcrossRacks } = spec;
  const capacityBytesPerSecond = (nodesPerRack * port) / oversubscription;
  const nodes: NetworkNode[] = [];
  const sharedLinks: SharedLink[] = [];
  for (let rack = 0; rack < racks; rack++) {
    const access = { uplinkBytesPerSecond: port, downlinkBytesPerSecond: port, latencySeconds: 0 };
    nodes.push(...Array<NetworkNode>(nodesPerRack).fill({ group: `rack-${rack}`, ...access }));
    sharedLinks.push({ name: `rack-${rack} to spine`, capacityBytesPerSecond });
    sharedLinks.push({ name: `spine to rack-${rack}`, capacityBytesPerSecond });
  }
  const withinRack: Route = { sharedLinks: [], latencySeconds: latencyWithinRack };
  const route = (from: number, to: number): Route => {
    const [source, target] = [Math.floor(from / nodesPerRack), Math.floor(to / nodesPerRack)];
    if (source === target) return withinRack;
    return { sharedLinks: [2 * source, 2 * target + 1], latencySeconds: latencyAcrossRacks };
  };
  return { nodes, sharedLinks, route };
}
