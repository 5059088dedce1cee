import { Environment } from "@shardlab/des";
import { Network, regionRoundTripSeconds } from "@shardlab/network";
import { linkSpec, workerGroupSpec } from "@shardlab/protocol";
import { describe, expect, it } from "vitest";
import { backboneSpec } from "./spec.ts";
import { groupOfSeats, swarmTopology } from "./swarm-network.ts";

const population = [
  {
    group: "home",
    count: 2,
    link: { down: "80 Mbit/s", up: "16 Mbit/s", latency: "15 ms", jitter: "2 ms", loss: 0.01 },
  },
  { group: "office", count: 1, link: { down: "1 Gbit/s", up: "1 Gbit/s", latency: "1 ms" } },
].map((group) => workerGroupSpec.parse(group));
const coordinator = linkSpec.parse({ down: "10 Gbit/s", up: "10 Gbit/s", latency: "3 ms" });

describe("the network of a swarm", () => {
  it("has the coordinator first, then the population in its order, behind links as declared", () => {
    const { nodes } = swarmTopology({ population, coordinator, network: backboneSpec.parse({ kind: "star" }) });
    expect(nodes.map(({ uplinkBytesPerSecond }) => uplinkBytesPerSecond)).toEqual([1.25e9, 2e6, 2e6, 1.25e8]);
    expect(nodes.map(({ downlinkBytesPerSecond }) => downlinkBytesPerSecond)).toEqual([1.25e9, 1e7, 1e7, 1.25e8]);
    expect(nodes[1]).toMatchObject({ latencySeconds: 0.015, lossRate: 0.01 });
    expect(nodes[1].jitter).toEqual({ kind: "exponential", meanSeconds: 0.002 });
    expect(nodes[3].jitter).toEqual({ kind: "none" });
    expect(groupOfSeats(population).map(({ group }) => group)).toEqual(["home", "home", "office"]);
  });

  it("adds the way between regions to that through access links", () => {
    const network = backboneSpec.parse({
      kind: "regions",
      coordinator: "us-east",
      regionOf: { home: "germany", office: "japan" },
    });
    const topology = swarmTopology({ population, coordinator, network });
    const links = new Network(new Environment({ seed: 1 }), topology);
    const [home, office] = [0.015, 0.001];
    expect(links.latencySeconds(1, 3)).toBeCloseTo(home + office + regionRoundTripSeconds("germany", "japan") / 2, 12);
    expect(links.latencySeconds(0, 3)).toBeCloseTo(0.003 + office + regionRoundTripSeconds("us-east", "japan") / 2, 12);
  });

  it("refuses groups without a region, and regions that are none", () => {
    const network = backboneSpec.parse({ kind: "regions", coordinator: "us-east", regionOf: { home: "germany" } });
    expect(() => swarmTopology({ population, coordinator, network })).toThrow("no region: office");
    expect(backboneSpec.safeParse({ kind: "regions", coordinator: "us-eats", regionOf: {} }).error?.message).toMatch(
      /unknown region: us-eats.*us-east/,
    );
  });
});
