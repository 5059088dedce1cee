import type { TimedRecord } from "@shardlab/contracts";
import type { Checker } from "@shardlab/protocol/checkers/checker";
import { ContributionSums } from "@shardlab/protocol/checkers/contribution-sums";
import { EqualReplicas } from "@shardlab/protocol/checkers/equal-replicas";
import { EvaluationsOnce } from "@shardlab/protocol/checkers/evaluations-once";
import { UpdateOrder } from "@shardlab/protocol/checkers/update-order";
import { WeightlessCoordinator } from "@shardlab/protocol/checkers/weightless-coordinator";
import { describe, expect, it, test } from "vitest";
import { type SwarmInput, swarmOptions } from "./fixtures/swarm-options.ts";
import { runSimulation, type SimulationReport } from "./run.ts";

interface CheckedReport {
  readonly report: SimulationReport;
  readonly faults: readonly string[];
  readonly records: readonly TimedRecord[];
  readonly value: (measure: string) => number;
}

function check(input: SwarmInput): CheckedReport {
  const options = swarmOptions(input);
  const { updates, parallelism } = options.training;
  const shape = { updates, stages: parallelism.stages, microbatches: parallelism.microbatches };
  const checkers: Checker[] = [
    new UpdateOrder(shape),
    new ContributionSums(shape),
    new EqualReplicas(),
    new EvaluationsOnce(),
    new WeightlessCoordinator(),
  ];
  const records: TimedRecord[] = [];
  const report = runSimulation({
    ...options,
    observe: (timed) => {
      records.push(timed);
      for (const checker of checkers) checker.record?.(timed);
    },
    observeDelivery: (delivery) => {
      for (const checker of checkers) checker.delivered?.(delivery);
    },
  }) as SimulationReport;
  const faults = checkers.flatMap((checker) => checker.faults().map((fault) => `${checker.name}: ${fault}`));
  const value = (measure: string) => report.measures.find(({ name }) => name === measure)?.value ?? Number.NaN;
  return { report, faults, records, value };
}

const link = { down: "200 Mbit/s", up: "100 Mbit/s", latency: "10 ms" };
const constant = (mean: string) => ({ kind: "constant", mean });
const exponential = (mean: string) => ({ kind: "exponential", mean });

/** Updates of about a second, and little patience. */
const quick = {
  updates: 30,
  microbatchSize: 2,
  parallelism: { stages: 3, replicas: 2, microbatches: 8 },
  faultTolerance: { heartbeat: "500 ms", timeout: "2 s", checkpointEvery: 5, gather: "20 s", digestEvery: 3 },
  evaluation: { every: 7, microbatches: 2 },
} as const;

const swarm = (presence: unknown, rest: { count?: number; simulation?: object; seed?: number } = {}): SwarmInput => ({
  model: { kind: "gpt", layers: 6, width: 64, heads: 2, vocabulary: 100, context: 64 },
  training: quick,
  population: [{ group: "workers", count: rest.count ?? 6, link }],
  simulation: {
    presence,
    computing: { devices: [{ device: "this-machine", flops: "2 GFLOP/s" }] },
    ...rest.simulation,
  },
  seed: rest.seed ?? 1,
});

/** A run that ends as it should, with nothing left. */
function expectTrained({ report, faults, value }: CheckedReport): void {
  expect(faults).toEqual([]);
  expect(report.reason).toBe("trained");
  expect(value("updates")).toBe(30);
  expect(report.tensorsLeft).toBe(0);
}

describe("a swarm without faults", () => {
  it("trains without a restart, and the same each time", () => {
    const [once, again] = [check(swarm({})), check(swarm({}))];
    expectTrained(once);
    expect([once.value("restarts"), once.value("workers-lost"), once.value("work-in-vain")]).toEqual([0, 0, 0]);
    expect(again.report.traceHash).toBe(once.report.traceHash);
    expect(again.report.tables).toEqual(once.report.tables);
    expect(once.report.determinism).toBe("exact");
  });

  it("draws from its seed alone", () => {
    const jitter = (seed: number) => {
      const input = swarm({}, { seed });
      return check({ ...input, population: [{ group: "workers", count: 6, link: { ...link, jitter: "3 ms" } }] });
    };
    const [one, same, other] = [jitter(1), jitter(1), jitter(2)];
    expectTrained(one);
    expect(same.report.traceHash).toBe(one.report.traceHash);
    expect(other.report.traceHash).not.toBe(one.report.traceHash);
  });
});

describe("a swarm with faults", () => {
  it("goes on without a worker that crashed, and takes it back", () => {
    const run = check(swarm({ crashes: [{ worker: 3, at: "8 s", lasts: "6 s" }] }));
    expectTrained(run);
    expect(run.value("workers-lost")).toBe(1);
    expect(run.value("restarts")).toBeGreaterThan(0);
    const joined = run.records.flatMap(({ record, seconds }) =>
      record.kind === "membership" && record.change === "joined" ? [[record.node, seconds]] : [],
    );
    expect(joined.map(([node]) => node)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(joined[6][1]).toBeGreaterThan(14);
  });

  it("outlives its coordinator", () => {
    const run = check(swarm({ crashes: [{ worker: "coordinator", at: "7 s", lasts: "3 s" }] }));
    expectTrained(run);
    const lives = run.records.filter(({ by, record }) => by === 0 && record.kind === "link");
    expect(lives.map(({ seconds }) => seconds)).toEqual([0, 10]);
  });

  it("goes back to a checkpoint when a stage is lost", () => {
    const crashes = [2, 5].map((worker) => ({ worker, at: "7800 ms", lasts: "1 s" }));
    const run = check(swarm({ crashes }));
    expectTrained(run);
    expect(run.value("updates-undone")).toBeGreaterThan(0);
    expect(run.value("updates-undone")).toBeLessThan(5 + 1);
  });

  test.each([1, 2, 3])("waits for a partition to heal, seed %d", (seed) => {
    const faults = [{ kind: "partition", every: constant("7 s"), lasts: constant("6 s"), limit: 2 }];
    const run = check(swarm({ faults }, { seed }));
    expectTrained(run);
    expect(run.value("duration")).toBeGreaterThan(check(swarm({}, { seed })).value("duration") + 1);
  });

  test.each([1, 2, 3])("outlives churn and stragglers, seed %d", (seed) => {
    const presence = {
      population: {
        kind: "fixed-population",
        count: 9,
        session: exponential("25 s"),
        absence: exponential("10 s"),
        ending: { kind: "crash" },
      },
      faults: [{ kind: "temporary-straggler", every: exponential("20 s"), lasts: exponential("5 s") }],
    };
    const run = check(swarm(presence, { count: 9, seed }));
    expectTrained(run);
    expect(run.value("workers-lost")).toBeGreaterThan(0);
  });

  it("lets workers go that say so before", () => {
    const presence = {
      population: {
        kind: "fixed-population",
        count: 8,
        session: exponential("50 s"),
        absence: exponential("5 s"),
        ending: { kind: "departure", notice: "20 s" },
      },
    };
    const run = check(swarm(presence, { count: 8 }));
    expectTrained(run);
    const left = run.records.filter(({ record }) => record.kind === "membership" && record.change === "left");
    expect(left.length).toBeGreaterThan(6);
  });

  it("keeps its checkpoints on disks of its own where they are not shared", () => {
    const crashes = [1, 4].map((worker) => ({ worker, at: "7800 ms", lasts: "1 s" }));
    const run = check(swarm({ crashes }, { simulation: { checkpoints: "local" } }));
    expectTrained(run);
    expect(run.value("updates-undone")).toBeGreaterThan(0);
  });
});

describe("a run that cannot end", () => {
  it("is cut off at its limit, and says so", () => {
    const crashes = [1, 2, 3, 4, 5, 6].map((worker) => ({ worker, at: "5 s" }));
    const { report, value } = check(swarm({ crashes }, { simulation: { limit: "60 s" } }));
    expect(report.reason).toBeUndefined();
    expect(value("duration")).toBe(60);
    expect(value("updates")).toBeLessThan(30);
    expect(report.assumptions.map(({ statement }) => statement).join()).toContain(
      `cut off after 60 s of virtual time, with ${value("updates")} of 30 updates`,
    );
  });

  it("is refused where no device can hold a stage", () => {
    const devices = [{ device: "this-machine", flops: "1 GFLOP/s", memory: "1 MiB" }];
    expect(() => check(swarm({}, { simulation: { computing: { devices } } }))).toThrow("model does not fit: stage 0");
  });
});
