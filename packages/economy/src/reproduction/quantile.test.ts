import { expect, test } from "vitest";
import { median, studentQuantile95 } from "./quantile.ts";

/** Probability that Student's t with d degrees of freedom is below x >= 0, by Simpson's rule on its density. */
function studentBelow(x: number, d: number): number {
  let logRatio = 0;
  // Gamma((d + 1) / 2) / Gamma(d / 2), up from 1/2 and 1 by the recurrence.
  const odd = d % 2 === 1;
  for (let k = odd ? 1 : 2; k < d; k += 2) logRatio += Math.log((k + 1) / k);
  const gammaRatio = (odd ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2) * Math.exp(logRatio);
  const density = (t: number) => (gammaRatio / Math.sqrt(d * Math.PI)) * (1 + (t * t) / d) ** (-(d + 1) / 2);
  const steps = 2000;
  const h = x / steps;
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += density(i * h) * (i % 2 === 1 ? 4 : 2);
  return 0.5 + (sum * h) / 3;
}

test("the tabled quantiles of Student's t leave 5 % above them", () => {
  for (let d = 1; d <= 60; d++) expect(studentBelow(studentQuantile95(d), d), `${d} degrees`).toBeCloseTo(0.95, 3);
  expect(() => studentQuantile95(0)).toThrow("invalid degrees of freedom: 0");
});

test("the median is the middle value, or the mean of the two", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(() => median([])).toThrow("no values: 0");
});
