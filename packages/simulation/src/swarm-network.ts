/** The network of a swarm: the coordinator is node 0, workers follow in the order of the population. */
import { createTopology, type Topology } from "@shardlab/network";
import type { LinkSpec, WorkerGroupSpec } from "@shardlab/protocol/spec";
import type { BackboneSpec } from "./spec.ts";

export interface SwarmNetworkOptions {
  readonly population: readonly WorkerGroupSpec[];
  readonly coordinator: LinkSpec;
  readonly network: BackboneSpec;
}

/** The name of the coordinator's group, beside those of workers; spaces keep it from being one of theirs. */
const coordinatorGroup = " coordinator ";

/**
 * Access links as the population declares them: half of a round trip is the sum of both ends' latencies, and of what lies
 * between their regions.
 *
 * @throws Error `no region: ...` for a group whose region is not given
 */
export function swarmTopology({ population, coordinator, network }: SwarmNetworkOptions): Topology {
  const groups = [
    { group: coordinatorGroup, count: 1, link: coordinator },
    ...population.map(({ group, count, link }) => ({ group, count, link })),
  ];
  const nodes = groups.map(({ group, count, link: { down, up, latency, jitter, loss } }) => ({
    group,
    count,
    down,
    up,
    latency,
    jitter: jitter > 0 ? ({ kind: "exponential", mean: jitter } as const) : ({ kind: "none" } as const),
    loss,
  }));
  if (network.kind === "star") return createTopology({ kind: "star", nodes });
  const { regionOf, coordinator: ofCoordinator, backbone } = network;
  const placed = nodes.map((node) => {
    const region = node.group === coordinatorGroup ? ofCoordinator : regionOf[node.group];
    if (region === undefined) throw new Error(`no region: ${node.group}`);
    return { ...node, region };
  });
  return createTopology({ kind: "regions", nodes: placed, ...(backbone === undefined ? {} : { backbone }) });
}

/** The group of each node, by seat. */
export function groupOfSeats(population: readonly WorkerGroupSpec[]): WorkerGroupSpec[] {
  return population.flatMap((group) => Array<WorkerGroupSpec>(group.count).fill(group));
}
