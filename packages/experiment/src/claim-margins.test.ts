import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relativeMargins } from "./claim-margins.ts";

const amounts = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const marginOf = (more: number, less: number): number =>
  relativeMargins(Float64Array.of(more), Float64Array.of(less))[0];

describe("relativeMargins", () => {
  it("of one seed has the sign of the difference, lies in [-1, 1], and turns over with its sides", () => {
    fc.assert(
      fc.property(amounts, amounts, (more, less) => {
        const margin = marginOf(more, less);
        expect(Math.abs(margin)).toBeLessThanOrEqual(1);
        if (more !== less) expect(margin > 0).toBe(more > less);
        expect(marginOf(less, more)).toBe(-margin || 0);
      }),
    );
  });

  it("does not depend on the unit", () => {
    fc.assert(
      fc.property(amounts, amounts, fc.constantFrom(2 ** 10, 2 ** -10), (more, less, factor) => {
        const isSubnormal = [more, less].some((value) => value !== 0 && Math.abs(value) < 1e-290);
        if (!isSubnormal) expect(marginOf(factor * more, factor * less)).toBe(marginOf(more, less));
      }),
    );
  });

  it("is nothing between nothing and nothing", () => {
    expect(marginOf(0, 0)).toBe(0);
    expect(marginOf(3, 1)).toBe(0.5);
  });

  const lists = (least: number) => {
    const whole = fc.integer({ min: least, max: 1000 });
    return fc.array(fc.tuple(whole, whole), { minLength: 1, maxLength: 30 });
  };
  const marginsOf = (pairs: readonly (readonly [number, number])[]): Float64Array =>
    relativeMargins(
      Float64Array.from(pairs, ([more]) => more),
      Float64Array.from(pairs, ([, less]) => less),
    );

  it("of sides that are never negative are those of each seed by itself: what both sides share takes no part", () => {
    fc.assert(
      fc.property(lists(0), fc.integer({ min: 1, max: 9 }), (pairs, factor) => {
        const margins = [...marginsOf(pairs)];
        expect(margins).toEqual(pairs.map(([more, less]) => marginOf(more, less)));
        const scaled = pairs.map(
          ([more, less], seed) => [more * 2 ** (factor * seed), less * 2 ** (factor * seed)] as const,
        );
        expect([...marginsOf(scaled)]).toEqual(margins);
      }),
    );
  });

  it("of sides that may be negative share one scale: their mean is the mean difference in the mean size", () => {
    fc.assert(
      fc.property(lists(-1000), (pairs) => {
        const margins = marginsOf([...pairs, [-1, 2]]);
        const size = pairs.reduce((sum, [more, less]) => sum + Math.abs(more) + Math.abs(less), 3);
        const difference = pairs.reduce((sum, [more, less]) => sum + more - less, -3);
        const mean = margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
        expect(mean).toBeCloseTo(difference / size, 10);
      }),
    );
    // A gain of -1 and 3 dollars, beside nothing: a half in the mean, and not -1 and 1.
    expect([
      ...marginsOf([
        [-1, 0],
        [3, 0],
      ]),
    ]).toEqual([-0.5, 1.5]);
  });

  it("do not exist at a point where a measure is missing at a seed", () => {
    const margins = marginsOf([
      [1, 0],
      [Number.NaN, 0],
    ]);
    expect(margins.every(Number.isNaN)).toBe(true);
  });
});
