import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logGamma, regularizedIncompleteBeta } from "./incomplete-beta.ts";

/** Rows of x, a, b and I_x(a, b) by scipy (fixtures/incomplete-beta.py). */
const table = JSON.parse(
  readFileSync(new URL("./fixtures/generated/incomplete-beta.json", import.meta.url), "utf8"),
) as [number, number, number, number][];

const beta = (x: number, a: number, b: number) => regularizedIncompleteBeta({ value: x, complement: 1 - x }, a, b);

describe("regularizedIncompleteBeta", () => {
  it("has the values of scipy", () => {
    expect(table).toHaveLength(150);
    for (const [x, a, b, value] of table)
      expect(Math.abs(beta(x, a, b) - value)).toBeLessThanOrEqual(3e-11 * value + 1e-300);
  });

  it("is a polynomial for whole numbers, to the last digits", () => {
    // I_x(a, b) with whole a and b: the chance of a or more successes out of a + b - 1.
    const holds = (a: number, b: number, thousandths: number) => {
      const trials = a + b - 1;
      let [sum, choose] = [0n, 1n];
      for (let k = 0; k <= trials; k++) {
        if (k > 0) choose = (choose * BigInt(trials - k + 1)) / BigInt(k);
        if (k >= a) sum += choose * BigInt(thousandths) ** BigInt(k) * BigInt(1000 - thousandths) ** BigInt(trials - k);
      }
      const exact = Number((sum * 10n ** 30n) / 1000n ** BigInt(trials)) / 1e30;
      const value = regularizedIncompleteBeta(
        { value: thousandths / 1000, complement: (1000 - thousandths) / 1000 },
        a,
        b,
      );
      expect(Math.abs(value - exact)).toBeLessThan(4e-14 + 1e-12 * exact);
    };
    const whole = fc.integer({ min: 1, max: 60 });
    fc.assert(fc.property(whole, whole, fc.integer({ min: 1, max: 999 }), holds), { numRuns: 200, seed: 1 });
  });

  it("is one with its mirror image, and goes from 0 to 1", () => {
    const shape = fc.double({ min: 0.05, max: 300, noNaN: true });
    const holds = (x: number, a: number, b: number) => {
      expect(beta(x, a, b) + regularizedIncompleteBeta({ value: 1 - x, complement: x }, b, a)).toBeCloseTo(1, 11);
      expect([beta(0, a, b), beta(1, a, b)]).toEqual([0, 1]);
    };
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), shape, shape, holds), { numRuns: 200, seed: 2 });
  });

  it("refuses what is no proportion or shape", () => {
    expect(() => beta(1.5, 1, 1)).toThrow("invalid proportion: 1.5");
    expect(() => regularizedIncompleteBeta({ value: 0.5, complement: 0.4 }, 1, 1)).toThrow("invalid proportion");
    expect(() => beta(0.5, 0, 1)).toThrow("invalid shape: 0");
  });
});

describe("logGamma", () => {
  it("is the logarithm of factorials, and of the square root of pi", () => {
    let factorial = 0;
    for (let n = 1; n < 170; n++) {
      expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-14 * Math.max(10, factorial));
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 14);
  });
});
