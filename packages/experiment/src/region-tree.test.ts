import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabelledPoint, regionTree } from "./region-tree.ts";
import { sobolPoints } from "./sobol-sequence.ts";

/** Evenly spread points of a unit square, labelled by a rule. */
function labelledBy(rule: (x: number, y: number) => boolean, count = 64): LabelledPoint[] {
  const points = sobolPoints(count, 2, new Uint32Array(2));
  return Array.from({ length: count }, (_, row) => {
    const [x, y] = [points[2 * row], points[2 * row + 1]];
    return { place: [x, y], isTrue: rule(x, y) };
  });
}

describe("regionTree", () => {
  it("finds a threshold in one parameter, wherever it is", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 0.8, noNaN: true }), fc.constantFrom(0, 1), (threshold, parameter) => {
        const { leaves, accuracy } = regionTree(labelledBy((x, y) => [x, y][parameter] >= threshold));
        expect(leaves).toHaveLength(2);
        for (const { bounds, share } of leaves) {
          expect(bounds).toHaveLength(1);
          expect(bounds[0].parameter).toBe(parameter);
          expect(Math.abs(bounds[0].place - threshold)).toBeLessThanOrEqual(1 / 32);
          expect(share).toBe(bounds[0].side === "from" ? 1 : 0);
        }
        expect(accuracy).toBeGreaterThan(0.9);
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it("finds a corner by two bounds", () => {
    const { leaves } = regionTree(labelledBy((x, y) => x >= 0.5 && y < 0.5, 256));
    const corner = leaves.find(({ share }) => share > 0.95);
    const bounds = corner?.bounds.map(({ parameter, side }) => `${parameter} ${side}`).sort();
    expect(bounds).toEqual(["0 from", "1 below"]);
    const inAll = leaves.reduce((sum, { points, share }) => sum + points * share, 0);
    expect(inAll).toBeCloseTo(64, 6);
  });

  it("leaves a region whole where nothing separates true from false", () => {
    expect(regionTree(labelledBy(() => true)).leaves).toEqual([{ bounds: [], points: 64, share: 1 }]);
    expect(regionTree([]).leaves[0].points).toBe(0);
  });

  it("does not foretell labels that are tossed like coins", () => {
    let coin = 1;
    const toss = () => {
      coin = (coin * 48_271) % 2_147_483_647;
      return coin % 2 === 0;
    };
    expect(regionTree(labelledBy(toss, 128)).accuracy).toBeLessThan(0.7);
  });
});
