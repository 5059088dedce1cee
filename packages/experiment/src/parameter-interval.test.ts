import { describe, expect, it } from "vitest";
import { parameterDifference, parameterInterval } from "./parameter-interval.ts";

describe("parameterInterval", () => {
  it("is the quantiles of a uniform: 0.025, 0.5, 0.975 over an even grid", () => {
    const grid = Array.from({ length: 2001 }, (_, index) => index / 2000);
    const interval = parameterInterval(grid.toReversed());
    expect(interval?.median).toBeCloseTo(0.5, 3);
    expect(interval?.range95?.[0]).toBeCloseTo(0.025, 3);
    expect(interval?.range95?.[1]).toBeCloseTo(0.975, 3);
    expect(interval?.draws).toBe(2001);
  });

  it("has no outer percentiles for few draws, and nothing for none", () => {
    expect(parameterInterval([1, 2, 3])).toEqual({ median: 2, range95: null, draws: 3 });
    expect(parameterInterval([])).toBeUndefined();
  });
});

describe("parameterDifference", () => {
  it("pairs the draws: what both share cancels", () => {
    const left = new Map(Array.from({ length: 50 }, (_, draw) => [`${draw}`, 100 * draw + 1]));
    const right = new Map(Array.from({ length: 60 }, (_, draw) => [`${draw}`, 100 * draw]));
    expect(parameterDifference(left, right)).toEqual({ median: 1, range95: [1, 1], draws: 50, shareAbove: 1 });
    expect(parameterDifference(right, left)?.shareAbove).toBe(0);
    expect(parameterDifference(left, new Map())).toBeUndefined();
  });
});
