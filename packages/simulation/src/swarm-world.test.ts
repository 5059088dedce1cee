import type { Message, Plain, RoleHost } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { defaultLink, forward, open, operationsOnly, sizesWith, smallSwarm } from "./fixtures/small-swarm.ts";

const text = (kind: string): Message => ({ kind });

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

  it("that are slow send slowly too, whatever life of a worker it is", () => {
    const got: number[] = [];
    const { environment } = smallSwarm({
      population: [{ group: "one", count: 1, link: { ...defaultLink, latency: "0 s" } }],
      simulation: {
        coordinator: { ...defaultLink, latency: "0 s" },
        presence: {
          faults: [{ kind: "permanent-straggler", share: 1, factor: { kind: "fixed-factor", factor: 4 } }],
          crashes: [{ worker: 1, at: "100 s", lasts: "1 s" }],
        },
      },
      sizes: [sizesWith({ boundaryBytes: 125e6 }), sizesWith({})],
      device: { ...operationsOnly, flopPerSecond: 1e9 },
      worker: (host) => ({
        start: () => {
          host.compute(open(0, 2));
          host.compute(forward(0));
        },
        computed: (_, { output }) => {
          if (output === undefined) return;
          host.send(0, { kind: "activation", tensor: output });
          host.release(output);
        },
      }),
      coordinator: (host) => ({
        receive: (_, { tensor }) => {
          got.push(host.nowSeconds);
          if (tensor !== undefined) host.release(tensor);
        },
      }),
    });
    environment.run({ until: 200 });
    // A second of computing and one of sending, each four times as long.
    expect(got[0]).toBeCloseTo(8, 9);
    expect(got[1]).toBeCloseTo(101 + 8, 9);
  });
});
