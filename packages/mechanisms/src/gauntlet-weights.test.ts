import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emissionWeights } from "./gauntlet-weights.ts";

const published = {
  burn: 0.5,
  gatherShare: 0.75,
  gatherPeers: 20,
  gatherRatio: 2,
  reservePeers: 10,
  reserveDecay: 0.5,
};

const rules = fc.record({
  burn: fc.double({ min: 0, max: 0.99, noNaN: true }),
  gatherShare: fc.double({ min: 0.01, max: 1, noNaN: true }),
  gatherPeers: fc.integer({ min: 1, max: 25 }),
  gatherRatio: fc.double({ min: 1, max: 9, noNaN: true }),
  reservePeers: fc.integer({ min: 0, max: 12 }),
  reserveDecay: fc.double({ min: 0.01, max: 1, noNaN: true }),
});

describe("emissionWeights", () => {
  it("has the published schedule", () => {
    const scores = Float64Array.from({ length: 40 }, (_, row) => 100 - row);
    const weights = emissionWeights(scores, published);
    // Twenty get 2 to 1 of 0.375: the last gets 0.375 / 30 = 0.0125, so the first reserve peer 0.00625 and all ten
    // 0.00625 (2 - 2^-9); the whole is then stretched from 0.375 + 0.01248779 to 0.5.
    const stretch = 0.5 / (0.375 + 0.00625 * (2 - 2 ** -9));
    expect(weights[0]).toBeCloseTo(0.025 * stretch, 14);
    expect(weights[19]).toBeCloseTo(0.0125 * stretch, 14);
    expect(weights[20]).toBeCloseTo(0.00625 * stretch, 14);
    expect(weights[29]).toBeCloseTo((0.00625 / 512) * stretch, 14);
    expect([weights[0], weights[19], weights[20]].map((weight) => weight.toFixed(5))).toEqual([
      "0.03226",
      "0.01613",
      "0.00806",
    ]);
    expect(weights[29]).toBeCloseTo(1.575e-5, 8);
    expect(weights.slice(20, 30).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(0.01611, 5);
    expect([...weights.slice(30)]).toEqual(new Array(10).fill(0));
  });

  it("burns all where nobody has a positive score", () => {
    expect([...emissionWeights(Float64Array.of(0, -3, -0), published)]).toEqual([0, 0, 0]);
  });

  it("pays all that is not burnt, more to a better score and nothing to a bad one", () => {
    const scores = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });
    const holds = (column: number[], rule: typeof published) => {
      const weights = emissionWeights(Float64Array.from(column), rule);
      const paid = weights.reduce((sum, weight) => sum + weight, 0);
      const good = column.filter((score) => score > 0).length;
      expect(paid).toBeCloseTo(good === 0 ? 0 : 1 - rule.burn, 10);
      const ranked = [...column.keys()].sort((a, b) => column[b] - column[a]);
      for (const [place, row] of ranked.entries()) {
        if (column[row] <= 0 || place >= rule.gatherPeers + rule.reservePeers) expect(weights[row]).toBe(0);
        if (place === 0 || column[row] === column[ranked[place - 1]]) continue;
        expect(weights[row]).toBeLessThanOrEqual(weights[ranked[place - 1]] * (1 + 1e-12));
      }
      // No reserve peer gets more than a gather peer, and within the gather peers the ratio is kept.
      if (good >= rule.gatherPeers && rule.gatherPeers > 1) {
        const last = weights[ranked[rule.gatherPeers - 1]];
        expect(weights[ranked[0]] / last).toBeCloseTo(rule.gatherRatio, 8);
      }
    };
    fc.assert(fc.property(scores, rules, holds), { numRuns: 300, seed: 1 });
  });
});
