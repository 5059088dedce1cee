/** Network physics on virtual time. */
export { Churn, type ChurnHandlers, type ChurnOptions, type ChurnSpec, churnSpec } from "./churn/churn.ts";
export { type DurationDistribution, drawResidual } from "./churn/durations/duration-distribution.ts";
export {
  createDuration,
  type DurationKind,
  type DurationSpec,
  durationKinds,
  durationSpec,
} from "./churn/durations/registry.ts";
export { type EndingKind, type EndingSpec, endingKinds, endingSpec } from "./churn/endings/registry.ts";
export { type FactorKind, type FactorSpec, factorKinds, factorSpec } from "./churn/factors/registry.ts";
export { type FaultKind, type FaultSpec, faultKinds, faultSpec } from "./churn/faults/registry.ts";
export {
  type PopulationKind,
  type PopulationSpec,
  populationKinds,
  populationSpec,
} from "./churn/populations/registry.ts";
export type { AvailabilityTrace } from "./churn/traces/availability-trace.ts";
export { parseTrace } from "./churn/traces/parse-trace.ts";
export { formatTraceCsv } from "./churn/traces/trace-csv.ts";
export { TraceFault } from "./churn/traces/trace-fault.ts";
export { formatTraceJson } from "./churn/traces/trace-json.ts";
export type { AlphaBeta, Collective, CollectiveCost } from "./collectives/collective.ts";
export { type CollectiveBounds, collectiveBounds, type RankLinks } from "./collectives/collective-bounds.ts";
export { CollectiveRun, type CollectiveRunOptions } from "./collectives/collective-run.ts";
export {
  bytesByRank,
  type CollectiveProblem,
  type CommunicationSchedule,
  stepBytes,
} from "./collectives/communication-schedule.ts";
export {
  type CollectiveKind,
  type CollectiveSpec,
  collectiveKinds,
  collectiveSpec,
  createCollective,
} from "./collectives/registry.ts";
export { applySchedule, ReplicaVectors } from "./collectives/replica-vectors.ts";
export { checkWeight, FairSharing } from "./fair-sharing.ts";
export { type FlowClock, type FlowSpec, FluidFlows } from "./fluid-flows.ts";
export type { AccessLink, SharedLink } from "./link.ts";
export { checkJitter, drawJitter, type Jitter, meanJitter } from "./link-jitter.ts";
export { combinedLossRate, datagramLossRate, mathisBytesPerSecond, mathisConstant, segmentBytes } from "./link-loss.ts";
export { Network, type NetworkOptions } from "./network.ts";
export {
  type PipelineLinks,
  type SerialLinkSeconds,
  type StageTransfer,
  serialLinks,
  type TransportLinkOptions,
  transportLinks,
} from "./pipelines/pipeline-links.ts";
export { bubbleFraction, type PipelineMethod, type StageSeconds } from "./pipelines/pipeline-method.ts";
export {
  type PipelineResult,
  PipelineRun,
  type PipelineRunOptions,
  passSecondsOf,
  simulatePipeline,
} from "./pipelines/pipeline-run.ts";
export {
  type PipelineSchedule,
  type PipelineShape,
  peakActivations,
  weightDelays,
} from "./pipelines/pipeline-schedule.ts";
export {
  gpipeSeconds,
  type PipelineBounds,
  type PipelineTimes,
  pipelineBounds,
  steadyPeriodSeconds,
} from "./pipelines/pipeline-times.ts";
export {
  createPipeline,
  type PipelineKind,
  type PipelineSpec,
  pipelineKinds,
  pipelineSpec,
} from "./pipelines/registry.ts";
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
