/** The topologies that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import type { Topology } from "../topology.ts";
import { dataCentre, dataCentreSpec } from "./data-centre.ts";
import { fullMesh, fullMeshSpec } from "./full-mesh.ts";
import { regions, regionsSpec } from "./regions.ts";
import { star, starSpec } from "./star.ts";

export const topologySpec = z.discriminatedUnion("kind", [dataCentreSpec, fullMeshSpec, regionsSpec, starSpec]);
export type TopologySpec = z.output<typeof topologySpec>;
export type TopologyKind = TopologySpec["kind"];

const factories: { [K in TopologyKind]: (spec: Extract<TopologySpec, { kind: K }>) => Topology } = {
  "data-centre": dataCentre,
  "full-mesh": fullMesh,
  regions,
  star,
};

export const topologyKinds = Object.keys(factories) as readonly TopologyKind[];

/** Makes the topology that `spec` describes. */
export function createTopology<K extends TopologyKind>(spec: Extract<TopologySpec, { kind: K }>): Topology {
  const create: (spec: Extract<TopologySpec, { kind: K }>) => Topology = factories[spec.kind as K];
  return create(spec);
}
