/** Network physics on virtual time. */
export { checkWeight, FairSharing } from "./fair-sharing.ts";
export { type FlowClock, type FlowSpec, FluidFlows } from "./fluid-flows.ts";
export type { AccessLink, SharedLink } from "./link.ts";
export { checkJitter, drawJitter, type Jitter, meanJitter } from "./link-jitter.ts";
export { combinedLossRate, datagramLossRate, mathisBytesPerSecond, mathisConstant, segmentBytes } from "./link-loss.ts";
export { Network, type NetworkOptions } from "./network.ts";
export {
  type NetworkRegion,
  networkRegionKinds,
  networkRegions,
  regionRoundTripSeconds,
  roundTripSource,
  withinRegionSeconds,
  withinRegionSource,
} from "./region-round-trips.ts";
export {
  type FieldPath,
  fieldOf,
  readNodeTable,
  readTopology,
  TopologyError,
  type TopologyFault,
} from "./topologies/read-topology.ts";
export {
  createTopology,
  type TopologyKind,
  type TopologySpec,
  topologyKinds,
  topologySpec,
} from "./topologies/registry.ts";
export type { NetworkNode, Route, Topology } from "./topology.ts";
export type { MessageRequest, TransferHandle, TransferRequest, Transport } from "./transfer.ts";
