import type { RoleHost } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { protocolContradictions } from "./contradictions.ts";
import { createCoordinator } from "./coordinator/coordinator.ts";
import { faultToleranceSpec, parallelismSpec } from "./spec.ts";

const check = (parallelism: object, workers?: number) =>
  protocolContradictions({
    parallelism: parallelismSpec.parse(parallelism),
    ...(workers === undefined ? {} : { workers }),
  }).map(({ path, message }) => `${path}: ${message}`);

describe("protocolContradictions", () => {
  it("finds none in the defaults", () => {
    expect(check({})).toEqual([]);
    expect(check({ stages: 4, replicas: 8 }, 32)).toEqual([]);
  });
  it.each([
    [{ schedule: { kind: "interleaved-one-forward-one-backward" } }, "parallelism.schedule.kind: unsupported schedule"],
    [{ replicas: 4, microbatches: 3 }, "parallelism.microbatches: too few microbatches: 3"],
    [{ replicas: 5, reduction: { kind: "moshpit", groupSize: 2 } }, "parallelism.replicas: invalid ranks: 5"],
  ])("%j", (parallelism, expected) => {
    expect(check(parallelism)).toEqual([expect.stringContaining(expected)]);
  });
  it("needs as many workers as stages", () => {
    expect(check({ stages: 5 }, 4)).toEqual(["parallelism.stages: too many stages: 5 for 4 workers"]);
  });
});

describe("createCoordinator", () => {
  const settings = {
    run: "test",
    updates: 1,
    parallelism: parallelismSpec.parse({}),
    faultTolerance: faultToleranceSpec.parse({}),
    gradientsAreLossless: true,
    checkpointsAreShared: true,
  };
  const host = {} as RoleHost;

  it("refuses a schedule that no worker can do, and a journal that it did not write", () => {
    const parallelism = parallelismSpec.parse({ schedule: { kind: "interleaved-one-forward-one-backward" } });
    expect(() => createCoordinator({ ...settings, parallelism }, host, [])).toThrow(
      "unsupported schedule: interleaved",
    );
    expect(() => createCoordinator(settings, host, [{ kind: "other" }])).toThrow(
      'invalid journal entry: {"kind":"other"}',
    );
  });
});
