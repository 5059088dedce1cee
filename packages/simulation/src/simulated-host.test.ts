import type { ComputeResult, ComputeTask, Message, Plain, RoleHost, StageCompute } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { defaultLink, forward, open, operationsOnly, sizesWith, smallSwarm } from "./fixtures/small-swarm.ts";

const text = (kind: string): Message => ({ kind });

describe("messages", () => {
  it("take the latencies of both ends and their header over the narrowest link", () => {
    const heard: [number, number, string][] = [];
    const { environment } = smallSwarm({
      population: [
        { group: "near", count: 1, link: { ...defaultLink, up: "8 Mbit/s" } },
        { group: "far", count: 1, link: { ...defaultLink, latency: "30 ms" } },
      ],
      simulation: { header: 1000 },
      worker: (host) => ({
        start: () => host.send(0, text("hello")),
        receive: (from, { kind }) => heard.push([host.nowSeconds, from, kind]),
      }),
      coordinator: (host) => ({
        receive: (from, { kind }) => {
          heard.push([host.nowSeconds, from, kind]);
          host.send(from, text("welcome"));
        },
      }),
    });
    environment.run();
    // 1000 bytes at 1 MB/s and at 125 MB/s; a gigabit on the way back.
    const near = 0.002 + 1e-3;
    const far = 0.031 + 8e-6;
    expect(heard.map(([, ...rest]) => rest)).toEqual([
      [1, "hello"],
      [0, "welcome"],
      [2, "hello"],
      [0, "welcome"],
    ]);
    const expected = [near, near + 0.002 + 8e-6, far, 2 * far];
    heard.forEach(([seconds], index) => {
      expect(seconds).toBeCloseTo(expected[index], 12);
    });
  });

  it("with a tensor share the uplink fairly, and become the receiver's own", () => {
    const got: [number, number][] = [];
    const ids: number[] = [];
    const { environment, world } = smallSwarm({
      population: [{ group: "workers", count: 3, link: defaultLink }],
      sizes: [sizesWith({ boundaryBytes: 1e6 }), sizesWith({})],
      device: operationsOnly,
      worker: (host) => ({
        start: () => {
          if (host.node !== 1) return;
          host.compute(open(0, 2));
          host.compute(forward(0));
        },
        computed: (_, { output }) => {
          if (output === undefined) return;
          ids.push(output.id);
          for (const to of [2, 3]) host.send(to, { kind: "activation", tensor: output });
          host.release(output);
        },
        receive: (_, { tensor }) => {
          if (tensor === undefined) return;
          got.push([host.node, host.nowSeconds]);
          ids.push(tensor.id);
          host.release(tensor);
        },
      }),
    });
    environment.run();
    // 0.1 s of computing; two megabytes at 125 MB/s.
    expect(got.map(([node]) => node)).toEqual([2, 3]);
    for (const [, seconds] of got) expect(seconds).toBeCloseTo(0.1 + 2e6 / 125e6 + 0.002, 12);
    expect(new Set(ids).size).toBe(3);
    expect(world.tensors.liveCount).toBe(0);
    expect(world.messenger.sentBytes(1)).toBe(2e6);
    expect(world.messenger.sentTensorBytes(1)).toBe(2e6);
    expect(world.messenger.receivedBytes(2)).toBe(1e6);
  });

  it("that are lost are sent again, in doubling times, and counted each time", () => {
    const arrivals: number[] = [];
    const sent = 300;
    const loss = 0.3;
    const { environment, world } = smallSwarm({
      population: [{ group: "lossy", count: 1, link: { ...defaultLink, loss } }],
      simulation: { header: 100, retransmission: "100 ms", lossTimeout: "1 h" },
      worker: (host) => ({
        start: () => {
          for (let i = 0; i < sent; i++) host.send(0, text("hello"));
        },
      }),
      coordinator: (host) => ({ receive: () => arrivals.push(host.nowSeconds) }),
    });
    environment.run();
    expect(arrivals).toHaveLength(sent);
    const tries = arrivals.map((seconds) => Math.log2((seconds - 0.002) / 0.1 + 1));
    // After n losses it arrives 100 ms x (2^n - 1) later than the first time would have.
    for (const number of tries) expect(Math.abs(number - Math.round(number))).toBeLessThan(0.01);
    const first = tries.filter((number) => Math.round(number) === 0).length;
    expect(Math.abs(first - sent * (1 - loss))).toBeLessThan(4 * Math.sqrt(sent * loss * (1 - loss)));
    const total = tries.reduce((sum, number) => sum + Math.round(number) + 1, 0);
    expect(world.messenger.sentBytes(1)).toBe(100 * total);
  });

  it("that do not get through a partition are given up after the time-out, and the sender is told", () => {
    const told: [number, number][] = [];
    const { environment, world } = smallSwarm({
      simulation: {
        lossTimeout: "3 s",
        presence: {
          faults: [
            {
              kind: "partition",
              every: { kind: "constant", mean: "1 s" },
              lasts: { kind: "constant", mean: "1 h" },
              shares: [0, 1],
              limit: 1,
            },
          ],
        },
      },
      worker: (host) => ({
        start: () => host.setTimer("send", 2),
        timer: () => host.send(0, text("hello")),
        disconnected: (node) => told.push([node, host.nowSeconds]),
      }),
      coordinator: () => ({ receive: () => expect.unreachable() }),
    });
    environment.run({ until: 100 });
    // Tried at 2, 2.2, 2.6, 3.4 seconds; the next time would be at 5, 3 seconds after the first: still within.
    expect(told.map(([node]) => node)).toEqual([0, 0]);
    for (const [, seconds] of told) expect(seconds).toBeCloseTo(5, 9);
    expect(world.messenger.underWay).toBe(0);
  });
});

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

describe("lives", () => {
  const journalled = (
    lives: { node: number; journal: readonly Plain[]; at: number }[],
    act: (host: RoleHost) => void,
  ) => ({
    worker: (host: RoleHost, journal: readonly Plain[]) => {
      lives.push({ node: host.node, journal, at: host.nowSeconds });
      return { start: () => act(host), timer: () => host.persist({ written: host.nowSeconds }) };
    },
  });

  it("begin anew under a number of their own, with what was durable when the one before crashed", () => {
    const lives: { node: number; journal: readonly Plain[]; at: number }[] = [];
    const { environment, world } = smallSwarm({
      simulation: {
        journalDelay: "2 s",
        presence: {
          crashes: [
            { worker: 1, at: "10 s", lasts: "5 s" },
            { worker: 2, at: "20 s" },
          ],
        },
      },
      ...journalled(lives, (host) => {
        host.setTimer("early", 4);
        host.setTimer("late", 9);
      }),
    });
    environment.run({ until: 100 });
    expect(lives.map(({ node, at }) => [node, at])).toEqual([
      [1, 0],
      [2, 0],
      [3, 15],
    ]);
    // The entry of 9 s would have been durable at 11 s.
    expect(lives[2].journal).toEqual([{ written: 4 }]);
    expect([world.nodeAt(1), world.nodeAt(2)]).toEqual([3, -1]);
  });

  it("send nothing that is not durable before", () => {
    const heard: [string, number][] = [];
    const { environment } = smallSwarm({
      population: [{ group: "one", count: 1, link: defaultLink }],
      simulation: { journalDelay: "500 ms", presence: { crashes: [{ worker: 1, at: "4200 ms" }] } },
      worker: (host) => ({
        start: () => {
          host.persist({ at: 0 });
          host.persist({ at: 1 });
          host.send(0, text("first"));
          host.setTimer("later", 3);
          host.setTimer("lost", 4);
        },
        timer: (name) => {
          if (name === "lost") host.persist({ at: 4 });
          host.send(0, text(name));
        },
      }),
      coordinator: (host) => ({ receive: (_, { kind }) => heard.push([kind, host.nowSeconds]) }),
    });
    environment.run({ until: 60 });
    expect(heard.map(([kind]) => kind)).toEqual(["first", "later"]);
    expect(heard[0][1]).toBeCloseTo(1.002, 12);
    expect(heard[1][1]).toBeCloseTo(3.002, 12);
  });

  it("leave nothing behind when they crash: neither tensors nor messages nor events", () => {
    const { environment, world } = smallSwarm({
      sizes: [sizesWith({ boundaryBytes: 125e6 }), sizesWith({})],
      device: { ...operationsOnly, flopPerSecond: 1e9 },
      simulation: {
        presence: {
          crashes: [
            { worker: 1, at: "3500 ms" },
            { worker: 2, at: "3600 ms" },
          ],
        },
      },
      worker: (host) => ({
        start: () => {
          host.compute(open(0, 2));
          for (let i = 0; i < 20; i++) host.compute(forward(i));
        },
        computed: (_, { output }) => {
          // Kept, and under way for more than a second.
          if (output !== undefined) host.send(3 - host.node, { kind: "activation", tensor: output });
        },
      }),
    });
    environment.run({ until: 3.4 });
    expect(world.tensors.liveCount).toBeGreaterThan(4);
    environment.run({ until: 100 });
    expect([world.tensors.liveCount, world.messenger.underWay, environment.pendingCount]).toEqual([0, 0, 0]);
  });

  it("that depart are known to be gone; those that crash are not", () => {
    const told: number[][] = [[], []];
    const endings = ["departure", "crash"] as const;
    endings.forEach((ending, index) => {
      const { environment } = smallSwarm({
        population: [{ group: "workers", count: 3, link: defaultLink }],
        simulation: {
          presence: {
            population: {
              kind: "fixed-population",
              count: 3,
              session: { kind: "constant", mean: "5 s" },
              ending: { kind: ending },
            },
          },
        },
        coordinator: () => ({ disconnected: (node) => told[index].push(node) }),
      });
      environment.run({ until: 10 });
    });
    expect(told).toEqual([[1, 2, 3], []]);
  });
});
