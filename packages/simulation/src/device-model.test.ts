import { device } from "@shardlab/devices";
import { describe, expect, it } from "vitest";
import { deviceModel, deviceNames, taskSeconds } from "./device-model.ts";
import { computingSpec } from "./spec.ts";

const measured = {
  device: "this-machine",
  flops: "3 TFLOP/s",
  memory: "8 GiB",
  memoryRate: "50 GB/s",
  overhead: "2 ms",
};

describe("devices", () => {
  it("of the table reach a share of their peak", () => {
    const model = deviceModel("rtx-4090", computingSpec.parse({ utilization: "30 %", overhead: "5 ms" }));
    expect(model.flopPerSecond).toBeCloseTo(0.3 * 165.2e12, 0);
    expect(model.memoryBytes).toBe(24 * 2 ** 30);
    expect(model.memoryBytesPerSecond).toBe(device("rtx-4090").memoryBytesPerSecond);
    expect(model.overheadSeconds).toBe(0.005);
  });

  it("that were measured go before those of the table", () => {
    const computing = computingSpec.parse({ devices: [measured, { ...measured, device: "rtx-4090" }] });
    for (const name of ["this-machine", "rtx-4090"]) {
      expect(deviceModel(name, computing)).toMatchObject({ flopPerSecond: 3e12, memoryBytes: 8 * 2 ** 30 });
    }
    expect(deviceNames(computing).filter((name) => name === "rtx-4090")).toHaveLength(1);
  });

  it("that nobody knows are refused, and the nearest one named", () => {
    expect(() => deviceModel("rtx-4900", computingSpec.parse({}))).toThrow(/^unknown device: rtx-4900.*rtx-4090/);
    // Nothing has to be measured for a first try.
    expect(deviceModel("this-machine", computingSpec.parse({})).flopPerSecond).toBe(1e10);
  });

  it("take the sum of what a task is made of", () => {
    const model = {
      name: "x",
      overheadSeconds: 0.5,
      flopPerSecond: 10,
      memoryBytes: 1,
      memoryBytesPerSecond: 20,
      codecBytesPerSecond: 40,
      diskBytesPerSecond: 80,
    };
    expect(taskSeconds(model, { flop: 10, movedBytes: 40, codedBytes: 120, diskBytes: 320 })).toBe(0.5 + 1 + 2 + 3 + 4);
  });
});
