/** The protocol on processes, sockets and shaped links. */
export type {
  CheckpointStore,
  ComputeContext,
  ComputeModule,
  CreateStageCompute,
} from "./compute/compute-module.ts";
export { TensorShelf } from "./compute/tensor-shelf.ts";
export type { LeavingRole, RoleModule, RoleParts, RoleSettings } from "./host/role-module.ts";
export { createNodeSigner, type NodeSigner } from "./identity/node-signer.ts";
export { namespacesFault } from "./namespaces/link-namespaces.ts";
export { type BackendChoice, backendChoices, type HardwareSpec, hardwareSpec, listenSpec } from "./spec.ts";
export type { HardwareRunOptions, RunnerEntries } from "./supervise/hardware-run-options.ts";
export { type JoinRunOptions, joinRun } from "./supervise/join-run.ts";
export { runHardware } from "./supervise/run-hardware.ts";
