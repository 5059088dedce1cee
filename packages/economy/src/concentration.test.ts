import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gini, lorenz, nakamoto } from "./concentration.ts";

/** Quantiles of a distribution at the middle of `count` equal parts: a sample without noise. */
const quantiles = (count: number, quantile: (p: number) => number) =>
  Float64Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count));

const holdings = fc
  .array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((list) => Float64Array.from(list))
  .filter((list) => list.some((held) => held > 1e-6));

describe("Gini", () => {
  test("of equal holdings is 0, of one holder of n is 1 - 1/n", () => {
    expect(gini(new Float64Array(7).fill(3))).toBeCloseTo(0, 12);
    expect(gini(Float64Array.of(0, 0, 5, 0))).toBeCloseTo(0.75, 12);
    expect(gini(Float64Array.of(9))).toBeCloseTo(0, 12);
  });

  test.each([2.5, 3, 5])("of Pareto holdings is 1 / (2a - 1) at a = %d", (shape) => {
    const sample = quantiles(200_000, (p) => (1 - p) ** (-1 / shape));
    expect(Math.abs(gini(sample) - 1 / (2 * shape - 1))).toBeLessThan(2e-3);
  });

  test("of uniform holdings is 1/3, of exponential ones 1/2", () => {
    expect(gini(quantiles(10_000, (p) => p))).toBeCloseTo(1 / 3, 6);
    expect(gini(quantiles(100_000, (p) => -Math.log1p(-p)))).toBeCloseTo(1 / 2, 4);
  });

  test("is the mean difference of two holders over twice the mean", () => {
    fc.assert(
      fc.property(holdings, (held) => {
        let differences = 0;
        for (const a of held) for (const b of held) differences += Math.abs(a - b);
        const total = held.reduce((sum, value) => sum + value, 0);
        expect(gini(held)).toBeCloseTo(differences / (2 * held.length * total), 9);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  test("of nothing is not a number", () => expect(gini(new Float64Array(3))).toBeNaN());
});

describe("Nakamoto", () => {
  test.each([
    [[1, 1], 2],
    [[1, 1, 1, 1], 3],
    [[51, 49], 1],
    [[50, 50], 2],
    [[5, 0, 0], 1],
    [[8, 4, 2, 1, 1], 2],
    [[32, 16, 8, 4, 2, 1], 1],
    [new Array(101).fill(1), 51],
  ])("of %o is %d", (held, expected) => expect(nakamoto(Float64Array.from(held))).toBe(expected));

  test("of nothing is not a number", () => expect(nakamoto(new Float64Array(3))).toBeNaN());
});

describe("the Lorenz curve", () => {
  test.each([1, 3, 7, 100, 130])("of %d equal holdings is the diagonal", (holders) => {
    const curve = lorenz(new Float64Array(holders).fill(2), 100);
    for (const [point, share] of curve.entries()) expect(share).toBeCloseTo(point / 100, 9);
  });

  test("of Pareto holdings is 1 - (1 - p)^(1 - 1/a)", () => {
    const curve = lorenz(
      quantiles(200_000, (p) => (1 - p) ** (-1 / 3)),
      100,
    );
    for (const [point, share] of curve.entries())
      expect(Math.abs(share - (1 - (1 - point / 100) ** (2 / 3)))).toBeLessThan(2e-3);
  });

  test("starts at 0, ends at 1, is convex and nowhere above the diagonal", () => {
    fc.assert(
      fc.property(holdings, fc.integer({ min: 1, max: 40 }), (held, points) => {
        const curve = lorenz(held, points);
        expect(curve).toHaveLength(points + 1);
        expect(curve[0]).toBe(0);
        expect(curve[points]).toBeCloseTo(1, 12);
        for (let i = 1; i <= points; i++) {
          expect(curve[i]).toBeLessThanOrEqual(i / points + 1e-9);
          if (i < points) expect(curve[i + 1] + curve[i - 1] - 2 * curve[i]).toBeGreaterThan(-1e-9);
        }
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  test("encloses the Gini coefficient", () => {
    const held = Float64Array.of(1, 2, 4, 8, 16);
    const curve = lorenz(held, 1000);
    let area = 0;
    for (let i = 0; i < 1000; i++) area += (curve[i] + curve[i + 1]) / 2000;
    expect(1 - 2 * area).toBeCloseTo(gini(held), 5);
  });
});
