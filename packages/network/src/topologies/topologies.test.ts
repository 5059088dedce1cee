import { readdirSync } from "node:fs";
import { Environment } from "@shardlab/des";
import { describe, expect, it } from "vitest";
import { Network } from "../network.ts";
import type { Topology } from "../topology.ts";
import { readNodeTable, readTopology, TopologyError } from "./read-topology.ts";
import { createTopology, topologyKinds, topologySpec } from "./registry.ts";

const make = (input: unknown): Topology => createTopology(topologySpec.parse(input));
const peers = { group: "peers", count: 3, up: "80 Mbit/s", down: "200 Mbit/s", latency: "10 ms" };

/** When transfers that all start at 0 arrive, by position. */
function arrivals(topology: Topology, transfers: readonly (readonly [number, number, number])[]): number[] {
  const environment = new Environment({ seed: 1 });
  const network = new Network(environment, topology);
  const times: number[] = [];
  const onDelivered = (payload: number) => {
    times[payload] = environment.now;
  };
  for (const [payload, [from, to, bytes]] of transfers.entries()) {
    network.transfer({ from, to, bytes, payload, onDelivered });
  }
  environment.run();
  return times;
}

describe("star", () => {
  it("makes every node of every group, in SI units", () => {
    const jitter = { kind: "uniform", maximum: "4 ms" };
    const topology = make({
      kind: "star",
      nodes: [peers, { ...peers, group: "far", count: "2", jitter, loss: "1 %" }],
    });
    expect(topology.nodes).toHaveLength(5);
    expect(topology.nodes[0]).toEqual({
      group: "peers",
      uplinkBytesPerSecond: 1e7,
      downlinkBytesPerSecond: 2.5e7,
      latencySeconds: 0.01,
      jitter: { kind: "none" },
      lossRate: 0,
    });
    expect(topology.nodes[4]).toMatchObject({ lossRate: 0.01, jitter: { kind: "uniform", maximumSeconds: 0.004 } });
  });

  it("carries a stage boundary of an 8B model as published: 33.6 MB in 3.36 s, 0.336 MB in 34 ms at 80 Mbit/s", () => {
    // 4096 tokens of width 4096 in bfloat16, whole and as 41 values each (Protocol Models, arXiv 2506.01260, its example).
    const topology = make({ kind: "star", nodes: [{ ...peers, latency: "0 s" }] });
    expect(arrivals(topology, [[0, 1, 4096 * 4096 * 2]])[0]).toBeCloseTo(3.36, 2);
    expect(arrivals(topology, [[0, 1, 4096 * 41 * 2]])[0]).toBeCloseTo(0.034, 3);
  });
});

describe("full mesh", () => {
  const mesh = (between: unknown): Topology => {
    const node = { up: "1 MB/s", down: "1 MB/s", latency: "1 ms" };
    const nodes = ["a", "b", "c"].map((group) => ({ ...node, group, count: 2 }));
    return make({ kind: "full-mesh", nodes, latency: "50 ms", between });
  };

  it("takes the latency of the pair, of its reverse, or the common one", () => {
    const topology = mesh([
      { from: "a", to: "b", latency: "20 ms" },
      { from: "b", to: "a", latency: "30 ms", loss: 0.1 },
      { from: "c", to: "a", latency: "40 ms" },
    ]);
    const latency = (from: number, to: number) => topology.route(from, to).latencySeconds;
    expect([latency(0, 2), latency(2, 0), latency(0, 4), latency(4, 0)]).toEqual([0.02, 0.03, 0.04, 0.04]);
    expect([latency(2, 4), latency(0, 1)]).toEqual([0.05, 0.05]);
    expect(topology.route(3, 1).lossRate).toBe(0.1);
  });

  it("shares the capacity of a pair, each direction its own", () => {
    const topology = mesh([{ from: "a", to: "b", latency: "0 s", capacity: "1 MB/s" }]);
    // Two from a to b halve the capacity; one back has its own, so only its receiver's downlink holds it.
    const times = arrivals(topology, [
      [0, 2, 1e6],
      [1, 3, 1e6],
      [2, 0, 1e6],
    ]);
    expect(times.map((time) => Math.round(1e6 * time) / 1e6)).toEqual([2.002, 2.002, 1.002]);
  });
});

describe("regions", () => {
  it("takes half a round trip each way, and shares the backbone", () => {
    const node = { up: "1 MB/s", down: "1 MB/s", count: 2 };
    const nodes = [
      { ...node, group: "home", region: "germany" },
      { ...node, group: "away", region: "us-east" },
    ];
    const free = make({ kind: "regions", nodes });
    expect(free.route(0, 2).latencySeconds).toBe(0.087 / 2);
    expect(free.route(0, 1).latencySeconds).toBe(0.005);
    expect(free.nodes[3].region).toBe("us-east");
    expect(make({ kind: "regions", nodes, withinRegion: "8 ms" }).route(0, 1).latencySeconds).toBe(0.004);
    const narrow = make({ kind: "regions", nodes, backbone: "1 MB/s" });
    const two: readonly (readonly [number, number, number])[] = [
      [0, 2, 1e6],
      [1, 3, 1e6],
    ];
    expect(arrivals(free, two)).toEqual([1.0435, 1.0435]);
    expect(arrivals(narrow, two)).toEqual([2.0435, 2.0435]);
  });
});

describe("data centre", () => {
  const topology = make({ kind: "data-centre", racks: 2, nodesPerRack: 4, port: "1 GB/s", oversubscription: 4 });

  it("narrows what leaves a rack by the oversubscription, and nothing within", () => {
    expect(topology.nodes).toHaveLength(8);
    const across = [0, 1, 2, 3].map((i) => [i, 4 + i, 1e9] as const);
    // Four nodes of 1 GB/s share 4 / 4 = 1 GB/s.
    for (const time of arrivals(topology, across)) expect(time).toBeCloseTo(4 + 10e-6, 9);
    const within = [0, 1, 2, 3].map((i) => [i, (i + 1) % 4, 1e9] as const);
    for (const time of arrivals(topology, within)) expect(time).toBeCloseTo(1 + 5e-6, 9);
  });
});

describe("the registry", () => {
  it("has every file that declares a kind", () => {
    const without = ["node-groups", "pairwise-routes", "read-topology", "registry"];
    const files = readdirSync(new URL(".", import.meta.url)).filter((name) => !name.endsWith(".test.ts"));
    const kinds = files.map((name) => name.replace(/\.ts$/, "")).filter((name) => !without.includes(name));
    expect([...topologyKinds].sort()).toEqual(kinds.sort());
  });
});

describe("reading", () => {
  const faultsOf = (input: unknown, placeOf?: (path: readonly (string | number)[]) => string): string[] => {
    try {
      readTopology(input, placeOf);
    } catch (error) {
      expect(error).toBeInstanceOf(TopologyError);
      return (error as Error).message.split("\n");
    }
    return [];
  };

  it("accepts what is right", () => {
    expect(readTopology({ kind: "star", nodes: [peers] }).nodes).toHaveLength(3);
  });

  it("names the field, what is wrong and the nearest right name", () => {
    expect(faultsOf({ kind: "stra", nodes: [peers] })).toEqual([
      "kind: unknown topology: stra (expected data-centre, full-mesh, regions, star; did you mean star?)",
    ]);
    expect(faultsOf({ nodes: [peers] })[0]).toContain("topology: missing key: kind (expected data-centre, ");
    expect(faultsOf(undefined)[0]).toContain("missing key: kind");
    expect(faultsOf({ kind: "star", nodes: [peers], latncy: "1 ms" })).toEqual([
      "latncy: unknown key: latncy (expected kind, nodes)",
    ]);
    expect(faultsOf({ kind: "star", nodes: [peers, { ...peers, group: "b", upp: "1 MB/s" }] })).toEqual([
      expect.stringMatching(/^nodes\[1\]\.upp: unknown key: upp \(.*did you mean up\?\)$/),
    ]);
    expect(faultsOf({ kind: "star", nodes: [{ ...peers, up: 80, down: undefined }] })).toEqual([
      "nodes[0].up: invalid up: 80 (expected a data rate with a unit, such as 80 Mbit/s)",
      "nodes[0].down: missing key: down",
    ]);
    expect(faultsOf({ kind: "star", nodes: [{ ...peers, latency: "-1 ms" }] })).toEqual([
      'nodes[0].latency: invalid latency: "-1 ms" (too small: expected at least 0 s)',
    ]);
    expect(faultsOf({ kind: "star", nodes: [{ ...peers, jitter: { kind: "unifrom", maximum: "1 ms" } }] })).toEqual([
      expect.stringMatching(/^nodes\[0\]\.jitter\.kind: unknown jitter: unifrom \(.*did you mean uniform\?\)$/),
    ]);
    expect(faultsOf({ kind: "star", nodes: [{ ...peers, jitter: { kind: "uniform", maximun: "1 ms" } }] })).toEqual([
      "nodes[0].jitter.maximum: missing key: maximum",
      expect.stringMatching(/^nodes\[0\]\.jitter\.maximun: unknown key: maximun \(.*did you mean maximum\?\)$/),
    ]);
    expect(faultsOf({ kind: "star", nodes: [peers, peers] })).toEqual(["nodes[1].group: repeated group: peers"]);
    expect(faultsOf({ kind: "regions", nodes: [{ ...peers, region: "germnay" }] })).toEqual([
      expect.stringMatching(/^nodes\[0\]\.region: unknown region: germnay \(.*did you mean germany\?\)$/),
    ]);
    const between = [{ from: "peers", to: "pears", latency: "1 ms" }];
    expect(faultsOf({ kind: "full-mesh", nodes: [peers], between })).toEqual([
      expect.stringMatching(/^between\[0\]\.to: unknown group: pears \(.*did you mean peers\?\)$/),
    ]);
  });

  it("reads nodes from a table, and names the line", () => {
    const text =
      "# homes\ngroup, count, up, down, latency\n\nfibre, 2, 900 Mbit/s, 900 Mbit/s, 2 ms\ncable, 3, 20 Mbit, 1 Gbit/s,\n";
    const { nodes, lineOf } = readNodeTable(text);
    expect(faultsOf({ kind: "star", nodes }, lineOf)[0]).toMatch(
      /^line 5, up: invalid up: "20 Mbit" \(expected a data rate such as 80 Mbit\/s; units: /,
    );
    const mended = readNodeTable(text.replace("20 Mbit,", "20 Mbit/s,"));
    expect(
      readTopology({ kind: "star", nodes: mended.nodes }).nodes.map(({ latencySeconds }) => latencySeconds),
    ).toEqual([0.002, 0.002, 0, 0, 0]);
    expect(() => readNodeTable("group,up\nfibre\n")).toThrow("line 2: 1 cells for 2 columns");
  });
});
