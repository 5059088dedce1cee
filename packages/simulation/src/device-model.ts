/** How long tasks take on a device, and what fits it. */
import { unknownName } from "@shardlab/contracts";
import { deviceKinds, device as deviceOfKind } from "@shardlab/devices";
import { type ComputingSpec, calibratedDevice, type DeviceSpec } from "./spec.ts";

/**
 * A task takes `overheadSeconds`, its operations at `flopPerSecond`, the bytes that it moves in memory at
 * `memoryBytesPerSecond`, and the bytes that it encodes, decodes, writes or reads at the rates for these, one after the other.
 */
export interface DeviceModel {
  readonly name: string;
  readonly flopPerSecond: number;
  readonly memoryBytes: number;
  readonly memoryBytesPerSecond: number;
  readonly overheadSeconds: number;
  readonly codecBytesPerSecond: number;
  readonly diskBytesPerSecond: number;
}

/** What a task makes a device do. */
export interface TaskWork {
  flop: number;
  movedBytes: number;
  codedBytes: number;
  diskBytes: number;
}

export function taskSeconds(device: DeviceModel, work: Readonly<TaskWork>): number {
  return (
    device.overheadSeconds +
    work.flop / device.flopPerSecond +
    work.movedBytes / device.memoryBytesPerSecond +
    work.codedBytes / device.codecBytesPerSecond +
    work.diskBytes / device.diskBytesPerSecond
  );
}

/**
 * One core of a laptop under WebAssembly, where a scenario has not measured its machine. Stated in the run's assumptions.
 */
export const nominalMachine: DeviceSpec = {
  device: calibratedDevice,
  flops: 10e9,
  memory: 4 * 1_073_741_824,
  memoryRate: 10e9,
  overhead: 1e-3,
};

/** Names that a population may give to devices. */
export const deviceNames = ({ devices }: ComputingSpec): string[] => [
  ...new Set([...devices.map(({ device }) => device), calibratedDevice, ...deviceKinds]),
];

/**
 * The device of this name: a measured one, else one of the table.
 *
 * @throws Error `unknown device: ...`
 */
export function deviceModel(name: string, computing: ComputingSpec): DeviceModel {
  const { codecRate, diskRate, devices } = computing;
  const rates = { name, codecBytesPerSecond: codecRate, diskBytesPerSecond: diskRate };
  const measured =
    devices.find(({ device }) => device === name) ?? (name === calibratedDevice ? nominalMachine : undefined);
  if (measured !== undefined) {
    return {
      ...rates,
      flopPerSecond: measured.flops,
      memoryBytes: measured.memory,
      memoryBytesPerSecond: measured.memoryRate,
      overheadSeconds: measured.overhead,
    };
  }
  if (!deviceKinds.includes(name)) throw new Error(unknownName("device", name, deviceNames(computing)));
  const row = deviceOfKind(name);
  return {
    ...rates,
    flopPerSecond: row.bf16FlopPerSecond * computing.utilization,
    memoryBytes: row.memoryBytes,
    memoryBytesPerSecond: row.memoryBytesPerSecond,
    overheadSeconds: computing.overhead,
  };
}
