import { surenessLevels } from "@shardlab/contracts";
import { describe, expect, test } from "vitest";
import { device, deviceKinds, devices } from "./devices.ts";

describe("devices", () => {
  test("lie in the range of what is sold", () => {
    for (const row of devices) {
      expect(row.bf16FlopPerSecond, row.kind).toBeGreaterThanOrEqual(20e12);
      expect(row.bf16FlopPerSecond, row.kind).toBeLessThanOrEqual(2.5e15);
      expect(row.memoryBytesPerSecond, row.kind).toBeGreaterThan(0.3e12);
      expect(row.memoryBytesPerSecond, row.kind).toBeLessThan(10e12);
      expect(row.boardWatts, row.kind).toBeLessThanOrEqual(1000);
      expect(row.releaseYear, row.kind).toBeGreaterThanOrEqual(2017);
    }
  });

  test("only what came before Ampere lacks bf16", () => {
    for (const row of devices) {
      const early = row.generation === "volta" || row.generation === "turing";
      expect(row.halfPrecision, row.kind).toBe(early ? "fp16" : "bf16");
    }
  });

  test("peaks are dense: one taken with sparsity by mistake would be twice as efficient per watt as its peers", () => {
    const perWatt = (kind: string): number => {
      const row = devices.find((candidate) => candidate.kind === kind);
      return row ? row.bf16FlopPerSecond / row.boardWatts : 0;
    };
    const best = Math.max(...deviceKinds.map(perWatt));
    expect(best).toBeLessThan(2 * perWatt("h100-sxm"));
    expect(perWatt("h100-sxm") / perWatt("a100-80gb")).toBeLessThan(2);
  });

  test("rent covers electricity and pays a device back in three months to seven years of full use", () => {
    for (const row of devices) {
      const electricity = (row.boardWatts / 1000) * 0.1;
      const years = row.priceDollars / (row.rentalDollarsPerHour - electricity) / (365.25 * 24);
      expect(years, row.kind).toBeGreaterThan(0.25);
      expect(years, row.kind).toBeLessThan(7);
    }
  });
});

describe("the table", () => {
  test("says where its figures come from, and how sure they are", () => {
    for (const { sources } of devices) {
      for (const source of Object.values(sources)) {
        expect(source.citation.length).toBeGreaterThan(10);
        expect(surenessLevels).toContain(source.sureness);
      }
    }
  });

  test("has finite, positive numbers", () => {
    for (const row of devices) {
      const numbers = Object.values(row).filter((value) => typeof value === "number");
      expect(numbers.length).toBe(7);
      for (const value of numbers) expect(value > 0 && value < Number.POSITIVE_INFINITY, row.kind).toBe(true);
    }
  });

  test("is sorted by kind, without any twice", () => {
    expect(deviceKinds.length).toBeGreaterThanOrEqual(12);
    expect([...new Set(deviceKinds)].sort()).toEqual([...deviceKinds]);
    for (const kind of deviceKinds) expect(kind).toMatch(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/);
  });

  test("refuses an unknown kind, and names the nearest one", () => {
    expect(device("rtx-4090").memoryBytes).toBe(24 * 2 ** 30);
    expect(() => device("rtx-490")).toThrow("unknown device: rtx-490 (did you mean rtx-4090?)");
  });
});
