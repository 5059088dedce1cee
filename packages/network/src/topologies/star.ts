/** Star: nodes behind their access links, and between them a core that costs nothing. */
import { z } from "zod";
import type { Route, Topology } from "../topology.ts";
import { nodeGroupSpec, nodesOf, refuseRepeatedGroups } from "./node-groups.ts";

export const starSpec = z.strictObject({
  kind: z.literal("star"),
  nodes: z.array(nodeGroupSpec).min(1).superRefine(refuseRepeatedGroups),
});

const throughTheCore: Route = { sharedLinks: [], latencySeconds: 0 };

/** Only access links count: the usual model of peers on the Internet, whose core is never the bottleneck. */
export function star({ nodes }: z.output<typeof starSpec>): Topology {
  return { nodes: nodesOf(nodes), sharedLinks: [], route: () => throughTheCore };
}
