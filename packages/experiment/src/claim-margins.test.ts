import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relativeMargin } from "./claim-margins.ts";

const amounts = fc.double({ min: -1e12, max: 1e12, noNaN: true });

describe("relativeMargin", () => {
  it("has the sign of the difference, lies in [-1, 1], and turns over with its sides", () => {
    fc.assert(
      fc.property(amounts, amounts, (more, less) => {
        const margin = relativeMargin(more, less);
        expect(Math.abs(margin)).toBeLessThanOrEqual(1);
        if (more !== less) expect(margin > 0).toBe(more > less);
        expect(relativeMargin(less, more)).toBe(-margin || 0);
      }),
    );
  });

  it("does not depend on the unit", () => {
    fc.assert(
      fc.property(amounts, amounts, fc.constantFrom(2 ** 10, 2 ** -10), (more, less, factor) => {
        const isSubnormal = [more, less].some((value) => value !== 0 && Math.abs(value) < 1e-290);
        if (!isSubnormal) expect(relativeMargin(factor * more, factor * less)).toBe(relativeMargin(more, less));
      }),
    );
  });

  it("is nothing between nothing and nothing", () => {
    expect(relativeMargin(0, 0)).toBe(0);
    expect(relativeMargin(3, 1)).toBe(0.5);
  });
});
