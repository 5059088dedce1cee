/** Sourced tables of devices. */
export { type Device, type DeviceGeneration, device, deviceKinds, devices } from "./devices.ts";
