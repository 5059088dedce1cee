import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DemandProblem, emptyDemandSolution, solveDemand } from "./inference-demand.ts";
import { leak, leakSpec } from "./leak.ts";

const copies = (fields: object = {}) => leak(leakSpec.parse({ kind: "leak", day: "30 d", ...fields }));
const day = 86_400;
const untrainedLoss = 10.825;

/** One model against its copies, where nobody does without and the competitor is out of it. */
function against(fields: { markup?: number; qualityShare?: number }, alpha: number, loss = 1.2) {
  const losses = Float64Array.of(loss);
  const servingCosts = Float64Array.of(3e-7);
  const problem: DemandProblem = {
    losses,
    servingCosts,
    competitorLoss: 9,
    competitorPrice: 2e-6,
    qualitySensitivity: 60,
    priceElasticity: alpha,
    outsideAppeal: -20,
    spending: 1e6,
    rivals: copies(fields).rivalsAt(30 * day, { losses, servingCosts, untrainedLoss }),
  };
  return solveDemand(problem, emptyDemandSolution(1));
}

describe("a full copy", () => {
  test("splits the market with the model where its markup is 1 + 2 / alpha", () => {
    for (const alpha of [0.5, 1.5, 4, 20]) {
      const { shares, prices, netRevenue } = against({ markup: 1 + 2 / alpha }, alpha);
      expect(shares[0]).toBeCloseTo(0.5, 9);
      expect(prices[0] / 3e-7).toBeCloseTo(1 + 2 / alpha, 8);
      expect(netRevenue[0] / 1e6).toBeCloseTo(0.5 / (1 + alpha / 2), 9);
    }
  });

  test("leaves s / (1 - s) = (p / (mu c))^-alpha at any markup, which bisection finds, too", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0.3, max: 20, noNaN: true }),
        (markup, alpha) => {
          let [low, high] = [0, 1];
          for (let step = 0; step < 100; step++) {
            const s = (low + high) / 2;
            const wanted = ((1 + 1 / (alpha * (1 - s))) / markup) ** -alpha;
            if (s / (1 - s) < wanted) low = s;
            else high = s;
          }
          expect(against({ markup }, alpha).shares[0]).toBeCloseTo(low, 8);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  test("at cost takes the margin away as customers get sensitive (Bertrand)", () => {
    const revenue = (alpha: number) => against({}, alpha).netRevenue[0];
    expect(revenue(20)).toBeLessThan(revenue(5));
    expect(revenue(20) / 1e6).toBeLessThan(0.03);
    expect(against({}, 20).prices[0] / 3e-7).toBeLessThan(1.1);
  });
});

test("revenue falls with the quality of the copy and rises with its markup, and is never more than without", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.3, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      (alpha, q, markup) => {
        const revenue = (fields: { markup?: number; qualityShare?: number }) => against(fields, alpha).netRevenue[0];
        const here = revenue({ qualityShare: q, markup });
        expect(revenue({ qualityShare: Math.min(1, q + 0.05), markup })).toBeLessThanOrEqual(here * (1 + 1e-9));
        expect(revenue({ qualityShare: q, markup: markup * 1.2 })).toBeGreaterThanOrEqual(here * (1 - 1e-9));
      },
    ),
    { numRuns: 200, seed: 2 },
  );
});

test("copies come on their day, of what is served then, and lose what training brought", () => {
  const served = {
    losses: Float64Array.of(2, Number.POSITIVE_INFINITY),
    servingCosts: Float64Array.of(3e-7, 1e-7),
    untrainedLoss,
  };
  expect(copies().rivalsAt(30 * day - 1, served)).toEqual([]);
  const [one, none] = copies({ qualityShare: "90 %", markup: 2 }).rivalsAt(30 * day, served);
  expect(one.loss).toBeCloseTo(10.825 - 0.9 * 8.825, 12);
  expect(one.price).toBe(6e-7);
  expect(none.loss).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  [{ qualityShare: 1.1 }, "expected a share between 0 and 1"],
  [{ markup: 0.5 }, "Too small"],
  [{ day: "-1 d" }, "too small"],
])("a leak with %o is refused", (fields, message) => {
  expect(leakSpec.safeParse({ kind: "leak", day: "30 d", ...fields }).error?.issues[0].message).toContain(message);
});
