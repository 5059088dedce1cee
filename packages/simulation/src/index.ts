/** The protocol on virtual time. */
export {
  type DeviceModel,
  deviceModel,
  deviceNames,
  nominalMachine,
  type TaskWork,
  taskSeconds,
} from "./device-model.ts";
export {
  runSimulation,
  type SimulatedTraining,
  type SimulationOptions,
  type SimulationReport,
  type StageComputeFactory,
} from "./run.ts";
export * from "./spec.ts";
export { type DeclaredBytes, type SizedTraining, type StageSizes, stageSizes } from "./stage-sizes.ts";
export { groupOfSeats, swarmTopology } from "./swarm-network.ts";
export type { ComputeContext, DeliveredMessage, RoleFactory, WorkerLife } from "./swarm-world.ts";
