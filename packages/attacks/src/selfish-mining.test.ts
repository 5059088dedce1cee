import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  selfishMiningPays,
  selfishMiningSpec,
  selfishMiningThreshold,
  selfishRevenueShare,
  simulateSelfishMining,
} from "./selfish-mining.ts";

const shares = fc.double({ min: 0.01, max: 0.48, noNaN: true });
const gammas = fc.double({ min: 0, max: 1, noNaN: true });

describe("selfishRevenueShare", () => {
  it("is what the stationary distribution of the lead gives", () => {
    const holds = (alpha: number, gamma: number) => {
      const { own, others } = byStationaryDistribution(alpha, gamma);
      expect(selfishRevenueShare(alpha, gamma)).toBeCloseTo(own / (own + others), 9);
    };
    fc.assert(fc.property(shares, gammas, holds), { numRuns: 60, seed: 1 });
  });

  it("has the published thresholds: a third, a quarter and nothing at gamma 0, 1/2 and 1", () => {
    expect([0, 0.5, 1].map(selfishMiningThreshold)).toEqual([1 / 3, 1 / 4, 0]);
    for (const gamma of [0, 0.3, 0.5, 0.8]) {
      const threshold = selfishMiningThreshold(gamma);
      expect(selfishRevenueShare(threshold, gamma)).toBeCloseTo(threshold, 12);
    }
  });

  it("pays above the threshold and not below it, within a hundredth of it on both sides", () => {
    const holds = (gamma: number, nearness: number) => {
      const threshold = selfishMiningThreshold(gamma);
      fc.pre(threshold > 1e-3);
      expect(selfishMiningPays(threshold * (1 + nearness), gamma)).toBe(true);
      expect(selfishMiningPays(threshold * (1 - nearness), gamma)).toBe(false);
    };
    fc.assert(fc.property(gammas, fc.double({ min: 1e-4, max: 0.01, noNaN: true }), holds), { numRuns: 200, seed: 2 });
  });

  it("rises with both shares", () => {
    const holds = (alpha: number, gamma: number) => {
      expect(selfishRevenueShare(alpha + 0.01, gamma)).toBeGreaterThan(selfishRevenueShare(alpha, gamma));
      if (gamma < 0.95)
        expect(selfishRevenueShare(alpha, gamma + 0.05)).toBeGreaterThan(selfishRevenueShare(alpha, gamma));
    };
    fc.assert(fc.property(shares, gammas, holds), { numRuns: 100, seed: 3 });
  });
});

describe("simulateSelfishMining", () => {
  it("meets the closed form, and its stale blocks the stationary distribution", () => {
    const streams = createStreams(7);
    const draw = streams.stream("parameters");
    for (let run = 0; run < 24; run++) {
      const [attackerShare, gamma, blocks] = [0.03 + 0.44 * draw.uniform(), draw.uniform(), 60_000];
      const outcome = simulateSelfishMining({ attackerShare, gamma, blocks }, streams.stream("mining", run));
      const expected = selfishRevenueShare(attackerShare, gamma);
      expect(Math.abs(outcome.revenueShare - expected)).toBeLessThan(4.5 * outcome.revenueDeviation);
      const { own, others } = byStationaryDistribution(attackerShare, gamma);
      expect(Math.abs(outcome.staleRate - (1 - own - others))).toBeLessThan(4.5 * Math.sqrt(1 / blocks));
    }
  });

  it("knows its own error: standard scores over many runs have unit spread", () => {
    const streams = createStreams(8);
    const scores = Array.from({ length: 300 }, (_, run) => {
      const outcome = simulateSelfishMining(
        { attackerShare: 0.35, gamma: 0.4, blocks: 4000 },
        streams.stream("run", run),
      );
      return (outcome.revenueShare - selfishRevenueShare(0.35, 0.4)) / outcome.revenueDeviation;
    });
    const spread = Math.sqrt(scores.reduce((sum, score) => sum + score * score, 0) / scores.length);
    // The root of a mean of 300 squares is off by 1 / sqrt(600) = 0.041 on average.
    expect(Math.abs(spread - 1)).toBeLessThan(4.5 * 0.041);
  });

  it("finds only honest blocks where the pool has nothing", () => {
    const outcome = simulateSelfishMining({ attackerShare: 0, gamma: 1, blocks: 100 }, createStreams(1).stream("x"));
    expect(outcome).toEqual({
      attackerBlocks: 0,
      honestBlocks: 100,
      staleRate: 0,
      revenueShare: 0,
      revenueDeviation: 0,
    });
  });
});

describe("what is refused", () => {
  it("is a share of half, and a misspelt parameter", () => {
    expect(() => selfishRevenueShare(0.5, 0)).toThrow("invalid share: 0.5");
    expect(() => selfishMiningThreshold(1.1)).toThrow("invalid gamma: 1.1");
    expect(selfishMiningSpec.parse({})).toEqual({ attackerShare: 0.3, gamma: 0.5, blocks: 100_000 });
    expect(selfishMiningSpec.safeParse({ attackerShare: 0.5 }).success).toBe(false);
    expect(selfishMiningSpec.safeParse({ alpha: 0.3 }).success).toBe(false);
  });
});

/**
 * Blocks that go into the chain per block found, by the pool and by others, from the distribution of the states lead 0, 1,
 * 2, ... and race. What flows up across each cut between leads k and k + 1 flows down: alpha p_k = (1 - alpha) p_(k+1) for
 * k >= 1; whoever is one ahead leaves at once, so that p_1 = alpha p_0, and to a race if others find the block.
 */
function byStationaryDistribution(alpha: number, gamma: number): { own: number; others: number } {
  const honest = 1 - alpha;
  const lead = [1, alpha];
  while (lead[lead.length - 1] > 1e-18) lead.push((lead[lead.length - 1] * alpha) / honest);
  const unscaledRace = honest * lead[1];
  const total = lead.reduce((sum, weight) => sum + weight, unscaledRace);
  const race = unscaledRace / total;
  const further = lead.slice(3).reduce((sum, weight) => sum + weight, 0) / total;
  return {
    own: race * (2 * alpha + gamma * honest) + honest * ((2 * lead[2]) / total + further),
    others: race * honest * (gamma + 2 * (1 - gamma)) + (honest * lead[0]) / total,
  };
}
