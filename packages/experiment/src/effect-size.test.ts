import { describe, expect, it } from "vitest";
import { hedgesCorrection, hedgesG, pairedG } from "./effect-size.ts";
import { noncentralityAt, noncentralTProbability, normalProbability } from "./noncentral-t.ts";

describe("noncentralTProbability", () => {
  // scipy 1.17, stats.nct.cdf.
  it.each([
    [1.5, 10, 1, 0.6695168482153548],
    [-2, 3, 0.5, 0.02872704222737292],
    [30, 4, 20, 0.7755578017791107],
    [2.83, 126, 2.83, 0.49777414080023513],
    [0.3, 1, -2, 0.9863463466532643],
  ])("of t = %f with %f degrees of freedom and noncentrality %f", (t, degreesOfFreedom, shift, expected) => {
    expect(noncentralTProbability(t, degreesOfFreedom, shift)).toBeCloseTo(expected, 11);
  });

  it("is the normal probability of minus the noncentrality at 0", () => {
    for (const shift of [-3, 0, 0.5, 4]) {
      expect(noncentralTProbability(0, 5, shift)).toBeCloseTo(normalProbability(-shift), 12);
    }
    expect(normalProbability(1.959963984540054)).toBeCloseTo(0.975, 14);
  });

  it("is inverted to the published interval of t = 2.83 with 126 degrees of freedom", () => {
    // Kelley, "Confidence intervals for standardized effect sizes" (Journal of Statistical Software 20, 2007), conf.limits.nct.
    expect(noncentralityAt(2.83, 126, 0.975)).toBeCloseTo(0.8337502, 6);
    expect(noncentralityAt(2.83, 126, 0.025)).toBeCloseTo(4.8153591, 6);
  });

  it("is inverted for a t that stands far out, and goes on smoothly where the approximation begins", () => {
    const below = noncentralityAt(99.9, 9, 0.975) / 99.9;
    const above = noncentralityAt(1e6, 9, 0.975) / 1e6;
    expect(above).toBeCloseTo(below, 4);
    // With no noise in the numerator the limits are those of sqrt(chi-squared / 9): its 2.5th percentile is 2.7004.
    expect(above).toBeCloseTo(Math.sqrt(2.70039 / 9), 3);
  });
});

describe("hedgesCorrection", () => {
  // Closed forms: Gamma(1) / Gamma(1/2) is 1 / sqrt(pi); at 4 it is sqrt(2 / pi), and at 10 24 / (sqrt(5) Gamma(4.5)).
  it.each([
    [2, 1 / Math.sqrt(Math.PI)],
    [4, Math.sqrt(2 / Math.PI)],
    [10, 24 / (Math.sqrt(5) * 11.631728396567448)],
  ])("of %i degrees of freedom is %f", (degreesOfFreedom, expected) => {
    expect(hedgesCorrection(degreesOfFreedom)).toBeCloseTo(expected, 10);
  });
});

const firstDrug = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const secondDrug = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

describe("effect sizes of Student's sleep data", () => {
  it("are those of the t statistics, corrected", () => {
    // t = -4.0621 of 10 pairs; t = -1.8608 of 10 and 10, where pooling and Welch agree because the sizes are equal.
    const paired = pairedG(firstDrug.map((value, index) => value - secondDrug[index]));
    expect(paired?.value).toBeCloseTo((-4.062127683382037 / Math.sqrt(10)) * hedgesCorrection(9), 10);
    const g = hedgesG(firstDrug, secondDrug);
    expect(g?.value).toBeCloseTo(-1.8608134674868526 * Math.sqrt(2 / 10) * hedgesCorrection(18), 10);
    expect(g?.ci95[0]).toBeLessThan(g?.value as number);
    expect(g?.ci95[1]).toBeGreaterThan(0);
    expect(paired?.ci95[1]).toBeLessThan(0);
  });

  it("do not exist without spread or with too few values", () => {
    expect(pairedG([1, 1, 1, 1])).toBeUndefined();
    expect(pairedG([1, 2, 3])).toBeUndefined();
    expect(hedgesG([1, 1, 1], [2, 2, 2])).toBeUndefined();
    expect(hedgesG([1], [2, 3, 4, 5])).toBeUndefined();
  });
});
