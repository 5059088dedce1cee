import { createStreams, type RandomStream } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { drawResidual } from "./duration-distribution.ts";
import { gammaFunction } from "./gamma-function.ts";
import { createDuration, durationKinds, durationSpec } from "./registry.ts";

const sampleCount = 20_000;
/** Kolmogorov's statistic exceeds this with probability 6e-5, as |z| > 4. */
const kolmogorovLimit = 2.29;

function kolmogorov(sorted: Float64Array, cumulative: Float64Array): number {
  let distance = 0;
  cumulative.forEach((p, i) => {
    distance = Math.max(distance, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return Math.sqrt(sorted.length) * distance;
}

const sortedSample = (name: string, draw: (stream: RandomStream) => number): Float64Array => {
  const stream = createStreams(20_260_901).stream(name);
  return Float64Array.from({ length: sampleCount }, () => draw(stream)).sort();
};

/** Marsaglia's series ("Evaluating the normal distribution", 2004). */
function normalCdf(x: number): number {
  if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** Survival functions written from the textbook definitions, with the mean in closed form where one exists. */
const cases = [
  { input: { kind: "exponential", mean: "2 h" }, mean: 7200, survival: (x: number) => Math.exp(-x / 7200) },
  {
    // Gamma(1 + 1 / 0.5) = 2, so the scale is half of the mean.
    input: { kind: "weibull", mean: "1 h", shape: 0.5 },
    mean: 3600,
    survival: (x: number) => Math.exp(-Math.sqrt(x / 1800)),
  },
  {
    // Gamma(1.5) = sqrt(pi) / 2.
    input: { kind: "weibull", mean: "1 h", shape: 2 },
    mean: 3600,
    survival: (x: number) => Math.exp(-(((x * Math.sqrt(Math.PI)) / 2 / 3600) ** 2)),
  },
  {
    input: { kind: "log-normal", mean: "1 h", sigma: 1.2 },
    mean: 3600,
    survival: (x: number) => 1 - normalCdf((Math.log(x / 3600) + 0.72) / 1.2),
  },
  {
    // Minimum = mean (shape - 1) / shape.
    input: { kind: "pareto", mean: "30 min", shape: 2.5 },
    mean: 1800,
    survival: (x: number) => (x < 1080 ? 1 : (1080 / x) ** 2.5),
  },
];

/** The integral of `survival` from 0 to each point of `sorted`, by Simpson's rule between neighbours. */
function integralTo(sorted: Float64Array, survival: (x: number) => number): Float64Array {
  let total = 0;
  let previous = 0;
  return sorted.map((x) => {
    const pieces = 8;
    const width = (x - previous) / pieces;
    for (let i = 0; i < pieces; i++) {
      const left = previous + i * width;
      total += (width / 6) * (survival(left) + 4 * survival(left + width / 2) + survival(left + width));
    }
    previous = x;
    return total;
  });
}

describe.each(cases)("$input.kind $input", ({ input, mean, survival }) => {
  const distribution = createDuration(durationSpec.parse(input));

  it("has its mean", () => {
    expect(distribution.meanSeconds).toBe(mean);
  });
  it("follows its survival function", () => {
    const sorted = sortedSample("whole", (stream) => distribution.draw(stream));
    expect(
      kolmogorov(
        sorted,
        sorted.map((x) => 1 - survival(x)),
      ),
    ).toBeLessThan(kolmogorovLimit);
  });
  it("follows x f(x) / mean at a random instant", () => {
    const sorted = sortedSample("biased", (stream) => distribution.drawLengthBiased(stream));
    // By parts: the integral of u f(u) is that of the survival function, less x times it.
    const cumulative = integralTo(sorted, survival).map(
      (integral, i) => (integral - sorted[i] * survival(sorted[i])) / mean,
    );
    expect(kolmogorov(sorted, cumulative)).toBeLessThan(kolmogorovLimit);
  });
  it("leaves a residual life with density P(X > x) / mean", () => {
    const sorted = sortedSample("residual", (stream) => drawResidual(distribution, stream));
    const cumulative = integralTo(sorted, survival).map((integral) => integral / mean);
    expect(kolmogorov(sorted, cumulative)).toBeLessThan(kolmogorovLimit);
  });
  it("takes one draw for a length", () => {
    const stream = createStreams(1).stream("draws");
    distribution.draw(stream);
    expect(stream.drawIndex).toBe(1);
  });
});

it("the tests would notice a mean wrong by six percent", () => {
  const distribution = createDuration(durationSpec.parse({ kind: "exponential", mean: "106 s" }));
  const sorted = sortedSample("whole", (stream) => distribution.draw(stream));
  const wrong = sorted.map((x) => -Math.expm1(-x / 100));
  expect(kolmogorov(sorted, wrong)).toBeGreaterThan(kolmogorovLimit);
});

it("the heaviest tails stay finite", () => {
  for (const input of [
    { kind: "pareto", mean: "1 h", shape: 1.1 },
    { kind: "weibull", mean: "1 h", shape: 0.1 },
    { kind: "log-normal", mean: "1 h", sigma: 5 },
  ]) {
    const distribution = createDuration(durationSpec.parse(input));
    // The most extreme uniforms that a stream can give, next to 0 and next to 1.
    for (const uniform of [0, 1 - 2 ** -53]) {
      const open = Math.min(1 - 2 ** -53, uniform + 2 ** -53);
      const extreme = createStreams(1).stream("extreme");
      extreme.uniform = () => uniform;
      extreme.uniformOpen = () => open;
      expect(distribution.draw(extreme)).toBeGreaterThan(0);
      expect(distribution.draw(extreme)).toBeLessThan(Number.MAX_VALUE);
      if (input.kind === "weibull") continue;
      expect(distribution.drawLengthBiased(extreme)).toBeLessThan(Number.MAX_VALUE);
    }
  }
});

it("a constant is itself, and leaves a uniform residual", () => {
  const distribution = createDuration(durationSpec.parse({ kind: "constant", mean: "10 s" }));
  const stream = createStreams(3).stream("constant");
  expect([distribution.draw(stream), distribution.drawLengthBiased(stream), distribution.meanSeconds]).toEqual([
    10, 10, 10,
  ]);
  const sorted = sortedSample("constant", (s) => drawResidual(distribution, s));
  expect(
    kolmogorov(
      sorted,
      sorted.map((x) => x / 10),
    ),
  ).toBeLessThan(kolmogorovLimit);
});

describe("gammaFunction", () => {
  it("gives factorials and half-integers", () => {
    let factorial = 1;
    for (let n = 1; n < 100; n++) {
      expect(Math.abs(gammaFunction(n) / factorial - 1)).toBeLessThan(1e-13);
      factorial *= n;
    }
    let half = Math.sqrt(Math.PI);
    for (let n = 0; n < 50; n++) {
      expect(Math.abs(gammaFunction(n + 0.5) / half - 1)).toBeLessThan(1e-13);
      half *= n + 0.5;
    }
  });
  it("meets the reflection formula", () => {
    for (const x of [0.05, 0.11, 0.37, 0.81]) {
      const product = gammaFunction(x) * gammaFunction(1 - x);
      expect(Math.abs((product * Math.sin(Math.PI * x)) / Math.PI - 1)).toBeLessThan(1e-12);
    }
  });
  it.each([0, -1, 171, Number.NaN])("refuses %d", (x) => {
    expect(() => gammaFunction(x)).toThrow(`invalid argument: ${x}`);
  });
});

describe("durationSpec", () => {
  it("names the kinds, and refuses misspelt parameters and lengths of nothing", () => {
    const message = durationSpec.safeParse({ kind: "weibul" }).error?.message ?? "";
    for (const kind of durationKinds) expect(message).toContain(kind);
    expect(durationSpec.safeParse({ kind: "pareto", mean: "1 h", shap: 2 }).error?.message).toContain("shap");
    expect(durationSpec.safeParse({ kind: "constant", mean: "0 s" }).success).toBe(false);
    expect(durationSpec.safeParse({ kind: "pareto", mean: "1 h", shape: 1 }).success).toBe(false);
  });
});
