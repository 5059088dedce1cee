import { describe, expect, it } from "vitest";
import { findRoot, RootSearch } from "./root.ts";

/** The root and how many evaluations it took. */
function solve(f: (x: number) => number, low: number, high: number, tolerance: number): [root: number, count: number] {
  let count = 0;
  const counted = (x: number): number => {
    count += 1;
    return f(x);
  };
  return [findRoot(counted, { low, high, atLow: f(low), atHigh: f(high) }, tolerance), count];
}

const bisections = (low: number, high: number, tolerance: number): number =>
  Math.ceil(Math.log2((high - low) / (2 * tolerance)));

/** Functions of the comparison in Oliveira and Takahashi (2020), section 4, with their roots in closed form. */
const functions: readonly (readonly [string, (x: number) => number, number, number, number])[] = [
  ["polynomial", (x) => x ** 3 - x - 2, 1, 2, 1.5213797068045676],
  ["falling", (x) => Math.exp(-x) - 0.5, -1, 4, Math.LN2],
  ["multiple root", (x) => (x - 1) ** 7, -1, 2.7, 1],
  ["flat, then steep", (x) => x ** 21 - 0.5, 0, 1.5, 0.5 ** (1 / 21)],
  ["step", (x) => (x < Math.SQRT1_2 ? -1 : 3), 0, 1, Math.SQRT1_2],
  ["pole", (x) => 1 / (x - Math.SQRT1_2), 0, 1.1, Math.SQRT1_2],
];

describe("findRoot", () => {
  it.each(functions)("meets its tolerance within one evaluation more than bisection: %s", (_, f, low, high, root) => {
    const tolerance = 1e-9;
    const [found, count] = solve(f, low, high, tolerance);
    expect(Math.abs(found - root)).toBeLessThanOrEqual(tolerance);
    expect(count).toBeLessThanOrEqual(bisections(low, high, tolerance) + 1);
  });

  it("needs a third of what bisection needs on a smooth function", () => {
    const [, count] = solve(...([functions[0][1], 1, 2, 1e-10] as const));
    expect(count).toBeLessThanOrEqual(bisections(1, 2, 1e-10) / 3);
  });

  it("is exact where the function is zero at an end, and evaluates nothing", () => {
    expect(solve((x) => x, 0, 4, 1e-6)).toEqual([0, 0]);
    expect(solve((x) => x - 4, 0, 4, 1e-6)).toEqual([4, 0]);
  });

  it("refuses a bracket without a sign change", () => {
    expect(() => new RootSearch({ low: 0, high: 1, atLow: 1, atHigh: 2 }, 0.1)).toThrow("no sign change: 1 and 2");
    expect(() => new RootSearch({ low: 0, high: 1, atLow: 1, atHigh: Number.NaN }, 0.1)).toThrow("no sign change");
  });
});
