import type { Message } from "@shardlab/contracts";
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

  it("to one node leave one after the other, and what is said later waits behind tensors", () => {
    const got: [number, string, number][] = [];
    const { environment, world } = smallSwarm({
      population: [{ group: "workers", count: 3, link: defaultLink }],
      sizes: [sizesWith({ boundaryBytes: 10e6 }), sizesWith({})],
      device: { ...operationsOnly, flopPerSecond: Number.POSITIVE_INFINITY },
      worker: (host) => ({
        start: () => {
          if (host.node !== 1) return;
          host.compute(open(0, 2));
          host.compute(forward(0));
        },
        computed: (_, { output }) => {
          if (output === undefined) return;
          host.send(2, { kind: "first", tensor: output });
          host.send(2, { kind: "second", tensor: output });
          host.send(2, text("third"));
          host.send(3, text("aside"));
          host.release(output);
        },
        receive: (_, { kind, tensor }) => {
          got.push([host.node, kind, host.nowSeconds]);
          if (tensor !== undefined) host.release(tensor);
        },
      }),
    });
    environment.run();
    expect(got.map(([node, kind]) => [node, kind])).toEqual([
      [3, "aside"],
      [2, "first"],
      [2, "second"],
      [2, "third"],
    ]);
    // Ten megabytes take 80 ms, and the next ones do not wait for the latency.
    const expected = [0.002, 0.082, 0.162, 0.162];
    got.forEach(([, , seconds], index) => {
      expect(seconds).toBeCloseTo(expected[index], 12);
    });
    expect([world.tensors.liveCount, world.messenger.underWay]).toEqual([0, 0]);
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
