import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { findThreshold } from "./threshold.ts";
import type { NoisyFunction, ThresholdOptions } from "./threshold-sampler.ts";

const defaults: ThresholdOptions = {
  ...{ low: 0.1, high: 10, scale: "log", isInteger: false, gridPoints: 9, satisfied: "at most zero" },
  ...{ seeds: { first: 10, most: 10 }, intervalTarget: 0.05, mostEvaluations: 100_000 },
};

type SeededFunction = (x: number, seed: number) => number;

const noisy =
  (f: SeededFunction): NoisyFunction =>
  async (xs, seeds) =>
    xs.map((x) => new Map(Array.from({ length: seeds }, (_, seed) => [seed, f(x, seed)])));

const solve = (f: SeededFunction, options: Partial<ThresholdOptions> = {}) =>
  findThreshold(noisy(f), { ...defaults, ...options });

/** Standard normal draws by trial and seed; `part` keeps several apart. */
const streams = createStreams(7);
const normal = (trial: number, seed: number, part = "shift"): number => {
  const stream = streams.stream(part, trial * 1000 + seed);
  return stream.normal();
};

describe("a function without noise", () => {
  it.each([
    ["rising, log", (x: number) => Math.log(x / Math.E), {}, Math.E],
    ["falling, log", (x: number) => 1 / x - 0.25, {}, 4],
    ["linear, with a negative range", (x: number) => x * x * x + 8, { low: -5, high: 5, scale: "linear" as const }, -2],
    ["a root of zero", (x: number) => x, { low: -3, high: 5, scale: "linear" as const }, 0],
    ["steep", (x: number) => Math.expm1(20 * Math.log(x / 2)), {}, 2],
  ])("has its root within the resolution of the search: %s", async (_, f, options, root) => {
    const found = await solve(f, options);
    expect(found).toMatchObject({ state: "found", isJump: false, ended: "target met" });
    const room = 0.006 * Math.max(Math.abs(root), 0.01);
    expect(Math.abs((found.value ?? Number.NaN) - root)).toBeLessThan(room);
    expect(found.ci95[0]).toBeLessThanOrEqual(root);
    expect(found.ci95[1]).toBeGreaterThanOrEqual(root);
    expect(found.points.length).toBeLessThan(26);
  });

  it("gives the slope and the residual at the root", async () => {
    const found = await solve((x) => 3 * (x - 2), { low: 0, high: 7, scale: "linear" });
    expect(found.slope).toBeCloseTo(3, 9);
    expect(Math.abs(found.residual?.mean ?? 1)).toBeLessThan(0.01);
    expect(found.satisfiedBelow).toBe(true);
    expect((await solve((x) => 2 - x, {})).satisfiedBelow).toBe(false);
    expect((await solve((x) => 2 - x, { satisfied: "at least zero" })).satisfiedBelow).toBe(true);
  });

  it("has no root where it keeps its sign, and says what it is at the ends", async () => {
    const found = await solve((x) => x + 1);
    expect(found).toMatchObject({ state: "none", value: null, ci95: [null, null], ended: "no root", evaluations: 90 });
    expect(found.points[0].estimate?.mean).toBeCloseTo(1.1, 12);
    expect(found.points.at(-1)?.estimate?.mean).toBeCloseTo(11, 12);
  });

  it("has two roots, and both brackets are told instead of a guess", async () => {
    const found = await solve((x) => (x - 0.5) * (x - 4));
    expect(found).toMatchObject({ state: "several", value: null });
    expect(found.crossings.map(({ low, high }) => [low < 0.5 && high > 0.5, low < 4 && high > 4])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it("jumps over zero", async () => {
    const found = await solve((x) => (x < 3 ? -1 : 2));
    expect(found).toMatchObject({ state: "found", isJump: true, slope: null });
    expect(Math.abs((found.value ?? 0) - 3)).toBeLessThan(0.02);
    expect(found.ci95[0]).toBeLessThan(3);
    expect(found.ci95[1]).toBeGreaterThanOrEqual(3);
  });

  it("has its root at an end of the range", async () => {
    const low = await solve((x) => x - 1, { low: 1, high: 3, scale: "linear" });
    expect(low).toMatchObject({ state: "found", value: 1 });
    const high = await solve((x) => x - 3, { low: 1, high: 3, scale: "linear" });
    expect(high).toMatchObject({ state: "found", value: 3 });
  });

  it("does not exist everywhere", async () => {
    const found = await solve((x) => (x < 1 ? Number.NaN : x - 2));
    expect(found.value).toBeCloseTo(2, 1);
    expect(await solve(() => Number.NaN)).toMatchObject({ state: "no value", value: null });
  });
});

describe("whole numbers", () => {
  const whole = { isInteger: true, low: 1, high: 1000 } as const;
  it.each([
    ["the largest with x^2 <= 500", (x: number) => x * x - 500, {}, 22],
    ["the largest with x^2 <= 484, equality included", (x: number) => x * x - 484, {}, 22],
    ["the smallest with x^2 >= 500", (x: number) => x * x - 500, { satisfied: "at least zero" as const }, 23],
    ["the smallest with x^2 >= 529", (x: number) => x * x - 529, { satisfied: "at least zero" as const }, 23],
    ["the largest with 1000 / x >= 7", (x: number) => 1000 / x - 7, { satisfied: "at least zero" as const }, 142],
    ["on a linear scale", (x: number) => x - 123.4, { scale: "linear" as const, low: -1000 }, 123],
  ])("%s", async (_, f, options, expected) => {
    const found = await solve(f, { ...whole, ...options });
    expect(found).toMatchObject({ state: "found", value: expected, ci95: [expected, expected], ended: "target met" });
    expect(found.points.every(({ x }) => Number.isInteger(x))).toBe(true);
  });

  it("with noise have the thresholds that the seeds do not exclude", async () => {
    const found = await solve((x, seed) => x - 100.5 + 3 * normal(1, seed, "whole"), whole);
    expect(found.value).toBeGreaterThan(95);
    expect(found.value).toBeLessThan(106);
    const [low, high] = found.ci95 as [number, number];
    expect(low).toBeLessThanOrEqual(found.value ?? 0);
    expect(high).toBeGreaterThanOrEqual(found.value ?? 0);
    expect(high - low).toBeGreaterThan(1);
  });
});

describe("a noisy function", () => {
  it("has an interval that is open where the band holds zero to the end of the range", async () => {
    const f: SeededFunction = (x, seed) => x - 2.9 + 0.5 * normal(3, seed, "open");
    const centre = await solve(f, { low: 0, high: 10, scale: "linear" });
    const clipped = await solve(f, { low: 0, high: (centre.value ?? 0) + 0.05, scale: "linear" });
    expect(clipped.ci95[0]).toBeCloseTo(centre.ci95[0] ?? Number.NaN, 1);
    expect(clipped.ci95[1]).toBeNull();
  });

  it("has no interval with one seed", async () => {
    const found = await solve((x) => x - 2, { seeds: { first: 1, most: 1 } });
    expect(found.ci95).toEqual([null, null]);
    expect(found.value).toBeCloseTo(2, 1);
    expect(found.ended).toBe("seeds used");
  });

  it("gets the seeds that the target asks for, and no more than are allowed", async () => {
    const f: SeededFunction = (x, seed) => Math.log(x / 2) + 0.3 * normal(4, seed, "adaptive");
    const target = { intervalTarget: 0.1, seeds: { first: 10, most: 1000 } };
    const found = await solve(f, target);
    expect(found.ended).toBe("target met");
    const [low, high] = found.ci95 as [number, number];
    expect((high - low) / (found.value ?? 1)).toBeLessThanOrEqual(0.1);
    // The interval is 2 t 0.3 / sqrt(n) wide in ln x: 0.1 takes about 140 seeds, less some luck of the spread.
    expect(found.seeds).toBeGreaterThan(70);
    expect(found.seeds).toBeLessThan(300);
    const poor = await solve(f, { ...target, mostEvaluations: 600 });
    expect(poor.ended).toBe("evaluations used");
    expect(poor.evaluations).toBeLessThanOrEqual(600);
    expect(await solve(f, { ...target, seeds: { first: 10, most: 20 } })).toMatchObject({ ended: "seeds used" });
  });

  it("is tried with more seeds where noise could hide a crossing, and only there", async () => {
    const seeds = { first: 5, most: 40 };
    const hidden = await solve((x, seed) => x + 20 * normal(6, seed, "hidden"), { seeds });
    const clear = await solve((x, seed) => x + 20 + normal(6, seed, "hidden"), { seeds });
    expect(clear).toMatchObject({ state: "none", seeds: 5, evaluations: 45 });
    expect(hidden.seeds).toBe(40);
  });

  it("does not depend on how far the range reaches beyond the root", async () => {
    const f: SeededFunction = (x, seed) => Math.log(x / 2) + 0.1 * normal(5, seed, "range");
    const [narrow, wide] = [await solve(f, { low: 1, high: 4 }), await solve(f, { low: 0.01, high: 1000 })];
    expect(Math.abs((narrow.value ?? 0) / (wide.value ?? 1) - 1)).toBeLessThan(0.005);
    expect(Math.abs((narrow.ci95[0] ?? 0) / (wide.ci95[0] ?? 1) - 1)).toBeLessThan(0.01);
  });
});

describe("coverage", () => {
  const trials = 400;
  const root = 2;
  /** Each seed shifts the function and turns it. */
  const shifted = (trial: number): SeededFunction => {
    return (x, seed) => Math.log(x / root) * (1 + 0.2 * normal(trial, seed, "turn")) + 0.3 * normal(trial, seed);
  };
  const solved = (options: Partial<ThresholdOptions>) =>
    Promise.all(
      Array.from({ length: trials }, (_, trial) => solve(shifted(trial), { low: 0.01, high: 400, ...options })),
    );
  const shareHolding = (intervals: readonly (readonly [low: number | null, high: number | null])[]): number =>
    intervals.filter(([low, high]) => (low ?? 0) <= root && (high ?? Number.POSITIVE_INFINITY) >= root).length / trials;
  const slack = 4 * Math.sqrt((0.95 * 0.05) / trials);

  it("of the interval with five seeds is what its level says", async () => {
    const share = shareHolding((await solved({ seeds: { first: 5, most: 5 } })).map(({ ci95 }) => ci95));
    expect(share).toBeGreaterThan(0.95 - slack);
    expect(share).toBeLessThan(0.95 + slack);
  });

  it("of the interval with twelve seeds is, and of one half as wide it is not", async () => {
    const found = await solved({ seeds: { first: 12, most: 12 } });
    const share = shareHolding(found.map(({ ci95 }) => ci95));
    expect(share).toBeGreaterThan(0.95 - slack);
    expect(share).toBeLessThan(0.95 + slack);
    const halved = found.map(({ ci95, value }) => ci95.map((limit) => Math.sqrt((limit ?? 0) * (value ?? 0))));
    expect(shareHolding(halved.map(([low, high]) => [low, high]))).toBeLessThan(0.95 - slack);
  });

  it("of the interval with seeds added until it is narrow is close to it", async () => {
    const found = await solved({ seeds: { first: 10, most: 400 }, intervalTarget: 0.2 });
    expect(found.filter(({ ended }) => ended === "target met").length).toBeGreaterThan(0.9 * trials);
    expect(shareHolding(found.map(({ ci95 }) => ci95))).toBeGreaterThan(0.94 - slack);
  });
});
