import { describe, expect, it } from "vitest";
import { type SaltelliValues, sobolIndices } from "./sobol-indices.ts";
import { digitalShift, sobolPoints } from "./sobol-sequence.ts";

type Model = (x: readonly number[], row: number) => number;

/** Evaluates a model of `d` uniforms on [0, 1) over a Saltelli design. */
function evaluate(model: Model, d: number, n: number, seed: number): SaltelliValues {
  const points = sobolPoints(n, 2 * d, digitalShift(2 * d, seed));
  const rowOfA = (row: number): number[] => [...points.subarray(row * 2 * d, row * 2 * d + d)];
  const rowOfB = (row: number): number[] => [...points.subarray(row * 2 * d + d, (row + 1) * 2 * d)];
  const column = (of: (row: number) => number[]): Float64Array =>
    Float64Array.from({ length: n }, (_, row) => model(of(row), row));
  const replaced = (i: number) => (row: number) => rowOfA(row).map((x, j) => (j === i ? rowOfB(row)[i] : x));
  return { a: column(rowOfA), b: column(rowOfB), mixed: Array.from({ length: d }, (_, i) => column(replaced(i))) };
}

const uncertainty = (ci95: readonly [number, number] | null): number => (ci95 ? (ci95[1] - ci95[0]) / 2 : Number.NaN);

describe("sobolIndices", () => {
  it("is the closed form of the Ishigami function (Ishigami and Homma, 1990; a = 7, b = 0.1)", () => {
    const model: Model = (uniforms) => {
      const [x1, x2, x3] = uniforms.map((u) => Math.PI * (2 * u - 1));
      return Math.sin(x1) + 7 * Math.sin(x2) ** 2 + 0.1 * x3 ** 4 * Math.sin(x1);
    };
    const v1 = 0.5 * (1 + (0.1 * Math.PI ** 4) / 5) ** 2;
    const v2 = 49 / 8;
    const v13 = 0.1 ** 2 * Math.PI ** 8 * (1 / 18 - 1 / 50);
    const v = v1 + v2 + v13;
    const indices = sobolIndices(evaluate(model, 3, 4096, 1)) ?? [];
    const first = [v1 / v, v2 / v, 0];
    const total = [(v1 + v13) / v, v2 / v, v13 / v];
    for (const [i, index] of indices.entries()) {
      expect(index.first.value).toBeCloseTo(first[i], 2);
      expect(index.total.value).toBeCloseTo(total[i], 2);
      expect(uncertainty(index.first.ci95)).toBeLessThan(0.06);
    }
    expect(indices).toHaveLength(3);
  });

  it("is the closed form of the g-function (Saltelli and Sobol, 1995)", () => {
    const weights = [0, 0.5, 3, 9, 99];
    const model: Model = (x) =>
      weights.reduce((product, w, i) => (product * (Math.abs(4 * x[i] - 2) + w)) / (1 + w), 1);
    const parts = weights.map((w) => 1 / (3 * (1 + w) ** 2));
    const all = parts.reduce((product, part) => product * (1 + part), 1);
    const indices = sobolIndices(evaluate(model, weights.length, 16_384, 2)) ?? [];
    for (const [i, index] of indices.entries()) {
      expect(index.first.value).toBeCloseTo(parts[i] / (all - 1), 2);
      expect(index.total.value).toBeCloseTo(((parts[i] / (1 + parts[i])) * all) / (all - 1), 2);
    }
  });

  it("leaves noise that a row shares out of every index: f = x1 + 2 x2 + noise of twice x1's variance", () => {
    const noise = sobolPoints(4096, 40, digitalShift(40, 9));
    const model: Model = (x, row) => x[0] + 2 * x[1] + Math.SQRT2 * noise[row * 40 + 39];
    const indices = sobolIndices(evaluate(model, 2, 4096, 3)) ?? [];
    // Variances 1, 4 and 2 twelfths.
    expect(indices[0].first.value).toBeCloseTo(1 / 7, 2);
    expect(indices[1].first.value).toBeCloseTo(4 / 7, 2);
    expect(indices[1].total.value).toBeCloseTo(4 / 7, 2);
  });

  it("covers the truth with its intervals in nearly all of 100 small designs", () => {
    const model: Model = (x) => x[0] + 2 * x[1];
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      const ci95 = sobolIndices(evaluate(model, 2, 64, seed))?.[1].total.ci95;
      if (ci95 && ci95[0] <= 0.8 && ci95[1] >= 0.8) covered += 1;
    }
    // At coverage 0.95 fewer than 86 of 100 would be four standard deviations low.
    expect(covered).toBeGreaterThanOrEqual(86);
  });

  it("has nothing to say of a measure that does not vary, and no interval for two rows", () => {
    const constant = Float64Array.of(1, 1, 1);
    expect(sobolIndices({ a: constant, b: constant, mixed: [constant] })).toBeUndefined();
    const two = sobolIndices({ a: Float64Array.of(0, 1), b: Float64Array.of(1, 0), mixed: [Float64Array.of(1, 0)] });
    expect(two?.[0].total.ci95).toBeNull();
  });
});
