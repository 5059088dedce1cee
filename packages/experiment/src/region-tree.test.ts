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

  it("is that of a search through all splits, and its accuracy that of leaving each point out", () => {
    const gini = (points: readonly LabelledPoint[]): number => {
      const count = points.filter(({ isTrue }) => isTrue).length;
      return points.length > 0 ? (count * (points.length - count)) / points.length : 0;
    };
    type Tree = { share: number; points: number } | { parameter: number; place: number; sides: readonly [Tree, Tree] };
    const search = (points: readonly LabelledPoint[], levels: number, smallest: number): Tree => {
      let least = 0.9 * gini(points) - 1e-12;
      let best: { parameter: number; place: number } | undefined;
      const side = (parameter: number, place: number, isBelow: boolean) =>
        points.filter((point) => point.place[parameter] < place === isBelow);
      for (const parameter of levels > 0 && points.length > 0 ? points[0].place.keys() : []) {
        const places = [...new Set(points.map(({ place }) => place[parameter]))].sort((a, b) => a - b);
        for (const [index, upper] of places.slice(1).entries()) {
          const place = (places[index] + upper) / 2;
          const [below, from] = [side(parameter, place, true), side(parameter, place, false)];
          if (Math.min(below.length, from.length) < smallest || gini(below) + gini(from) >= least) continue;
          least = gini(below) + gini(from) - 1e-12;
          best = { parameter, place };
        }
      }
      if (best === undefined)
        return { points: points.length, share: points.filter(({ isTrue }) => isTrue).length / points.length };
      const { parameter, place } = best;
      const grown = [true, false].map((isBelow) => search(side(parameter, place, isBelow), levels - 1, smallest));
      return { parameter, place, sides: [grown[0], grown[1]] };
    };
    const leavesOf = (tree: Tree): { points: number; share: number }[] =>
      "sides" in tree ? tree.sides.flatMap(leavesOf) : [tree];
    const shareAt = (tree: Tree, place: readonly number[]): number =>
      "sides" in tree ? shareAt(tree.sides[place[tree.parameter] < tree.place ? 0 : 1], place) : tree.share;
    const place = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 });
    const samples = fc.array(fc.record({ place, noise: fc.double({ min: -2, max: 2, noNaN: true }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(samples, fc.double({ min: -1, max: 1, noNaN: true }), (sample, slope) => {
        const points = sample.map(({ place, noise }) => {
          return { place, isTrue: place[0] + slope * place[1] + noise > 6 };
        });
        const smallest = Math.max(4, Math.ceil(0.08 * points.length));
        const { leaves, accuracy } = regionTree(points);
        expect(leaves.map(({ points: count, share }) => ({ points: count, share }))).toEqual(
          leavesOf(search(points, 2, smallest)),
        );
        const right = points.filter((point) => {
          const tree = search(
            points.filter((other) => other !== point),
            2,
            smallest,
          );
          return shareAt(tree, point.place) > 0.5 === point.isTrue;
        });
        expect(accuracy).toBe(points.length > 0 ? right.length / points.length : Number.NaN);
      }),
      { numRuns: 40, seed: 6 },
    );
  });
});
