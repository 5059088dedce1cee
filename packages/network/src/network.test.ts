import { Environment } from "@shardlab/des";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NaiveTransfer, naiveCompletions } from "./fixtures/naive-fluid.ts";
import type { AccessLink } from "./link.ts";
import { mathisBytesPerSecond } from "./link-loss.ts";
import { Network, type NetworkOptions } from "./network.ts";
import type { NetworkNode, Route, Topology } from "./topology.ts";

const node = (link: Partial<AccessLink> = {}): NetworkNode => ({
  group: "peer",
  uplinkBytesPerSecond: 100,
  downlinkBytesPerSecond: 100,
  latencySeconds: 0,
  ...link,
});
const direct: Route = { sharedLinks: [], latencySeconds: 0 };
const starOf = (nodes: readonly NetworkNode[], route = direct): Topology => ({
  nodes,
  sharedLinks: [],
  route: () => route,
});

interface World {
  readonly environment: Environment;
  readonly network: Network;
  /** Arrivals as `payload at time`, failures as `payload failed at time`. */
  readonly log: string[];
  readonly start: (from: number, to: number, bytes: number, payload?: number) => number;
}

function worldOf(topology: Topology, options: NetworkOptions & { seed?: number } = {}): World {
  const environment = new Environment({ seed: options.seed ?? 1 });
  const network = new Network(environment, topology, options);
  const log: string[] = [];
  const onDelivered = (payload: number) => void log.push(`${payload} at ${environment.now}`);
  const onFailed = (payload: number) => void log.push(`${payload} failed at ${environment.now}`);
  const start = (from: number, to: number, bytes: number, payload = 0) =>
    network.transfer({ from, to, bytes, payload, onDelivered, onFailed });
  return { environment, network, log, start };
}

describe("one transfer", () => {
  it("takes bytes over the narrowest link, then the latency", () => {
    const nodes = [node({ uplinkBytesPerSecond: 10, latencySeconds: 0.25 }), node({ latencySeconds: 0.5 })];
    const { environment, log, start } = worldOf(starOf(nodes, { sharedLinks: [], latencySeconds: 1 }));
    start(0, 1, 40, 7);
    environment.run();
    expect(log).toEqual(["7 at 5.75"]);
  });

  it("takes only the latency when it is empty, and nothing to itself", () => {
    const { environment, log, start } = worldOf(starOf([node({ latencySeconds: 0.5 }), node()]));
    start(0, 1, 0, 1);
    start(0, 0, 1e9, 2);
    environment.run();
    expect(log).toEqual(["2 at 0", "1 at 0.5"]);
  });

  it("is bounded by a shared link, by the sender and by its window", () => {
    const topology: Topology = {
      nodes: [node({ latencySeconds: 0.5 }), node({ latencySeconds: 0.5 })],
      sharedLinks: [{ name: "backbone", capacityBytesPerSecond: 40 }],
      route: () => ({ sharedLinks: [0], latencySeconds: 0 }),
    };
    const arrival = (options: NetworkOptions, maximumBytesPerSecond = 1000): string[] => {
      const { environment, network, log } = worldOf(topology, options);
      const onDelivered = () => void log.push(`${environment.now}`);
      network.transfer({ from: 0, to: 1, bytes: 200, maximumBytesPerSecond, onDelivered });
      environment.run();
      return log;
    };
    expect(arrival({})).toEqual(["6"]);
    expect(arrival({}, 10)).toEqual(["21"]);
    // 50 bytes in 2 s of round trip.
    expect(arrival({ maximumWindowBytes: 50 })).toEqual(["9"]);
  });
});

describe("sharing", () => {
  it("lets up and down of a node alone, and shares each", () => {
    // Asymmetric star: node 0 sends to 1 and 2 over its uplink of 10, while 1 and 2 send to it over its downlink of 100.
    const asymmetric = node({ uplinkBytesPerSecond: 10, downlinkBytesPerSecond: 100 });
    const { environment, log, start } = worldOf(starOf([asymmetric, node(), node()]));
    start(0, 1, 50, 1);
    start(0, 2, 50, 2);
    start(1, 0, 100, 3);
    start(2, 0, 200, 4);
    environment.run();
    expect(log).toEqual(["3 at 2", "4 at 3", "1 at 10", "2 at 10"]);
  });

  it("arrives when a naive fluid simulation says, and counts every byte, on random stars with a backbone", () => {
    const rate = fc.integer({ min: 1, max: 60 });
    const access = fc.record({ up: rate, down: rate, eighths: fc.nat({ max: 8 }) });
    const star = fc.array(access, { minLength: 2, maxLength: 6 }).chain((nodes) => {
      const end = fc.nat({ max: nodes.length - 1 });
      const one = fc.record({ from: end, to: end, bytes: fc.integer({ min: 1, max: 500 }), start: fc.nat({ max: 6 }) });
      return fc.record({ nodes: fc.constant(nodes), backbone: rate, transfers: fc.array(one, { maxLength: 12 }) });
    });
    fc.assert(
      fc.property(star, ({ nodes, backbone, transfers: drawn }) => {
        const transfers = drawn.filter(({ from, to }) => from !== to);
        const n = nodes.length;
        const { environment, network } = worldOf({
          nodes: nodes.map(({ up, down, eighths }) =>
            node({ uplinkBytesPerSecond: up, downlinkBytesPerSecond: down, latencySeconds: eighths / 8 }),
          ),
          sharedLinks: [{ name: "backbone", capacityBytesPerSecond: backbone }],
          route: () => ({ sharedLinks: [0], latencySeconds: 0 }),
        });
        const arrivals: number[] = [];
        const onDelivered = (payload: number) => {
          arrivals[payload] = environment.now;
        };
        for (const [payload, { from, to, bytes, start }] of transfers.entries()) {
          environment.schedule(start, () => network.transfer({ from, to, bytes, payload, onDelivered }));
        }
        environment.run();
        const capacities = [...nodes.map(({ up }) => up), ...nodes.map(({ down }) => down), backbone];
        const naive = transfers.map(({ from, to, bytes, start }): NaiveTransfer => {
          return { startSeconds: start, bytes, links: [from, n + to, 2 * n], weight: 1, cap: Number.POSITIVE_INFINITY };
        });
        for (const [i, completion] of naiveCompletions(capacities, naive).entries()) {
          const { from, to } = transfers[i];
          const expected = completion + nodes[from].eighths / 8 + nodes[to].eighths / 8;
          expect(Math.abs(arrivals[i] - expected)).toBeLessThanOrEqual(1e-9 * expected);
        }
        for (let i = 0; i < n; i++) {
          const total = (end: "from" | "to") =>
            transfers.reduce((sum, transfer) => sum + (transfer[end] === i ? transfer.bytes : 0), 0);
          expect(network.bytesSent(i)).toBeCloseTo(total("from"), 8);
          expect(network.bytesReceived(i)).toBeCloseTo(total("to"), 8);
        }
      }),
      { numRuns: 200, seed: 8 },
    );
  });

  it("counts bytes under way, and says how many are left", () => {
    const { environment, network, start } = worldOf(starOf([node(), node()]));
    const handle = start(0, 1, 1000);
    environment.schedule(3, () => {
      expect(network.bytesSent(0)).toBe(300);
      expect(network.bytesReceived(1)).toBe(300);
      expect(network.bytesLeft(handle)).toBe(700);
      expect(network.rateOf(handle)).toBe(100);
    });
    environment.run();
    expect(network.bytesSent(0)).toBe(1000);
    expect(network.rateOf(handle)).toBe(0);
  });
});

describe("cancelling and crashing", () => {
  it("frees the links for others, and calls nobody", () => {
    const { environment, network, log, start } = worldOf(starOf([node(), node()]));
    const handle = start(0, 1, 1000, 1);
    start(0, 1, 200, 2);
    environment.schedule(2, () => {
      expect(network.cancel(handle)).toBe(true);
      expect(network.cancel(handle)).toBe(false);
    });
    environment.run();
    expect(log).toEqual(["2 at 3"]);
    expect(network.bytesSent(0)).toBe(300);
  });

  it("cancels what is on its last way too, and never the next user of its place", () => {
    const { environment, network, log, start } = worldOf(starOf([node({ latencySeconds: 5 }), node()]));
    const first = start(0, 1, 100, 1);
    environment.schedule(3, () => {
      expect(network.cancel(first)).toBe(true);
      start(0, 1, 100, 2);
      expect(network.cancel(first)).toBe(false);
    });
    environment.run();
    expect(log).toEqual(["2 at 9"]);
  });

  it("fails the transfers of a node that goes down, and those that begin while it is down", () => {
    const { environment, network, log, start } = worldOf(starOf([node(), node(), node()]));
    start(0, 1, 1000, 1);
    start(1, 2, 1000, 2);
    start(2, 0, 1000, 3);
    environment.schedule(4, () => network.setUp(1, false));
    environment.schedule(5, () => start(0, 1, 10, 4));
    environment.schedule(6, () => network.setUp(1, true));
    environment.schedule(7, () => start(0, 1, 100, 5));
    environment.run();
    expect(log).toEqual(["1 failed at 4", "2 failed at 4", "4 failed at 5", "5 at 8", "3 at 10"]);
  });

  it("delivers what a sender had sent before it crashed, but nothing to a receiver that did", () => {
    const { environment, network, log, start } = worldOf(starOf([node({ latencySeconds: 5 }), node()]));
    start(0, 1, 100, 1);
    environment.schedule(2, () => network.setUp(0, false));
    environment.run();
    expect(log).toEqual(["1 at 6"]);
    const other = worldOf(starOf([node({ latencySeconds: 5 }), node()]));
    other.start(0, 1, 100, 1);
    other.environment.schedule(2, () => other.network.setUp(1, false));
    other.environment.run();
    expect(other.log).toEqual(["1 failed at 2"]);
  });

  it("stalls across a partition and goes on where it stopped", () => {
    const { environment, network, log, start } = worldOf(starOf([node(), node(), node()]));
    start(0, 1, 1000, 1);
    start(0, 2, 1000, 2);
    // Both at 50 until 4 s; then 2 alone at 100 until 12 s; the split heals at 20 s with 800 left of 1.
    environment.schedule(4, () => network.setPartition([0, 1, 0]));
    environment.schedule(20, () => network.setPartition(undefined));
    environment.run();
    expect(log).toEqual(["2 at 12", "1 at 28"]);
  });

  it("follows changes of an access link, also to nothing", () => {
    const { environment, network, log, start } = worldOf(starOf([node(), node()]));
    start(0, 1, 1000, 1);
    environment.schedule(2, () => network.setAccessRates(0, 0, 100));
    environment.schedule(10, () => network.setAccessRates(0, 50, 100));
    environment.run();
    expect(log).toEqual(["1 at 26"]);
  });
});

describe("loss", () => {
  const lossy = (lossRate: number, capacity: number): Topology =>
    starOf([
      node({ uplinkBytesPerSecond: capacity, latencySeconds: 0.04, lossRate }),
      node({ downlinkBytesPerSecond: 1e9, latencySeconds: 0.01 }),
    ]);

  it("holds a reliable transfer to the bound of Mathis et al., retransmissions included", () => {
    const { environment, network, log, start } = worldOf(lossy(0.01, 1e9));
    const bytes = 1e7;
    start(0, 1, bytes);
    environment.run();
    // Round trip 0.1 s, segment 1460 B, loss 1 %: sqrt(3/2) 1460 / (0.1 x 0.1) on the wire; 99 % of it is new.
    const wire = (Math.sqrt(1.5) * 1460) / (0.1 * 0.1);
    expect(Number(log[0].split(" at ")[1])).toBeCloseTo(bytes / (0.99 * wire) + 0.05, 9);
    expect(network.bytesSent(0)).toBeCloseTo(bytes / 0.99, 3);
  });

  it("costs only the retransmissions where the link is slower than that bound", () => {
    const { environment, log, start } = worldOf(lossy(0.01, 1000));
    expect(mathisBytesPerSecond(0.01, 0.1)).toBeGreaterThan(1000);
    start(0, 1, 990);
    environment.run();
    expect(Number(log[0].split(" at ")[1])).toBeCloseTo(1 + 0.05, 12);
  });

  it("gives w connections w times the bound", () => {
    const seconds = [1, 4].map((weight) => {
      const { environment, network } = worldOf(lossy(0.01, 1e9));
      let arrival = 0;
      const onDelivered = () => {
        arrival = environment.now;
      };
      network.transfer({ from: 0, to: 1, bytes: 1e7, weight, onDelivered });
      environment.run();
      return arrival - 0.05;
    });
    expect(seconds[0] / seconds[1]).toBeCloseTo(4, 9);
  });

  it("never completes where everything is lost", () => {
    const { environment, network, log, start } = worldOf(lossy(1, 1000));
    const handle = start(0, 1, 10);
    environment.run();
    expect(log).toEqual([]);
    expect(network.bytesLeft(handle)).toBe(10);
  });

  it("drops datagrams at its rate: 1 - (1 - p)^packets", () => {
    const n = 5000;
    for (const [bytes, packets] of [
      [0, 1],
      [1460, 1],
      [1461, 2],
      [14_600, 10],
    ]) {
      const { environment, network } = worldOf(lossy(0.05, 1e9), { seed: packets });
      let arrived = 0;
      const onDelivered = () => {
        arrived += 1;
      };
      for (let i = 0; i < n; i++) network.send({ from: 0, to: 1, bytes, onDelivered });
      environment.run();
      const kept = 0.95 ** packets;
      expect(Math.abs(arrived - n * kept)).toBeLessThan(4 * Math.sqrt(n * kept * (1 - kept)));
    }
  });
});

describe("messages", () => {
  it("take no bandwidth, and their own length over the narrowest link", () => {
    const nodes = [node({ latencySeconds: 1 }), node({ downlinkBytesPerSecond: 20, latencySeconds: 1 })];
    const { environment, network, log, start } = worldOf(starOf(nodes));
    start(0, 1, 200, 1);
    const onDelivered = (payload: number) => void log.push(`${payload} at ${environment.now}`);
    network.send({ from: 0, to: 1, bytes: 10, payload: 2, onDelivered });
    network.send({ from: 0, to: 1, payload: 3, onDelivered });
    network.send({ from: 0, to: 0, bytes: 1e6, payload: 4, onDelivered });
    environment.run();
    expect(log).toEqual(["4 at 0", "3 at 2", "2 at 2.5", "1 at 12"]);
    expect(network.bytesSent(0)).toBe(200);
  });

  it("are lost to nodes that are down on arrival, from nodes that are down, and across partitions", () => {
    const { environment, network, log } = worldOf(starOf([node({ latencySeconds: 1 }), node()]));
    const onDelivered = () => void log.push("arrived");
    network.send({ from: 0, to: 1, onDelivered });
    network.setUp(1, false);
    expect(network.send({ from: 1, to: 0, onDelivered })).toBe(false);
    environment.run();
    network.setUp(1, true);
    network.setPartition([0, 1]);
    expect(network.send({ from: 0, to: 1, onDelivered })).toBe(false);
    environment.run();
    expect(log).toEqual([]);
  });
});

describe("jitter", () => {
  it("delays each message by a draw at each end, from a stream of the sender", () => {
    const jitter = { kind: "exponential", meanSeconds: 2 } as const;
    const arrivalsOf = (others: number): number[] => {
      const { environment, network } = worldOf(starOf([node({ jitter }), node({ jitter }), node({ jitter })]));
      const arrivals: number[] = [];
      const onDelivered = (payload: number) => {
        arrivals[payload] = environment.now;
      };
      for (let i = 0; i < 5000; i++) network.send({ from: 0, to: 1, payload: i, onDelivered });
      for (let i = 0; i < others; i++) network.send({ from: 2, to: 1, onDelivered: () => {} });
      environment.run();
      return arrivals;
    };
    const alone = arrivalsOf(0);
    expect(arrivalsOf(100)).toEqual(alone);
    // Two exponentials of mean 2: mean 4, variance 8.
    const mean = alone.reduce((sum, time) => sum + time, 0) / alone.length;
    expect(Math.abs(mean - 4)).toBeLessThan(4 * Math.sqrt(8 / alone.length));
  });
});

describe("refusals and repetition", () => {
  it("names what is wrong", () => {
    const { network } = worldOf(starOf([node(), node()]));
    const onDelivered = () => {};
    expect(() => network.transfer({ from: 0, to: 2, bytes: 1, onDelivered })).toThrow("unknown node: 2");
    expect(() => network.transfer({ from: 0, to: 1, bytes: -1, onDelivered })).toThrow("invalid size: -1");
    expect(() => network.transfer({ from: 0, to: 1, bytes: 1, weight: 0, onDelivered })).toThrow("invalid weight: 0");
    expect(() => network.setAccessRates(0, Number.NaN, 1)).toThrow("invalid capacity: NaN");
    expect(() => network.setPartition([0])).toThrow("invalid partition: 1 groups for 2 nodes");
    expect(() => worldOf(starOf([node({ lossRate: 2 })]))).toThrow("invalid loss rate: 2");
    expect(() => worldOf(starOf([node({ latencySeconds: -1 })]))).toThrow("invalid latency: -1");
    expect(() => worldOf(starOf([node()]), { maximumWindowBytes: 0 })).toThrow("invalid window: 0");
  });

  it("repeats bit by bit through crashes, splits and changes, and takes no notice of being watched", () => {
    const play = (isWatched: boolean): string => {
      const jitter = { kind: "log-normal", medianSeconds: 0.01, sigma: 1 } as const;
      const { environment, network, start } = worldOf(starOf(Array(12).fill(node({ jitter, lossRate: 0.01 }))));
      const stream = environment.random("play");
      const step = (left: number): void => {
        const [a, b] = [stream.integer(12), stream.integer(12)];
        const what = stream.uniform();
        if (what < 0.8) start(a, b, 1 + stream.integer(200));
        else if (what < 0.85) network.setUp(a, !network.isUp(a));
        else if (what < 0.9) network.setAccessRates(a, stream.integer(100), stream.integer(100));
        else network.setPartition(what < 0.95 ? Array.from({ length: 12 }, (_, i) => (i < b ? 0 : 1)) : undefined);
        if (isWatched) for (let i = 0; i < 12; i++) network.bytesSent(i) + network.bytesReceived(i);
        if (left > 0) environment.schedule(stream.exponential(2), step, left - 1);
      };
      step(2000);
      environment.run();
      return environment.traceHash;
    };
    expect(play(true)).toBe(play(false));
  });
});
