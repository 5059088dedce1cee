/** The way from node to node: which capacities a flow crosses, how long and how lossy it is, how fast it lets a flow go. */
import { checkJitter, type Jitter, meanJitter } from "./link-jitter.ts";
import { checkLossRate, combinedLossRate, mathisBytesPerSecond } from "./link-loss.ts";
import type { Route, Topology } from "./topology.ts";

const noJitter: Jitter = { kind: "none" };

/**
 * Numbers the capacities of a topology: uplink of node n is n, its downlink `nodeCount` + n, and the shared links follow.
 */
export class NetworkPaths {
  readonly nodeCount: number;
  /** Of every numbered link, in bytes per second. */
  readonly capacities: Float64Array;
  /** The links of the way last asked for with `crossLinks`. */
  readonly path: Int32Array;
  private readonly topology: Topology;
  private readonly jitters: readonly Jitter[];
  private readonly meanJitters: Float64Array;
  private readonly maximumWindowBytes: number;

  /** @throws Error `invalid latency: ...`, `invalid loss rate: ...`, `invalid jitter: ...`, `invalid window: ...` */
  constructor(topology: Topology, maximumWindowBytes: number) {
    const { nodes, sharedLinks } = topology;
    this.topology = topology;
    this.nodeCount = nodes.length;
    this.capacities = Float64Array.from([
      ...nodes.map((node) => node.uplinkBytesPerSecond),
      ...nodes.map((node) => node.downlinkBytesPerSecond),
      ...sharedLinks.map((link) => link.capacityBytesPerSecond),
    ]);
    this.path = new Int32Array(2 + sharedLinks.length);
    this.jitters = nodes.map((node) => node.jitter ?? noJitter);
    for (const { latencySeconds } of nodes) checkLatency(latencySeconds);
    for (const { lossRate = 0 } of [...nodes, ...sharedLinks]) checkLossRate(lossRate);
    for (const jitter of this.jitters) checkJitter(jitter);
    this.meanJitters = Float64Array.from(this.jitters, meanJitter);
    if (!(maximumWindowBytes > 0)) throw new Error(`invalid window: ${maximumWindowBytes}`);
    this.maximumWindowBytes = maximumWindowBytes;
  }

  uplinkOf(node: number): number {
    return node;
  }

  downlinkOf(node: number): number {
    return this.nodeCount + node;
  }

  jitterOf(node: number): Jitter {
    return this.jitters[node];
  }

  /** Lists the links from node to node in `path`, and returns how many they are. */
  crossLinks(from: number, to: number): number {
    const { sharedLinks } = this.topology.route(from, to);
    this.path[0] = this.uplinkOf(from);
    this.path[1] = this.downlinkOf(to);
    for (let i = 0; i < sharedLinks.length; i++) this.path[2 + i] = 2 * this.nodeCount + sharedLinks[i];
    return 2 + sharedLinks.length;
  }

  /** One way in seconds, without jitter; 0 from a node to itself. */
  latencySeconds(from: number, to: number): number {
    return from === to ? 0 : this.latencyAlong(from, to, this.topology.route(from, to));
  }

  /** Probability that a packet is lost on the way. */
  lossRate(from: number, to: number): number {
    const { nodes, sharedLinks } = this.topology;
    const route = this.topology.route(from, to);
    const atEnds = combinedLossRate(nodes[from].lossRate ?? 0, route.lossRate ?? 0, nodes[to].lossRate ?? 0);
    let lossRate = atEnds;
    for (const link of route.sharedLinks) lossRate = combinedLossRate(lossRate, sharedLinks[link].lossRate ?? 0);
    return lossRate;
  }

  /** The most that one connection carries on this way whatever the capacities: loss and window bound it. */
  maximumRate(from: number, to: number, lossRate: number): number {
    if (lossRate === 0 && this.maximumWindowBytes === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const roundTrip = this.roundTripSeconds(from, to);
    return Math.min(mathisBytesPerSecond(lossRate, roundTrip), this.maximumWindowBytes / roundTrip);
  }

  /** There and back in seconds, with the mean jitter. */
  private roundTripSeconds(from: number, to: number): number {
    const jitter = this.meanJitters[from] + this.meanJitters[to];
    return this.latencySeconds(from, to) + this.latencySeconds(to, from) + 2 * jitter;
  }

  private latencyAlong(from: number, to: number, { latencySeconds }: Route): number {
    const { nodes } = this.topology;
    return nodes[from].latencySeconds + latencySeconds + nodes[to].latencySeconds;
  }
}

function checkLatency(latencySeconds: number): void {
  if (!(latencySeconds >= 0 && latencySeconds < Number.POSITIVE_INFINITY)) {
    throw new Error(`invalid latency: ${latencySeconds}`);
  }
}
