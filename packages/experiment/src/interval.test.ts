import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { estimateMean, unpairedDifference } from "./interval.ts";
import { pairedDifference } from "./paired.ts";

/** Extra hours of sleep under two drugs, from which Student (Biometrika 6, 1908) worked his first example. */
const sleep = {
  first: [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2],
  second: [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
};
const bySeed = (values: readonly number[]): Map<number, number> => new Map(values.map((value, seed) => [seed, value]));

describe("estimateMean", () => {
  it("is Student's own example: mean 0.75, interval -0.53 to 2.03", () => {
    const { mean, ci95, n } = estimateMean(sleep.first);
    expect(mean).toBeCloseTo(0.75, 12);
    expect(n).toBe(10);
    // t_0.975 at 9 degrees of freedom is 2.26216, the standard error 1.789010 / sqrt(10).
    expect(ci95?.[0]).toBeCloseTo(0.75 - (2.262157 * 1.78901) / Math.sqrt(10), 5);
    expect(ci95?.[1]).toBeCloseTo(0.75 + (2.262157 * 1.78901) / Math.sqrt(10), 5);
  });

  it("has no interval for one value", () => {
    expect(estimateMean([3])).toEqual({ mean: 3, ci95: null, n: 1, mdd: null });
    expect(() => estimateMean([])).toThrow("no values to average");
  });

  it("has an interval without width for values without spread", () => {
    expect(estimateMean([2, 2, 2])).toEqual({ mean: 2, ci95: [2, 2], n: 3, mdd: 0 });
  });
});

describe("differences", () => {
  it("pairs the sleep data: -1.58 with interval -2.4599 to -0.7001 (R: t.test, paired)", () => {
    const difference = pairedDifference(bySeed(sleep.first), bySeed(sleep.second));
    expect(difference?.mean).toBeCloseTo(-1.58, 12);
    expect(difference?.ci95?.[0]).toBeCloseTo(-2.4598858, 6);
    expect(difference?.ci95?.[1]).toBeCloseTo(-0.7001142, 6);
    expect(difference?.verdict).toBe("lower");
  });

  it("compares them unpaired: interval -3.3655 to 0.2055 (R: t.test, Welch)", () => {
    const { ci95, mdd } = unpairedDifference(sleep.first, sleep.second);
    expect(ci95?.[0]).toBeCloseTo(-3.3654832, 6);
    expect(ci95?.[1]).toBeCloseTo(0.2054832, 6);
    expect(mdd).toBeGreaterThan(pairedDifference(bySeed(sleep.first), bySeed(sleep.second))?.mdd ?? 0);
  });

  it("uses shared seeds only, and says when there are too few", () => {
    expect(pairedDifference(new Map([[1, 2]]), new Map([[2, 1]]))).toBeUndefined();
    expect(
      pairedDifference(
        new Map([
          [1, 2],
          [3, 9],
        ]),
        new Map([[1, 1]]),
      ),
    ).toMatchObject({ n: 1, verdict: "no power" });
  });

  it("finds no difference between an arm and itself", () => {
    expect(pairedDifference(bySeed(sleep.first), bySeed(sleep.first))).toMatchObject({
      mean: 0,
      ci95: [0, 0],
      verdict: "no difference",
    });
  });
});

/** Share of 4,000 simulated pairs of arms, `n` seeds each, between which the paired test sees a difference. */
function detectionRate(n: number, trueDifference: number): number {
  const stream = createStreams(20).stream("pairs", n);
  const trials = 4000;
  let found = 0;
  for (let trial = 0; trial < trials; trial++) {
    const left = new Map<number, number>();
    const right = new Map<number, number>();
    for (let seed = 0; seed < n; seed++) {
      const shared = stream.normal(0, 10);
      left.set(seed, shared + stream.normal() + trueDifference);
      right.set(seed, shared);
    }
    if (pairedDifference(left, right)?.verdict === "higher") found += 1;
  }
  return found / trials;
}

describe("nominal rates", () => {
  it("reports a difference that is not there at 2.5 % on each side", () => {
    const deviation = Math.sqrt((0.025 * 0.975) / 4000);
    for (const n of [3, 8, 20]) expect(Math.abs(detectionRate(n, 0) - 0.025)).toBeLessThan(4 * deviation);
  });

  it("finds the minimal detectable difference in about 80 of 100 cases", () => {
    // The exact power at n = 20 is 0.8001 (noncentral t); the standard deviation of each difference is 1.
    const difference = (2.093024 + 0.860951) / Math.sqrt(20);
    const deviation = Math.sqrt((0.8 * 0.2) / 4000);
    expect(Math.abs(detectionRate(20, difference) - 0.8)).toBeLessThan(4 * deviation);
  });

  it("computes that difference itself", () => {
    const spread = [-1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1];
    const standardError = Math.sqrt(20 / 19 / 20);
    const paired = pairedDifference(bySeed(spread), bySeed(spread.map(() => 0)));
    expect(paired?.mdd).toBeCloseTo((2.093024 + 0.860951) * standardError, 5);
    // 38 degrees of freedom: t_0.975 = 2.0243942, t_0.8 = 0.851183.
    expect(estimateMean(spread).mdd).toBeCloseTo((2.0243942 + 0.851183) * Math.SQRT2 * standardError, 6);
  });
});
