import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakEven, type FrontierColumn, risingFit } from "./frontier.ts";

const grid = [1, 2, 4, 8, 16, 32, 64];

/** Columns in which the challenger leads by `slope` ln(x / root), plus noise that the arms do not share. */
function columns(slope: number, root: number, noise = 0, trial = 0): FrontierColumn[] {
  const stream = createStreams(5).stream("noise", trial);
  const seeds = [1, 2, 3, 4, 5];
  return grid.map((x) => ({
    x,
    challenger: new Map(seeds.map((seed) => [seed, 10 + seed + slope * Math.log(x / root) + noise * stream.normal()])),
    others: [
      { arm: "worse", values: new Map(seeds.map((seed) => [seed, 3 + seed])) },
      { arm: "best", values: new Map(seeds.map((seed) => [seed, 10 + seed])) },
    ],
  }));
}

describe("breakEven", () => {
  it("is exact where the lead is linear in ln x, rising or falling", () => {
    const rising = breakEven(columns(2, 11.5));
    expect(rising).toMatchObject({ state: "found", winsAbove: true });
    expect(rising.value).toBeCloseTo(11.5, 10);
    expect(rising.leads.map(({ bestOther }) => bestOther)).toEqual(grid.map(() => "best"));
    const falling = breakEven(columns(-2, 3));
    expect(falling).toMatchObject({ state: "found", winsAbove: false });
    expect(falling.value).toBeCloseTo(3, 10);
  });

  it("is the same for a measure of which less is better, turned over", () => {
    const turn = (values: ReadonlyMap<number, number>) => new Map([...values].map(([seed, value]) => [seed, -value]));
    const turned = columns(2, 11.5).map(({ x, challenger, others }) => ({
      x,
      challenger: turn(challenger),
      others: others.map(({ arm, values }) => ({ arm, values: turn(values) })),
    }));
    expect(breakEven(turned, "lower")).toEqual(breakEven(columns(2, 11.5)));
  });

  it("says on which side of the range it lies", () => {
    expect(breakEven(columns(1, 0.5))).toMatchObject({ state: "below range", value: null, ci95: [null, null] });
    expect(breakEven(columns(1, 100)).state).toBe("above range");
    expect(breakEven(columns(-1, 0.5)).state).toBe("below range");
    expect(breakEven(columns(-1, 100)).state).toBe("above range");
  });

  it("has intervals that hold the truth in about 95 of 100 noisy cases", () => {
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const { ci95 } = breakEven(columns(1, 9, 0.3, trial));
      if ((ci95[0] ?? 0) <= 9 && (ci95[1] ?? Number.POSITIVE_INFINITY) >= 9) covered += 1;
    }
    // Four standard deviations below 0.95 of 200, and not everything.
    expect(covered).toBeGreaterThanOrEqual(178);
    expect(covered).toBeLessThan(200);
  });

  it("has an interval that holds the value, in order", () => {
    const { value, ci95 } = breakEven(columns(1, 9, 0.3));
    expect(ci95[0]).toBeLessThan(value ?? 0);
    expect(ci95[1]).toBeGreaterThan(value ?? 0);
  });

  it("has no interval for one seed, and no data without a rival", () => {
    const one = columns(1, 9).map((column) => ({
      x: column.x,
      challenger: new Map([...column.challenger].slice(0, 1)),
      others: column.others,
    }));
    expect(breakEven(one).ci95).toEqual([null, null]);
    expect(breakEven(one).value).toBeCloseTo(9, 10);
    expect(breakEven(columns(1, 9).map((column) => ({ ...column, others: [] }))).state).toBe("no data");
    expect(() => breakEven([{ x: 0, challenger: new Map(), others: [] }])).toThrow("invalid frontier value: 0");
  });
});

describe("risingFit", () => {
  it("pools neighbours that fall", () => {
    expect(risingFit([1, 3, 2, 4, 3.5, 3])).toEqual([1, 2.5, 2.5, 3.5, 3.5, 3.5]);
  });

  it("rises, keeps the sum, and leaves rising sequences alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (values) => {
        const fit = risingFit(values);
        const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);
        expect(fit).toEqual(fit.toSorted((a, b) => a - b));
        expect(sum(fit)).toBeCloseTo(sum(values), 8);
        expect(risingFit(values.toSorted((a, b) => a - b))).toEqual(values.toSorted((a, b) => a - b));
      }),
    );
  });
});
