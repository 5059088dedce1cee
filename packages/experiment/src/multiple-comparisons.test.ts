import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjustPValues, type corrections } from "./multiple-comparisons.ts";

/** The 15 comparisons of the thrombolysis trial in Benjamini and Hochberg (1995), section 4.2. */
const thrombolysis = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
];
const findings = (correction: (typeof corrections)[number]): number =>
  adjustPValues(thrombolysis, correction).filter((value) => value <= 0.05).length;

describe("adjustPValues", () => {
  it("finds in the trial what the paper reports: 4 by its own procedure, 3 by the family-wise one, 9 uncorrected", () => {
    expect(findings("benjamini-hochberg")).toBe(4);
    expect(findings("holm")).toBe(3);
    expect(findings("none")).toBe(9);
  });

  it("multiplies by the number of hypotheses left, and never falls", () => {
    // By hand: 4 x 0.01, 3 x 0.02, 2 x 0.03 (below 3 x 0.02 = 0.06, so 0.06), 1 x 0.04 (0.06).
    expect(adjustPValues([0.03, 0.01, 0.04, 0.02], "holm").map((value) => Number(value.toFixed(12)))).toEqual([
      0.06, 0.04, 0.06, 0.06,
    ]);
    // By hand: 0.04 x 4 / 4 = 0.04 bounds all the others, each of which is 0.04 as well.
    expect(
      adjustPValues([0.03, 0.01, 0.04, 0.02], "benjamini-hochberg").map((value) => Number(value.toFixed(12))),
    ).toEqual([0.04, 0.04, 0.04, 0.04]);
  });

  it("keeps the order, stays within 1, and Holm's is never below that of Benjamini and Hochberg", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (pValues) => {
        const [holm, rate] = [adjustPValues(pValues, "holm"), adjustPValues(pValues, "benjamini-hochberg")];
        for (const [index, value] of pValues.entries()) {
          expect(rate[index]).toBeGreaterThanOrEqual(value);
          expect(holm[index]).toBeGreaterThanOrEqual(rate[index] * (1 - 1e-12));
          expect(holm[index]).toBeLessThanOrEqual(1);
          for (const [other, otherValue] of pValues.entries()) {
            if (value < otherValue) expect(holm[index]).toBeLessThanOrEqual(holm[other]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("refuses what is no probability", () => {
    expect(() => adjustPValues([0.1, Number.NaN], "holm")).toThrow("invalid p-value: NaN");
    expect(adjustPValues([], "holm")).toEqual([]);
  });
});
