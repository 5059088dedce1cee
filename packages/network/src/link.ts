/** The links that a message crosses: what a node is attached by, and what many paths share. */
import type { Jitter } from "./link-jitter.ts";

/** How a node is attached to the network. Rates are of payload: framing and headers are taken off already. */
export interface AccessLink {
  /** Capacity for what the node sends, shared by all its outgoing transfers. */
  readonly uplinkBytesPerSecond: number;
  /** Capacity for what the node receives, shared by all its incoming transfers; up and down do not disturb each other. */
  readonly downlinkBytesPerSecond: number;
  /** One way, between the node and the core of the network; a path counts it once at each end. */
  readonly latencySeconds: number;
  /** Delay that varies from message to message, on top of the latency, at each end; none unless given. */
  readonly jitter?: Jitter;
  /** Probability that a packet is lost on this link, independently of all others; 0 unless given. */
  readonly lossRate?: number;
}

/** A link that several paths cross in one direction, such as the backbone between two regions. */
export interface SharedLink {
  readonly name: string;
  readonly capacityBytesPerSecond: number;
  /** Probability that a packet is lost on this link; 0 unless given. */
  readonly lossRate?: number;
}
