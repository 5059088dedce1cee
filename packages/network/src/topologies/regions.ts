/** Regions of the world, with measured round trips between them (`region-round-trips.ts`). */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";
import { networkRegionKinds, regionIndex, regionRoundTripSeconds } from "../region-round-trips.ts";
import type { Topology } from "../topology.ts";
import { nodeGroupSpec, nodesOf, refuseRepeatedGroups, refuseUnknown } from "./node-groups.ts";
import { pairwiseRoutes } from "./pairwise-routes.ts";

const regionSpec = z.string().superRefine((region, context) => {
  refuseUnknown("region", { name: region, known: networkRegionKinds, path: [] }, context);
});

/**
 * `backbone` is the capacity from each region to each other, shared by all that goes that way; unlimited unless given.
 * `withinRegion` replaces the assumed round trip inside a region. Half a round trip is taken for each direction.
 */
export const regionsSpec = z.strictObject({
  kind: z.literal("regions"),
  nodes: z
    .array(z.strictObject({ ...nodeGroupSpec.shape, region: regionSpec }))
    .min(1)
    .superRefine(refuseRepeatedGroups),
  backbone: quantity("dataRate", { above: "0 bit/s" }).optional(),
  withinRegion: quantity("duration", { min: "0 s" }).optional(),
});

export function regions({ nodes, backbone, withinRegion }: z.output<typeof regionsSpec>): Topology {
  const { sharedLinks, between } = pairwiseRoutes(networkRegionKinds, (from, to) => {
    const roundTrip = regionRoundTripSeconds(networkRegionKinds[from], networkRegionKinds[to]);
    return {
      latencySeconds: (from === to ? (withinRegion ?? roundTrip) : roundTrip) / 2,
      lossRate: 0,
      capacityBytesPerSecond: from === to ? undefined : backbone,
    };
  });
  const regionOfNode = Int32Array.from(
    nodes.flatMap(({ region, count }) => Array<number>(count).fill(regionIndex(region))),
  );
  return {
    nodes: nodesOf(nodes),
    sharedLinks,
    route: (from, to) => between(regionOfNode[from], regionOfNode[to]),
  };
}
