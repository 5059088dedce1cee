/** The protocol on processes, sockets and shaped links. */
export { type BackendChoice, backendChoices, type HardwareSpec, hardwareSpec, listenSpec } from "./spec.ts";
