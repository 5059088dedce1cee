import { describe, expect, it } from "vitest";
import { normalQuantile } from "./normal-quantile.ts";
import type { RandomStream } from "./random-stream.ts";
import { createStreams } from "./streams.ts";
import { createZipf } from "./zipf.ts";

const sampleCount = 20_000;
const newStream = (name: string): RandomStream => createStreams(20_260_722).stream(name);

/** Kolmogorov's statistic sqrt(n) D; beyond 2.29 with probability 6e-5, as |z| > 4. */
function kolmogorov(sample: Float64Array, cdf: (x: number) => number): number {
  const sorted = sample.slice().sort();
  const n = sorted.length;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const p = cdf(sorted[i]);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  }
  return Math.sqrt(n) * distance;
}
const kolmogorovLimit = 2.29;

/** The z-score of Pearson's chi-square (Wilson and Hilferty); neighbouring cells are merged up to ten expected counts. */
function chiSquareZ(counts: number[], probabilities: number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  const cells: { count: number; expected: number }[] = [];
  let open = { count: 0, expected: 0 };
  for (let i = 0; i < counts.length; i++) {
    open.count += counts[i];
    open.expected += total * probabilities[i];
    if (open.expected < 10) continue;
    cells.push(open);
    open = { count: 0, expected: 0 };
  }
  const last = cells.at(-1);
  if (!last || cells.length < 2) throw new Error(`too few cells: ${cells.length}`);
  last.count += open.count;
  last.expected += open.expected;
  const statistic = cells.reduce((sum, { count, expected }) => sum + (count - expected) ** 2 / expected, 0);
  const degrees = cells.length - 1;
  return (Math.cbrt(statistic / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
}

const sampleOf = (name: string, draw: (stream: RandomStream) => number, count = sampleCount): Float64Array => {
  const stream = newStream(name);
  return Float64Array.from({ length: count }, () => draw(stream));
};

/** z-score of the mean of `sample` against a mean and a standard deviation known in closed form. */
function meanZ(sample: Float64Array, mean: number, standardDeviation: number): number {
  const average = sample.reduce((a, b) => a + b, 0) / sample.length;
  return ((average - mean) / standardDeviation) * Math.sqrt(sample.length);
}

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

/** The regularised incomplete gamma function for multiples of 1/2, by its recurrence in the shape. */
function gammaCdf(shape: number, x: number): number {
  const whole = Number.isInteger(shape);
  let a = whole ? 1 : 0.5;
  let p = whole ? -Math.expm1(-x) : 2 * normalCdf(Math.sqrt(2 * x)) - 1;
  let step = whole ? x * Math.exp(-x) : (Math.sqrt(x) * Math.exp(-x)) / (Math.sqrt(Math.PI) / 2);
  for (; a < shape; a++) {
    p -= step;
    step *= x / (a + 1);
  }
  return p;
}

describe("continuous distributions follow their closed-form CDF", () => {
  const cases: { name: string; draw: (stream: RandomStream) => number; cdf: (x: number) => number }[] = [
    { name: "uniform", draw: (s) => s.uniform(), cdf: (x) => x },
    { name: "uniform(-3, 5)", draw: (s) => s.uniform(-3, 5), cdf: (x) => (x + 3) / 8 },
    { name: "normal", draw: (s) => s.normal(), cdf: normalCdf },
    { name: "normal(1e6, 1e-3)", draw: (s) => s.normal(1e6, 1e-3), cdf: (x) => normalCdf((x - 1e6) / 1e-3) },
    { name: "logNormal(1, 2)", draw: (s) => s.logNormal(1, 2), cdf: (x) => normalCdf((Math.log(x) - 1) / 2) },
  ];
  for (const rate of [1e-9, 0.5, 1e6]) {
    cases.push({ name: `exponential(${rate})`, draw: (s) => s.exponential(rate), cdf: (x) => -Math.expm1(-rate * x) });
  }
  for (const shape of [0.1, 1.16, 30]) {
    cases.push({ name: `pareto(2, ${shape})`, draw: (s) => s.pareto(2, shape), cdf: (x) => 1 - (2 / x) ** shape });
  }
  for (const shape of [0.5, 1, 1.5, 3, 40.5]) {
    cases.push({ name: `gamma(${shape}, 4)`, draw: (s) => s.gamma(shape, 4), cdf: (x) => gammaCdf(shape, x / 4) });
  }
  cases.push({ name: "beta(1, 5)", draw: (s) => s.beta(1, 5), cdf: (x) => 1 - (1 - x) ** 5 });
  cases.push({ name: "beta(0.2, 1)", draw: (s) => s.beta(0.2, 1), cdf: (x) => x ** 0.2 });
  cases.push({ name: "beta(2, 2)", draw: (s) => s.beta(2, 2), cdf: (x) => x * x * (3 - 2 * x) });
  const arcsine = (x: number): number => (2 / Math.PI) * Math.asin(Math.sqrt(x));
  cases.push({ name: "beta(0.5, 0.5)", draw: (s) => s.beta(0.5, 0.5), cdf: arcsine });

  it.each(cases)("$name", ({ name, draw, cdf }) => {
    expect(kolmogorov(sampleOf(name, draw), cdf)).toBeLessThan(kolmogorovLimit);
  });
  it("and the test would notice an error of six percent", () => {
    const sample = sampleOf("power", (s) => s.exponential(1));
    expect(kolmogorov(sample, (x) => -Math.expm1(-1.06 * x))).toBeGreaterThan(kolmogorovLimit);
  });
});

describe("extreme shapes", () => {
  it("keep the closed-form probabilities of tiny gamma and beta shapes", () => {
    // P(X < x) = x^a / gamma(1 + a) for x near 0; gamma(1.01) = 0.9943258511915060.
    const p = 1e-50 ** 0.01 / 0.994325851191506;
    const small = sampleOf("tiny gamma", (s) => (s.gamma(0.01) < 1e-50 ? 1 : 0));
    expect(Math.abs(meanZ(small, p, Math.sqrt(p * (1 - p))))).toBeLessThan(4);
    const sides = sampleOf("tiny beta", (s) => s.beta(1e-3, 1e-3));
    expect(sides.every((x) => x >= 0 && x <= 1)).toBe(true);
    // Variance a b / ((a + b)^2 (a + b + 1)).
    expect(Math.abs(meanZ(sides, 0.5, Math.sqrt(0.25 / 1.002)))).toBeLessThan(4);
  });
  it("keep the moments of huge gamma and beta shapes", () => {
    const gamma = sampleOf("huge gamma", (s) => s.gamma(1e10));
    expect(Math.abs(meanZ(gamma, 1e10, 1e5))).toBeLessThan(4);
    const squares = gamma.map((x) => ((x - 1e10) / 1e5) ** 2);
    expect(Math.abs(meanZ(squares, 1, Math.SQRT2))).toBeLessThan(4);
    const beta = sampleOf("huge beta", (s) => s.beta(3e6, 1e6));
    expect(Math.abs(meanZ(beta, 0.75, Math.sqrt((0.75 * 0.25) / (4e6 + 1))))).toBeLessThan(4);
  });
});

describe("poisson", () => {
  it.each([0.01, 0.5, 3, 9.99, 10, 12.5, 80, 1000])("follows its probabilities at mean %d", (mean) => {
    const sample = sampleOf(`poisson ${mean}`, (s) => s.poisson(mean), 50_000);
    const largest = Math.ceil(mean + 12 * Math.sqrt(mean) + 12);
    const counts = new Array(largest + 1).fill(0);
    for (const count of sample) counts[count]++;
    // From the mode outwards, so that e^-1000 is never needed; then normalised.
    const mode = Math.floor(mean);
    const weights = new Array(largest + 1).fill(0);
    weights[mode] = 1;
    for (let k = mode; k > 0; k--) weights[k - 1] = (weights[k] * k) / mean;
    for (let k = mode; k < largest; k++) weights[k + 1] = (weights[k] * mean) / (k + 1);
    const total = weights.reduce((a, b) => a + b, 0);
    expect(
      Math.abs(
        chiSquareZ(
          counts,
          weights.map((weight) => weight / total),
        ),
      ),
    ).toBeLessThan(4);
  });
  it("keeps mean and variance at large means", () => {
    for (const mean of [1e6, 1e12]) {
      const sample = sampleOf(`poisson ${mean}`, (s) => s.poisson(mean));
      expect(Math.abs(meanZ(sample, mean, Math.sqrt(mean)))).toBeLessThan(4);
      expect(
        Math.abs(
          meanZ(
            sample.map((k) => (k - mean) ** 2 / mean),
            1,
            Math.SQRT2,
          ),
        ),
      ).toBeLessThan(4);
      expect(kolmogorov(sample, (k) => normalCdf((k + 0.5 - mean) / Math.sqrt(mean)))).toBeLessThan(kolmogorovLimit);
    }
  });
  it("is 0 at mean 0", () => {
    expect(newStream("zero").poisson(0)).toBe(0);
  });
});

describe("zipf", () => {
  it.each([
    { n: 10, exponent: 0 },
    { n: 10, exponent: 1 },
    { n: 10, exponent: 2.5 },
    { n: 1000, exponent: 0.9999999999 },
    { n: 1000, exponent: 1.1 },
    { n: 2, exponent: 6 },
  ])("follows its probabilities for $n ranks and exponent $exponent", ({ n, exponent }) => {
    const sampler = createZipf(n, exponent);
    const counts = new Array(n).fill(0);
    for (const rank of sampleOf(`zipf ${n} ${exponent}`, sampler, 50_000)) counts[rank - 1]++;
    const weights = counts.map((_, i) => (i + 1) ** -exponent);
    const total = weights.reduce((a, b) => a + b, 0);
    expect(
      Math.abs(
        chiSquareZ(
          counts,
          weights.map((weight) => weight / total),
        ),
      ),
    ).toBeLessThan(4);
  });
  it("works at its limits", () => {
    const stream = newStream("zipf limits");
    expect(stream.zipf(1, 3)).toBe(1);
    expect(stream.zipf(1e9, 200)).toBe(1);
    const ranks = sampleOf("zipf large", createZipf(2 ** 52, 1), 1000);
    expect(ranks.every((rank) => Number.isInteger(rank) && rank >= 1 && rank <= 2 ** 52)).toBe(true);
    // For exponent 1 the logarithm of the rank is near uniform: half of the ranks are below the root of n.
    const half = ranks.filter((rank) => rank <= 2 ** 26).length;
    expect(Math.abs(half - 508) / Math.sqrt(250)).toBeLessThan(4);
  });
});

describe("discrete choices", () => {
  it("integer is even and stays in range", () => {
    for (const n of [1, 2, 3, 7, 1000]) {
      const counts = new Array(n).fill(0);
      for (const value of sampleOf(`integer ${n}`, (s) => s.integer(n))) counts[value]++;
      if (n === 1) expect(counts[0]).toBe(sampleCount);
      else expect(Math.abs(chiSquareZ(counts, new Array(n).fill(1 / n)))).toBeLessThan(4);
    }
    const huge = 3 * 2 ** 51;
    const thirds = [0, 0, 0];
    for (const value of sampleOf("integer huge", (s) => s.integer(huge))) thirds[Math.floor(value / 2 ** 51)]++;
    expect(Math.abs(chiSquareZ(thirds, [1 / 3, 1 / 3, 1 / 3]))).toBeLessThan(4);
  });
  it("bernoulli and categorical follow their weights", () => {
    const successes = sampleOf("bernoulli", (s) => (s.bernoulli(0.03) ? 1 : 0));
    expect(Math.abs(meanZ(successes, 0.03, Math.sqrt(0.03 * 0.97)))).toBeLessThan(4);
    const stream = newStream("certain");
    expect([stream.bernoulli(0), stream.bernoulli(1)]).toEqual([false, true]);
    const weights = [0, 3, 0, 1, 6, 0];
    const counts = weights.map(() => 0);
    for (const index of sampleOf("categorical", (s) => s.categorical(weights))) counts[index]++;
    expect([counts[0], counts[2], counts[5]]).toEqual([0, 0, 0]);
    expect(Math.abs(chiSquareZ([counts[1], counts[3], counts[4]], [0.3, 0.1, 0.6]))).toBeLessThan(4);
  });
  it("shuffle gives all orders alike", () => {
    const stream = newStream("shuffle");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const indices = Int32Array.of(0, 1, 2, 3);
      stream.shuffle(indices);
      counts.set(indices.join(), (counts.get(indices.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(chiSquareZ([...counts.values()], new Array(24).fill(1 / 24)))).toBeLessThan(4);
  });
});

describe("normalQuantile", () => {
  it("gives published values", () => {
    // The check values of AS 241, to all digits of a double.
    for (const [probability, quantile] of [
      [0.25, -0.6744897501960817],
      [0.001, -3.090232306167814],
      [1e-20, -9.26234008979841],
    ]) {
      expect(Math.abs(normalQuantile(probability) / quantile - 1)).toBeLessThan(1e-15);
    }
    expect([0, 0.5, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([-Infinity, 0, Infinity, NaN, NaN, NaN]);
  });
  it("inverts the normal distribution function", () => {
    for (let i = 1; i < 400; i++) expect(normalCdf(normalQuantile(i / 400))).toBeCloseTo(i / 400, 13);
  });
});

describe("alignment", () => {
  it("takes one draw for each variate by inversion", () => {
    const stream = newStream("alignment");
    const inversions: ((s: RandomStream) => unknown)[] = [
      (s) => s.uniform(2, 3),
      (s) => s.uniformOpen(),
      (s) => s.integer(10),
      (s) => s.bernoulli(0.5),
      (s) => s.categorical([1, 2]),
      (s) => s.exponential(1),
      (s) => s.normal(),
      (s) => s.logNormal(0, 1),
      (s) => s.pareto(1, 1),
      (s) => s.poisson(5),
    ];
    inversions.forEach((draw, i) => {
      draw(stream);
      expect(stream.drawIndex).toBe(i + 1);
    });
  });
});

describe("invalid parameters", () => {
  const stream = newStream("invalid");
  it.each([
    { draw: () => stream.exponential(-1), message: "invalid rate: -1" },
    { draw: () => stream.integer(0), message: "invalid bound: 0" },
    { draw: () => stream.integer(2.5), message: "invalid bound: 2.5" },
    { draw: () => stream.bernoulli(1.1), message: "invalid probability: 1.1" },
    { draw: () => stream.categorical([1, -2]), message: "invalid weight: -2" },
    { draw: () => stream.categorical([0, 0]), message: "invalid total weight: 0" },
    { draw: () => stream.normal(0, -1), message: "invalid standard deviation: -1" },
    { draw: () => stream.pareto(0, 1), message: "invalid scale: 0" },
    { draw: () => stream.pareto(1, Number.NaN), message: "invalid shape: NaN" },
    { draw: () => stream.poisson(-1), message: "invalid mean: -1" },
    { draw: () => stream.gamma(0, 1), message: "invalid shape: 0" },
    { draw: () => stream.gamma(1, -1), message: "invalid scale: -1" },
    { draw: () => stream.beta(1, Infinity), message: "invalid shape: Infinity" },
    { draw: () => stream.zipf(0, 1), message: "invalid rank count: 0" },
    { draw: () => stream.zipf(3, -1), message: "invalid exponent: -1" },
    { draw: () => stream.uniformAt(-1), message: "invalid draw index: -1" },
  ])("$message", ({ draw, message }) => {
    expect(draw).toThrow(message);
  });
});
