import { describe, expect, it } from "vitest";
import { studentTProbability, studentTQuantile } from "./student-t.ts";

describe("studentTQuantile", () => {
  /** Published to three decimals: Fisher and Yates, Statistical Tables, table III; NIST/SEMATECH e-Handbook, 1.3.6.7.2. */
  const table: [degrees: number, probability: number, quantile: number][] = [
    [1, 0.975, 12.706],
    [2, 0.975, 4.303],
    [3, 0.95, 2.353],
    [4, 0.975, 2.776],
    [5, 0.99, 3.365],
    [7, 0.9, 1.415],
    [10, 0.975, 2.228],
    [19, 0.975, 2.093],
    [30, 0.995, 2.75],
    [100, 0.975, 1.984],
  ];
  it.each(table)("is the table's value at %d degrees of freedom and %d", (degrees, probability, quantile) => {
    expect(studentTQuantile(probability, degrees)).toBeCloseTo(quantile, 3);
    expect(studentTQuantile(1 - probability, degrees)).toBeCloseTo(-quantile, 3);
  });

  it("is the closed form at one and two degrees of freedom", () => {
    for (const probability of [0.501, 0.6, 0.8, 0.975, 0.9995]) {
      const cauchy = Math.tan(Math.PI * (probability - 0.5));
      expect(studentTQuantile(probability, 1) / cauchy).toBeCloseTo(1, 10);
      const two = (2 * probability - 1) * Math.sqrt(2 / (4 * probability * (1 - probability)));
      expect(studentTQuantile(probability, 2) / two).toBeCloseTo(1, 10);
    }
  });

  it("approaches the normal quantile", () => {
    expect(studentTQuantile(0.975, 1e6)).toBeCloseTo(1.959964, 4);
  });

  it("is inverted by the probability, also at fractional degrees", () => {
    for (const degrees of [0.7, 1, 4.5, 27.8, 400]) {
      for (const probability of [0.01, 0.3, 0.5, 0.8, 0.999]) {
        expect(studentTProbability(studentTQuantile(probability, degrees), degrees)).toBeCloseTo(probability, 11);
      }
    }
  });

  it("refuses what is not a probability or not a number of degrees", () => {
    expect(() => studentTQuantile(1, 4)).toThrow("invalid probability: 1");
    expect(() => studentTQuantile(0.9, 0)).toThrow("invalid degrees of freedom: 0");
  });
});
