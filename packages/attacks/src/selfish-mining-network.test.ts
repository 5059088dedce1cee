import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { selfishRevenueShare, simulateSelfishMining } from "./selfish-mining.ts";
import {
  type MiningNetworkOutcome,
  selfishMiningNetworkSpec,
  simulateMiningNetwork,
} from "./selfish-mining-network.ts";

const mined = (changes: object, seed = 1): MiningNetworkOutcome =>
  simulateMiningNetwork(selfishMiningNetworkSpec.parse(changes), seed);

describe("selfish mining on a network", () => {
  it("earns what the closed form says at the gamma that is measured, wherever the pool sits", () => {
    const draw = createStreams(5).stream("parameters");
    const gammas: number[] = [];
    for (let seed = 1; seed <= 8; seed++) {
      const attackerShare = 0.15 + 0.3 * draw.uniform();
      const honestMiners = 5 + draw.integer(20);
      const outcome = mined(
        {
          attackerShare,
          honestMiners,
          connections: 1 + draw.integer(4),
          attackerConnections: 1 + draw.integer(honestMiners),
          attackerLatency: `${Math.round(1 + 120 * draw.uniform())} ms`,
          blocks: 4000,
        },
        seed,
      );
      const { gamma, gammaDeviation, revenueShare, revenueDeviation } = outcome;
      const slope = (selfishRevenueShare(attackerShare, 1) - selfishRevenueShare(attackerShare, 0)) * gammaDeviation;
      const bound = 4.5 * Math.hypot(revenueDeviation, slope);
      // Within the quarter of a second in which blocks spread, one in 2,000 is found: hence 0.002.
      expect(Math.abs(revenueShare - selfishRevenueShare(attackerShare, gamma))).toBeLessThan(bound + 0.002);
      gammas.push(gamma);
    }
    // The pools are not all alike.
    expect(Math.min(...gammas)).toBeLessThan(0.1);
    expect(Math.max(...gammas)).toBeGreaterThan(0.5);
  });

  it("wins everybody but the finder where its block is there first, and nobody where it hears too late", () => {
    const everywhere = mined({ honestMiners: 8, attackerConnections: 8, attackerLatency: "1 ms", blocks: 1500 });
    expect(everywhere.races).toBeGreaterThan(100);
    expect(everywhere.gamma).toBeCloseTo(7 / 8, 12);
    const late = mined({ honestMiners: 8, attackerConnections: 8, attackerLatency: "3 s", blocks: 1500 });
    expect([late.races > 100, late.gamma]).toEqual([true, 0]);
  });

  it("reaches more of the others through more and faster links", () => {
    const gammaOf = (attackerConnections: number, attackerLatency: string) =>
      mined({ attackerConnections, attackerLatency, blocks: 1500 }, 4).gamma;
    const byLinks = [2, 7, 20].map((links) => gammaOf(links, "10 ms"));
    expect(byLinks).toEqual([...byLinks].sort((a, b) => a - b));
    const bySpeed = ["300 ms", "60 ms", "5 ms"].map((latency) => gammaOf(15, latency));
    expect(bySpeed).toEqual([...bySpeed].sort((a, b) => a - b));
    expect(bySpeed[2] - bySpeed[0]).toBeGreaterThan(0.3);
  });

  it("makes as many blocks stale as without latency, whatever gamma is", () => {
    const blocks = 5000;
    const ideal = simulateSelfishMining(
      { attackerShare: 0.35, gamma: 0.5, blocks: 1e6 },
      createStreams(3).stream("ideal"),
    );
    for (const attackerLatency of ["2 ms", "2 s"]) {
      const { staleRate } = mined({ attackerShare: 0.35, attackerLatency, blocks }, 6);
      expect(Math.abs(staleRate - ideal.staleRate)).toBeLessThan(4.5 * Math.sqrt(1 / blocks));
    }
  });
});

describe("honest mining on a network", () => {
  it.each([0.02, 0.05])(
    "makes blocks stale that are found while another is under way (%d of the interval)",
    (delay) => {
      // Two miners without latency, each of whom sends a block to the other and to the pool, half a second's worth over one
      // uplink: it is a second under way. One block is stale where the other miner, with half of the computation, finds one
      // within that second; forks that go on are of second order.
      const blocks = 30_000;
      const { staleRate, honestStaleRate } = mined({
        strategy: "honest",
        attackerShare: 0,
        honestMiners: 2,
        latency: "0 s",
        attackerLatency: "0 s",
        blockSize: "1 MB",
        bandwidth: "16 Mbit/s",
        blockInterval: `${1 / delay} s`,
        blocks,
      });
      const chance = 1 - Math.exp(-delay / 2);
      expect(Math.abs(staleRate - chance)).toBeLessThan(4.5 * Math.sqrt(chance / blocks) + 2 * chance * chance);
      expect(honestStaleRate).toBe(staleRate);
    },
  );

  it("pays a pool its share, and makes more stale the larger blocks are", () => {
    const outcomes = ["20 kB", "2 MB", "8 MB"].map((blockSize) =>
      mined({ strategy: "honest", attackerShare: 0.3, blockSize, blockInterval: "30 s", blocks: 2500 }, 2),
    );
    const [small, middling, large] = outcomes;
    expect(Math.abs(small.revenueShare - 0.3)).toBeLessThan(4.5 * Math.sqrt((0.3 * 0.7) / 2500));
    expect([small.races, small.gamma]).toEqual([0, 0]);
    expect(middling.staleRate).toBeGreaterThan(small.staleRate);
    expect(large.staleRate).toBeGreaterThan(1.5 * middling.staleRate);
  });

  it("is the same again for one seed, and counts every block once", () => {
    const spec = { blocks: 600, attackerShare: 0.4 };
    expect(mined(spec, 9)).toEqual(mined(spec, 9));
    expect(mined(spec, 9)).not.toEqual(mined(spec, 10));
    const { attackerBlocks, honestBlocks, staleRate } = mined(spec, 9);
    expect((attackerBlocks + honestBlocks) / 600).toBeCloseTo(1 - staleRate, 12);
  });

  it("refuses a misspelt parameter and a pool with half of the computation", () => {
    expect(selfishMiningNetworkSpec.safeParse({ minors: 3 }).success).toBe(false);
    expect(selfishMiningNetworkSpec.safeParse({ attackerShare: 0.5 }).success).toBe(false);
    expect(selfishMiningNetworkSpec.safeParse({ latency: 0.1 }).success).toBe(false);
  });
});
