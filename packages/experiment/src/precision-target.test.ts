import { createStreams, type RandomStream } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import {
  armPrecision,
  firstSeeds,
  leastSeeds,
  type PrecisionTarget,
  precisionRound,
  reachPrecision,
} from "./precision-target.ts";

const relative = (share: number): PrecisionTarget => ({ kind: "relative", share });
const absolute = (halfWidth: number): PrecisionTarget => ({ kind: "absolute", halfWidth });
/** -1 and 1 in turn around a mean: standard deviation sqrt(n / (n - 1)). */
const alternating = (count: number, mean: number): number[] =>
  Array.from({ length: count }, (_, index) => mean + (index % 2 === 0 ? 1 : -1));

describe("the precision of an arm", () => {
  it("is the half-width of Student's interval, beside what the target allows", () => {
    // n = 20: s = sqrt(20/19), half-width t_0.975,19 s / sqrt(20) with t = 2.0930 (tables).
    const halfWidth = (2.0930240544 * Math.sqrt(20 / 19)) / Math.sqrt(20);
    const arm = armPrecision({ arm: "a", measure: "m", values: alternating(20, 50) }, relative(0.01), 20);
    expect(arm.halfWidth).toBeCloseTo(halfWidth, 9);
    expect(arm).toMatchObject({ mean: 50, wanted: 0.5, isReached: true, seeds: 20 });
  });

  it("predicts the least number of seeds that will do", () => {
    // s = 1.026; n with t_n s / sqrt(n) <= 0.1: (1.96 x 1.026 / 0.1)^2 = 404 and a little for t: t_0.975,406 = 1.9658.
    const { seeds } = armPrecision({ arm: "a", measure: "m", values: alternating(20, 0) }, absolute(0.1), 20);
    expect(seeds).toBe(Math.ceil((1.96583 ** 2 * (20 / 19)) / 0.01));
  });

  it("takes more seeds where a measure exists in half of them", () => {
    const values = alternating(20, 0);
    const whole = armPrecision({ arm: "a", measure: "m", values }, absolute(0.1), 20).seeds;
    expect(armPrecision({ arm: "a", measure: "m", values }, absolute(0.1), 40).seeds).toBe(2 * whole);
  });

  it("never reaches a share of nothing, and at once a constant", () => {
    const zero = armPrecision({ arm: "a", measure: "m", values: alternating(20, 0) }, relative(0.1), 20);
    expect(zero).toMatchObject({ isReached: false, seeds: Number.POSITIVE_INFINITY });
    const constant = armPrecision({ arm: "a", measure: "m", values: [3, 3, 3] }, relative(0.001), 3);
    expect(constant).toMatchObject({ isReached: true, halfWidth: 0 });
    expect(armPrecision({ arm: "a", measure: "m", values: [3] }, absolute(9), 1).isReached).toBe(false);
  });
});

describe("a round", () => {
  const wide = { arm: "a", measure: "m", values: alternating(20, 0) };
  const narrow = { arm: "b", measure: "m", values: alternating(20, 1000) };

  it("goes on until all arms are narrow, at most doubling, and never past the most seeds", () => {
    expect(precisionRound([narrow, wide], relative(0.01), { seeds: 20, mostSeeds: 1000 }).next).toBe(40);
    expect(precisionRound([narrow, wide], relative(0.01), { seeds: 20, mostSeeds: 30 }).next).toBe(30);
    expect(precisionRound([narrow, wide], relative(0.01), { seeds: 20, mostSeeds: 20 }).next).toBeNull();
    expect(precisionRound([narrow], relative(0.01), { seeds: 20, mostSeeds: 1000 }).next).toBeNull();
    // (2.09 x 1.026 / 0.46)^2 = 21.8 seeds: no need to double.
    const next = precisionRound([wide], absolute(0.46), { seeds: 20, mostSeeds: 1000 }).next;
    expect(next).toBeGreaterThan(20);
    expect(next).toBeLessThan(24);
  });

  it("leaves out what no run of an arm measures", () => {
    const none = { arm: "c", measure: "m", values: [] };
    expect(precisionRound([none, narrow], relative(0.01), { seeds: 20, mostSeeds: 1000 })).toMatchObject({
      arms: [{ arm: "b" }],
      next: null,
    });
  });

  it("does not look before there are enough seeds to know the spread", () => {
    expect(firstSeeds({ first: 3, mostSeeds: 1000 })).toBe(leastSeeds);
    expect(firstSeeds({ first: 50, mostSeeds: 1000 })).toBe(50);
    expect(firstSeeds({ first: 3, mostSeeds: 10 })).toBe(10);
  });
});

/** How often the interval at the last look holds the true mean, over independent experiments, and the seeds they took. */
async function coverage(draw: (stream: RandomStream) => number, mean: number, target: PrecisionTarget) {
  const experiments = 2000;
  let hits = 0;
  let seedsTaken = 0;
  for (let experiment = 0; experiment < experiments; experiment++) {
    const stream = createStreams(experiment).stream("coverage", 0);
    const values: number[] = [];
    const valuesOf = (seeds: number): number[] => {
      while (values.length < seeds) values.push(draw(stream));
      return [...values];
    };
    const last = await reachPrecision(target, { first: 20, mostSeeds: 4000 }, async (seeds) => [
      { arm: "a", measure: "m", values: valuesOf(seeds) },
    ]);
    const [arm] = last.arms;
    if (!arm.isReached) throw new Error(`not reached: ${arm.halfWidth}`);
    if (Math.abs(arm.mean - mean) <= arm.halfWidth) hits += 1;
    seedsTaken += last.seeds;
  }
  return { share: hits / experiments, seeds: seedsTaken / experiments };
}

/** Four standard errors of a share near 0.95 over 2,000 experiments. */
const fourErrors = 4 * Math.sqrt((0.95 * 0.05) / 2000);

describe("coverage of the interval after stopping", () => {
  // The exact loss is what the literature gives as one to three points; the bounds leave that and four standard errors.
  it("stays near 95 % for normal values", async () => {
    // Half-width 5 % of mean 10, standard deviation 2: (1.96 x 2 / 0.5)^2 = 61.5 seeds.
    const { share, seeds } = await coverage((stream) => stream.normal(10, 2), 10, relative(0.05));
    expect(share).toBeGreaterThan(0.95 - 0.03 - fourErrors);
    expect(share).toBeLessThan(0.95 + fourErrors);
    expect(seeds).toBeGreaterThan(55);
    expect(seeds).toBeLessThan(75);
  });

  it("loses a little more for skewed values", async () => {
    // Exponential with mean 1: (1.96 / 0.15)^2 = 171 seeds.
    const { share, seeds } = await coverage((stream) => stream.exponential(1), 1, absolute(0.15));
    expect(share).toBeGreaterThan(0.95 - 0.05 - fourErrors);
    expect(share).toBeLessThan(0.95 + fourErrors);
    expect(seeds).toBeGreaterThan(140);
    expect(seeds).toBeLessThan(200);
  });
});
