/** What a network is made of: nodes, the links they share, and the way from each node to each other. */
import type { AccessLink, SharedLink } from "./link.ts";

/** One node of a network, named by its index in the topology. */
export interface NetworkNode extends AccessLink {
  /** The group that it was declared in. */
  readonly group: string;
  /** The region that it lives in, where the topology has regions. */
  readonly region?: string;
}

/** What lies between the access links of two nodes, in one direction. */
export interface Route {
  /** Indices of the shared links crossed, in any order, none twice. */
  readonly sharedLinks: readonly number[];
  /** One-way propagation between the two access links. */
  readonly latencySeconds: number;
  /** Probability that a packet is lost between the two access links, other than on the shared links; 0 unless given. */
  readonly lossRate?: number;
}

/**
 * A whole network. The population is listed whole: a node that has not arrived yet, or has left, is one that is down.
 * `route` answers the same for the same pair every time; it is not asked for a node's way to itself.
 */
export interface Topology {
  readonly nodes: readonly NetworkNode[];
  readonly sharedLinks: readonly SharedLink[];
  route(from: number, to: number): Route;
}
