import type { ComputeResult, ComputeTask, StageCompute } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { defaultLink, forward, open, operationsOnly, sizesWith, smallSwarm } from "./fixtures/small-swarm.ts";

describe("tasks", () => {
  it("are done one after the other, each as long as the device takes", () => {
    const ends: [string, number][] = [];
    const { environment, records } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      sizes: [sizesWith({ forwardFlop: 3e9, backwardFlop: 5e9, parameters: 1e6 })],
      device: { flopPerSecond: 1e10, overheadSeconds: 0.01, memoryBytesPerSecond: 1e9, codecBytesPerSecond: 1e9 },
      worker: (host) => ({
        start: () => {
          host.compute(open());
          host.compute(forward(0));
          host.compute({ kind: "backward", update: 0, microbatch: 0, split: "training" });
          host.compute({ kind: "apply", update: 0, divisor: 1, squaredNorm: 1, digest: false });
        },
        computed: (task) => ends.push([task.kind, host.nowSeconds]),
      }),
    });
    environment.run();
    // Opening writes 12 MB; the step reads 4 MB of gradient, and reads and writes 12 MB.
    const durations = [0.01 + 0.012, 0.01 + 0.3, 0.01 + 0.5, 0.01 + 0.004 + 0.024];
    let seconds = 0;
    durations.forEach((duration, index) => {
      seconds += duration;
      expect(ends[index][1]).toBeCloseTo(seconds, 12);
    });
    expect(ends.map(([kind]) => kind)).toEqual(["open", "forward", "backward", "apply"]);
    const tasks = records.flatMap((record) => (record.kind === "task" ? [record] : []));
    expect(tasks.map(({ flop }) => flop)).toEqual([0, 3e9, 5e9, 0]);
    expect(tasks.map(({ update }) => update)).toEqual([-1, 0, 0, 0]);
    expect(tasks[2].startSeconds).toBeCloseTo(0.022 + 0.31, 12);
  });

  it("that have not begun can be forgotten, with their tensors", () => {
    let forgotten = 0;
    const done: string[] = [];
    const { environment, world } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      sizes: [sizesWith({}), sizesWith({})],
      worker: (host) => ({
        start: () => {
          host.compute(open(0, 2));
          host.compute(forward(0));
        },
        computed: (task, { output }) => {
          done.push(task.kind);
          if (output === undefined || done.length > 2) return;
          host.compute(forward(1));
          host.compute({ kind: "tied-import", update: 0, tensor: output });
          forgotten = host.cancelCompute();
        },
      }),
    });
    environment.run();
    expect(forgotten).toBe(1);
    expect(done).toEqual(["open", "forward", "forward"]);
    // The output of the second forward pass is still the role's.
    expect(world.tensors.liveCount).toBe(1);
  });

  it("fail without a shard, and where it does not fit", () => {
    const failed: [string, string][] = [];
    const { environment } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      sizes: [sizesWith({ parameters: 1000 })],
      device: { memoryBytes: 15_999 },
      worker: (host) => ({
        start: () => {
          host.compute(open());
          host.compute(forward(0));
        },
        computeFailed: (task, reason) => failed.push([task.kind, reason]),
      }),
    });
    environment.run();
    expect(failed).toEqual([
      ["open", "out of memory: stage 0 takes 16000 of 15999 bytes"],
      ["forward", "no shard: forward"],
    ]);
  });

  it("are slowed down by stragglers, what is left of the one under way too", () => {
    const ends: number[] = [];
    const { environment } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      device: { ...operationsOnly, flopPerSecond: 1e8 },
      simulation: {
        presence: {
          faults: [
            {
              kind: "temporary-straggler",
              every: { kind: "constant", mean: "4 s" },
              lasts: { kind: "constant", mean: "6 s" },
              factor: { kind: "fixed-factor", factor: 3 },
            },
          ],
        },
      },
      worker: (host) => ({
        start: () => {
          host.compute(open());
          for (let i = 0; i < 2; i++) host.compute(forward(i));
        },
        computed: ({ kind }) => {
          if (kind === "forward") ends.push(host.nowSeconds);
        },
      }),
    });
    environment.run({ until: 60 });
    // Healthy, each takes 10 s. 4 s, then 6 s at a third: 2 s of work; 4 s more at full speed: 14 s in all, when it is slow again.
    // Slow from 14 to 20: 2 s of work; fast to 24: 4 s; slow to 30: 2 s; and 2 s more.
    expect(ends[0]).toBeCloseTo(14, 9);
    expect(ends[1]).toBeCloseTo(32, 9);
  });

  it("wait for computing that gives promises, at the moment at which they began", async () => {
    let isDone = false;
    const compute: StageCompute = {
      run: (task: ComputeTask): ComputeResult | Promise<ComputeResult> => {
        if (task.kind === "open") return { flop: 0, version: 0 };
        return Promise.resolve().then(() => {
          isDone = true;
          return { flop: 2e9 };
        });
      },
      dispose: () => {},
    };
    const ends: number[] = [];
    const { environment, world } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      device: { ...operationsOnly, flopPerSecond: 1e9 },
      compute: () => compute,
      worker: (host) => ({
        start: () => {
          host.compute(open());
          host.compute(forward(0));
        },
        computed: () => ends.push(host.nowSeconds),
      }),
    });
    environment.run({ until: 100 });
    expect([world.awaited.length, environment.now, isDone]).toEqual([1, 0, false]);
    await Promise.all(world.awaited);
    expect(isDone).toBe(true);
    environment.run();
    expect(ends).toEqual([0, 2]);
  });
});

describe("timers", () => {
  it("ring once, replace one another by name, and can be cancelled", () => {
    const rung: [string, number][] = [];
    const { environment } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      worker: (host) => ({
        start: () => {
          host.setTimer("a", 5);
          host.setTimer("b", 2);
          host.setTimer("c", 3);
          host.setTimer("a", 1);
          host.cancelTimer("c");
          host.cancelTimer("unknown");
        },
        timer: (name) => {
          rung.push([name, host.nowSeconds]);
          if (name === "b" && host.nowSeconds < 3) host.setTimer("b", 2);
        },
      }),
    });
    environment.run();
    expect(rung).toEqual([
      ["a", 1],
      ["b", 2],
      ["b", 4],
    ]);
  });
});
