import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { checkJitter, drawJitter, type Jitter, meanJitter } from "./link-jitter.ts";

/** Each with its mean and variance in closed form. */
const cases: readonly (readonly [Jitter, number, number])[] = [
  [{ kind: "none" }, 0, 0],
  [{ kind: "uniform", maximumSeconds: 0.03 }, 0.015, 0.03 ** 2 / 12],
  [{ kind: "exponential", meanSeconds: 0.02 }, 0.02, 0.02 ** 2],
  [{ kind: "exponential", meanSeconds: 0 }, 0, 0],
  [
    { kind: "log-normal", medianSeconds: 0.01, sigma: 0.5 },
    0.01 * Math.exp(0.125),
    0.01 ** 2 * Math.exp(0.25) * (Math.exp(0.25) - 1),
  ],
];

describe("jitter", () => {
  it("has the mean that it says, and the one of its distribution", () => {
    const n = 20_000;
    for (const [index, [jitter, mean, variance]] of cases.entries()) {
      expect(meanJitter(jitter)).toBeCloseTo(mean, 15);
      const stream = createStreams(11).stream("jitter", index);
      let sum = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < n; i++) {
        const delay = drawJitter(jitter, stream);
        least = Math.min(least, delay);
        sum += delay;
      }
      expect(least).toBeGreaterThanOrEqual(0);
      expect(Math.abs(sum / n - mean)).toBeLessThanOrEqual(4 * Math.sqrt(variance / n));
    }
  });

  it("takes one draw each, none for none", () => {
    for (const [jitter] of cases) {
      const stream = createStreams(1).stream("jitter");
      drawJitter(jitter, stream);
      expect(stream.drawIndex).toBe(jitter.kind === "none" ? 0 : 1);
    }
  });

  it("refuses delays that run backwards", () => {
    expect(() => checkJitter({ kind: "uniform", maximumSeconds: -1 })).toThrow("invalid jitter: {");
    expect(() => checkJitter({ kind: "exponential", meanSeconds: Number.NaN })).toThrow("invalid jitter: {");
  });
});
