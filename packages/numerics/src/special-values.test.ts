import { describe, expect, it } from "vitest";
import * as numerics from "./index.ts";

const edges = [
  0,
  5e-324,
  1e-310,
  2.2250738585072014e-308,
  0.5,
  1,
  2,
  3,
  2 ** 53,
  2 ** 53 - 1,
  1.5,
  1e300,
  Number.MAX_VALUE,
];
const values = [...edges, ...edges.map((x) => -x), Infinity, -Infinity, Number.NaN];
const oneArgument = [numerics.cos, numerics.exp, numerics.expm1, numerics.log, numerics.log1p, numerics.sin] as const;

/** ECMAScript fixes these results; in between only the last bits may differ from the engine's. */
const isSpecial = (x: number): boolean => x === 0 || Number.isNaN(x) || Math.abs(x) === Infinity;

function expectAgreement(got: number, wanted: number, what: string): void {
  if (isSpecial(wanted) || isSpecial(got)) expect(Object.is(got, wanted), `${what}: ${got}, not ${wanted}`).toBe(true);
  else
    expect(Math.abs(got - wanted) <= Math.max(4e-16 * Math.abs(wanted), 5e-324), `${what}: ${got}, not ${wanted}`).toBe(
      true,
    );
}

describe.each(oneArgument.map((f) => ({ f, name: f.name as "exp" })))("$name", ({ f, name }) => {
  it("treats special values as Math does", () => {
    for (const x of values) expectAgreement(f(x), Math[name](x), `${name}(${x})`);
  });
});

describe("pow", () => {
  it("treats special values as ECMAScript does", () => {
    for (const x of values) for (const y of values) expectAgreement(numerics.pow(x, y), x ** y, `pow(${x}, ${y})`);
    for (const x of [-0, 0, -Infinity, Infinity, -2, 2]) {
      for (const y of [-4, -3, -2.5, -1, 1, 2.5, 3, 4]) expectAgreement(numerics.pow(x, y), x ** y, `pow(${x}, ${y})`);
    }
  });
});

describe("logistic and logSumExp", () => {
  it("agree with their definitions and do not overflow", () => {
    for (const x of [-30, -2, 0, 0.3, 20]) expect(numerics.logistic(x)).toBeCloseTo(1 / (1 + Math.exp(-x)), 14);
    expect([-1e9, 1e9, -Infinity, Infinity].map(numerics.logistic)).toEqual([0, 1, 0, 1]);
    expect(numerics.logistic(-700)).toBeCloseTo(Math.exp(-700), 310);
    expect(numerics.logSumExp(Float64Array.of(1000, 1000))).toBeCloseTo(1000 + Math.LN2, 12);
    expect(numerics.logSumExp(Float64Array.of(-Infinity, 3))).toBe(3);
    expect(numerics.logSumExp(new Float64Array(0))).toBe(-Infinity);
    expect(numerics.logSumExp(Float64Array.of(1, Number.NaN))).toBeNaN();
    expect(numerics.logSumExp(Float64Array.of(1, Infinity))).toBe(Infinity);
  });
});

describe("numericsDigest", () => {
  it("is the number that every engine must reproduce", () => {
    expect(numerics.expectedNumericsDigest).toBe("6497ba9f1d4be0d2");
    expect(numerics.numericsDigest()).toBe(numerics.expectedNumericsDigest);
  });
});
