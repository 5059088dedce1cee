import type { Message, TrainingRecord } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { honestBehaviour } from "./behaviour.ts";
import { runFaultScenario } from "./fixtures/fault-run.ts";
import { drawScenario, type FaultScenario } from "./fixtures/fault-scenario.ts";
import type { FaultWorld, PlantedFaults } from "./fixtures/fault-world.ts";
import type { CoordinatorSettings } from "./settings.ts";
import { faultToleranceSpec, parallelismSpec } from "./spec.ts";
import { Worker } from "./worker/worker.ts";

const faultTolerance = {
  heartbeat: "100 ms",
  timeout: "400 ms",
  firstUpdateTimeout: "2 s",
  gather: "1 s",
  digestEvery: 1,
  checkpointEvery: 4,
};

const settingsOf = (parallelism: object, more: Partial<CoordinatorSettings> = {}): CoordinatorSettings => ({
  run: "test",
  updates: 6,
  parallelism: parallelismSpec.parse({ stages: 2, replicas: 1, microbatches: 4, ...parallelism }),
  faultTolerance: faultToleranceSpec.parse(faultTolerance),
  gradientsAreLossless: true,
  checkpointsAreShared: false,
  ...more,
});

/** A swarm in which nothing fails but what a test plants. */
function play(coordinator: CoordinatorSettings, planted: PlantedFaults = {}, more: Partial<FaultScenario> = {}) {
  const records: TrainingRecord[] = [];
  const calm: FaultScenario = {
    ...drawScenario(1),
    coordinator,
    spares: 0,
    isTied: false,
    isSigned: false,
    faults: new Set(),
    faultsEndSeconds: 0,
    passSeconds: 0.01,
    latencySeconds: 0.001,
    ...more,
  };
  const run = runFaultScenario(calm, planted, ({ record }) => records.push(record));
  const changes = (change: string): number[] =>
    records.flatMap((record) => (record.kind === "membership" && record.change === change ? [record.node] : []));
  return { ...run, records, changes };
}

describe("a calm swarm", () => {
  it.each([
    { kind: "gpipe" },
    { kind: "one-forward-one-backward" },
    { kind: "one-forward-one-backward", ahead: 3 },
    { kind: "asynchronous" },
    { kind: "asynchronous", ahead: 2 },
  ])("trains like the model in one piece, in one attempt: %j", (schedule) => {
    for (const reduction of ["ring", "recursive-halving-doubling", "binomial-tree", "moshpit"]) {
      const parallelism = { stages: 3, replicas: 3, microbatches: 7, schedule, reduction: { kind: reduction } };
      const { faults, restarts } = play(settingsOf(parallelism), {}, { isTied: true });
      expect(faults).toEqual([]);
      expect(restarts).toBe(0);
    }
  });

  it("takes the time of its schedule: m + p - 1 rounds of forward and backward for each update", () => {
    const stages = 4;
    const microbatches = 6;
    const ends: number[] = [];
    for (const updates of [10, 20]) {
      const settings = settingsOf({ stages, microbatches }, { updates });
      ends.push(play(settings, {}, { latencySeconds: 1e-9 }).seconds);
    }
    // Passes take 0.01 s and 0.02 s; norm, step and mark 0.001 s each, and so do the five checkpoints' worth between.
    const each = (ends[1] - ends[0]) / 10;
    expect(each).toBeGreaterThan((microbatches + stages - 1) * 0.03);
    expect(each).toBeLessThan((microbatches + stages - 1) * 0.03 + 0.005);
  });

  it("evaluates when it is due and at the end, once", () => {
    const { records, faults } = play(settingsOf({}, { updates: 7, evaluation: { every: 3, microbatches: 2 } }));
    expect(faults).toEqual([]);
    const versions = records.flatMap((record) => (record.kind === "evaluation" ? [record.version] : []));
    expect(versions).toEqual([3, 6, 7]);
  });

  it("writes checkpoints when they are due and at the end", () => {
    const { records } = play(settingsOf({}, { updates: 9 }));
    expect(records.flatMap((record) => (record.kind === "checkpoint" ? [record.version] : []))).toEqual([4, 8, 9]);
  });

  it("keeps its journal short however long it runs", () => {
    let world: FaultWorld | undefined;
    play(settingsOf({ microbatches: 1 }, { updates: 300 }), {
      plan: (given) => {
        world = given;
      },
    });
    expect(world?.coordinator?.journal.length).toBeLessThanOrEqual(64);
  });
});

describe("a swarm in trouble", () => {
  it("leaves out a worker whose device hangs, after two attempts, and takes it back later", () => {
    const slowness = (node: number, now: number): number => (node === 2 && now < 12 ? 1e6 : 1);
    const { faults, changes } = play(settingsOf({}, { updates: 40 }), { slowness }, { spares: 1 });
    expect(faults).toEqual([]);
    expect(changes("excluded")).toContain(2);
    expect(changes("assigned")).toContain(3);
    expect(changes("lost")).toEqual([]);
  });

  it("keeps two workers apart that cannot reach each other", () => {
    const isParted = (from: number, to: number): boolean => from === 1 && to === 2;
    const { faults, changes, records } = play(settingsOf({}, { updates: 10 }), { isParted }, { spares: 1 });
    expect(faults).toEqual([]);
    expect(changes("excluded")).toEqual([]);
    expect(records.some((record) => record.kind === "restart" && record.reason === "parted")).toBe(true);
  });

  it("gives a slow replica less to do, once its speed is known", () => {
    const slowness = (node: number): number => (node === 2 ? 4 : 1);
    const { faults, records } = play(settingsOf({ stages: 1, replicas: 2, microbatches: 10 }, { updates: 20 }), {
      slowness,
    });
    expect(faults).toEqual([]);
    const last = records.filter((record) => record.kind === "contribution" && record.update === 19);
    const shares = last.map((record) => (record.kind === "contribution" ? [record.node, record.microbatches] : []));
    // Eight and two eighths of ten.
    expect(shares).toEqual(
      expect.arrayContaining([
        [1, 8],
        [2, 2],
      ]),
    );
  });

  it("moves a fast worker to the stage whose workers turn out slow", () => {
    const slowness = (node: number): number => (node === 2 || node === 4 ? 6 : 1);
    const settings = settingsOf({ replicas: 2, microbatches: 8 }, { updates: 20 });
    const { faults, restarts, records } = play(settings, { slowness });
    expect(faults).toEqual([]);
    expect(restarts).toBe(0);
    const last = records.filter((record) => record.kind === "contribution" && record.update === 19);
    const stages = new Map(
      last.map((record) => (record.kind === "contribution" ? [record.node, record.stage] : [0, 0])),
    );
    // At 12 and 2 passes a time unit the slow stage would hold up the other; 6 and 8 is the best there is.
    expect([stages.get(1), stages.get(3)].sort()).toEqual([0, 1]);
    expect([stages.get(2), stages.get(4)]).toEqual([1, 1]);
  });

  it("hands a leaver's shard to a spare at the end of a span, and loses nothing", () => {
    const plan = (world: FaultWorld): void => world.events.schedule(0.5, () => world.letLeave(1));
    const { faults, changes, restarts } = play(settingsOf({}, { updates: 10 }), { plan }, { spares: 1 });
    expect(faults).toEqual([]);
    expect(restarts).toBe(0);
    expect(changes("left")[0]).toBe(1);
    expect(changes("assigned")).toEqual([1, 2, 3]);
  });

  it("takes a joiner into the weakest stage, from a peer's snapshot", () => {
    const plan = (world: FaultWorld): void => world.events.schedule(0.5, () => world.letLeave(3));
    const settings = settingsOf({ replicas: 2, schedule: { kind: "gpipe" } }, { updates: 10 });
    const { faults, changes, restarts } = play(settings, { plan }, { spares: 1 });
    expect(faults).toEqual([]);
    expect(restarts).toBe(0);
    expect(changes("assigned").sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([true, false])(
    "goes on from the last checkpoint after all power was lost, disks shared: %s",
    (checkpointsAreShared) => {
      const plan = (world: FaultWorld): void => world.events.schedule(1.5, () => world.killEverything());
      const settings = settingsOf({ replicas: 2 }, { updates: 20, checkpointsAreShared });
      const { faults, records } = play(settings, { plan }, { faults: new Set(["worker-crash"]) });
      expect(faults).toEqual([]);
      const restarts = records.flatMap((record) => (record.kind === "restart" ? [record.version] : []));
      const whole = records.slice(
        0,
        records.findIndex((record) => record.kind === "restart"),
      );
      const last = whole.flatMap((record) => (record.kind === "checkpoint" ? [record.version] : [])).at(-1);
      expect(last).toBeGreaterThan(0);
      expect(restarts).toEqual([last]);
    },
  );

  it("never gives a stage to a verifier, and tells workers of it", () => {
    const told = new Set<string>();
    const createWorker: PlantedFaults["createWorker"] = (settings, host, journal) => {
      if (host.node === 1) return new Worker({ ...settings, duty: "verify" }, host, journal);
      return new Worker(settings, host, journal);
    };
    const watched: PlantedFaults = {
      createWorker,
      delivered: ({ message }) => {
        const { kind, layout } = message as { kind: string; layout?: { verifiers: readonly number[] } };
        if (kind === "plan" && layout !== undefined) told.add(layout.verifiers.join());
      },
    };
    const { faults, changes } = play(settingsOf({}), watched, { spares: 1 });
    expect(faults).toEqual([]);
    expect(changes("assigned")).toEqual([2, 3]);
    expect([...told]).toEqual(["1"]);
  });

  it("blames a worker that forges, says why, and goes on around it", () => {
    const createWorker: PlantedFaults["createWorker"] = (settings, host, journal) => {
      const forges = host.node === 1;
      const behaviour = {
        task: (task: Parameters<typeof host.compute>[0]) => task,
        message: (_to: number, message: Parameters<typeof host.send>[1]) =>
          forges && message.kind === "activation" ? { ...message, digest: "another" } : message,
      };
      return new Worker({ ...settings, behaviour }, host, journal);
    };
    const { records, changes, faults } = play(settingsOf({}), { createWorker }, { spares: 1, isSigned: true });
    const blamed = records.filter((record) => record.kind === "blame");
    expect(blamed.length).toBeGreaterThan(0);
    for (const record of blamed)
      expect(record).toMatchObject({ node: 1, reason: expect.stringContaining("wrong signature") });
    expect(changes("assigned")).toContain(3);
    expect(faults).toEqual([]);
  });

  it("gives up where a forger cannot be done without, after attempts that can be counted", () => {
    const createWorker: PlantedFaults["createWorker"] = (settings, host, journal) => {
      const message = (_to: number, said: Message): Message =>
        host.node === 1 && said.kind === "activation" ? ({ ...said, digest: "another" } as Message) : said;
      return new Worker({ ...settings, behaviour: { ...honestBehaviour, message } }, host, journal);
    };
    const { records, faults, seconds } = play(settingsOf({}), { createWorker }, { isSigned: true });
    expect(faults.join()).toContain("not finished: no progress: wrong signature");
    // Eight for each of two workers and eight more, the most of them a heartbeat of 100 ms apart.
    expect(records.filter(({ kind }) => kind === "blame")).toHaveLength(25);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(5);
  });

  it("goes back to an earlier checkpoint where the last one is damaged", () => {
    const plan = (world: FaultWorld): void =>
      world.events.schedule(1.6, () => {
        world.machines[0].disk.set("1/8", new Float64Array(0));
        world.killEverything();
      });
    const settings = settingsOf({}, { updates: 20, checkpointsAreShared: true });
    const { faults, records } = play(settings, { plan }, { faults: new Set(["worker-crash"]) });
    expect(faults).toEqual([]);
    const restarts = records.flatMap((record) => (record.kind === "restart" ? [record.version] : []));
    expect(restarts).toEqual([8, 4]);
  });
});
