import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DemandProblem,
  emptyDemandSolution,
  inferenceDemand,
  inferenceDemandSpec,
  solveDemand,
} from "./inference-demand.ts";

const base: Omit<DemandProblem, "losses" | "servingCosts"> = {
  competitorLoss: 2,
  competitorPrice: 2e-6,
  qualitySensitivity: 12,
  priceElasticity: 1.5,
  outsideAppeal: -1,
  spending: 1e6,
};

function solve(losses: readonly number[], servingCosts: readonly number[], changes: Partial<DemandProblem> = {}) {
  const problem = {
    ...base,
    losses: Float64Array.from(losses),
    servingCosts: Float64Array.from(servingCosts),
    ...changes,
  };
  return { problem, ...solveDemand(problem, emptyDemandSolution(losses.length)) };
}

/** Shares of spending at given prices, from the definition of the logit. */
function logitShares(problem: DemandProblem, prices: readonly number[]): number[] {
  const weights = prices.map(
    (price, model) =>
      Math.exp(problem.qualitySensitivity * (problem.competitorLoss - problem.losses[model])) *
      (price / problem.competitorPrice) ** -problem.priceElasticity,
  );
  const total = weights.reduce((sum, weight) => sum + weight, 1 + Math.exp(problem.outsideAppeal));
  return weights.map((weight) => weight / total);
}

/** A seller's profit if it alone deviates to `price`: tokens sold are spending over price. */
function profit(problem: DemandProblem, prices: Float64Array, model: number, price: number): number {
  const deviated = Array.from(prices, (other, index) => (index === model ? price : other));
  const tokens = (logitShares(problem, deviated)[model] * problem.spending) / price;
  return tokens * (price - problem.servingCosts[model]);
}

describe("one model", () => {
  test.each([0.5, 1.5, 4, 10, 20])("earns the Lerner margin 1 / (1 + alpha (1 - s)) at alpha = %d", (alpha) => {
    const { shares, prices, netRevenue } = solve([1.95], [3e-7], { priceElasticity: alpha });
    const lerner = (prices[0] - 3e-7) / prices[0];
    expect(lerner).toBeCloseTo(1 / (1 + alpha * (1 - shares[0])), 9);
    expect(netRevenue[0] / (lerner * shares[0] * 1e6)).toBeCloseTo(1, 9);
  });

  test("its share answers its price by -alpha (1 - s), by finite differences", () => {
    const { problem, shares, prices } = solve([1.9], [3e-7]);
    const step = 1e-5;
    const [up] = logitShares(problem, [prices[0] * Math.exp(step)]);
    const [down] = logitShares(problem, [prices[0] * Math.exp(-step)]);
    const elasticity = Math.log(up / down) / (2 * step);
    expect(elasticity).toBeCloseTo(-1.5 * (1 - shares[0]), 6);
  });

  test("a seller without rivals to speak of still has one price that pays best", () => {
    const { problem, shares, prices } = solve([1.6], [1e-8], { priceElasticity: 8, qualitySensitivity: 60 });
    expect(shares[0]).toBeGreaterThan(0.9);
    expect(logitShares(problem, [prices[0]])[0] / shares[0]).toBeCloseTo(1, 9);
    const best = profit(problem, prices, 0, prices[0]);
    for (const factor of [0.5, 0.99, 1.01, 2])
      expect(profit(problem, prices, 0, prices[0] * factor)).toBeLessThan(best);
  });

  test("agrees with bisection in the odds of its share, however few customers it leaves to others", () => {
    const drawn = fc.record({
      loss: fc.double({ min: 1, max: 3, noNaN: true }),
      alpha: fc.double({ min: 0.05, max: 20, noNaN: true }),
      qualitySensitivity: fc.double({ min: 0, max: 200, noNaN: true }),
      outsideAppeal: fc.double({ min: -20, max: 20, noNaN: true }),
      cost: fc.double({ min: 1e-8, max: 4e-6, noNaN: true }),
    });
    fc.assert(
      fc.property(drawn, ({ loss, alpha, cost, ...changes }) => {
        // ln (s / (1 - s)) = appeal - alpha ln (p / p_c) - ln (1 + what doing without weighs), whose right side falls with s.
        const appeal = changes.qualitySensitivity * (2 - loss) - Math.log1p(Math.exp(changes.outsideAppeal));
        let [low, high] = [-700, 700];
        for (let step = 0; step < 100; step++) {
          const odds = (low + high) / 2;
          const price = cost * (1 + (1 + Math.exp(odds)) / alpha);
          if (odds < appeal - alpha * Math.log(price / 2e-6)) low = odds;
          else high = odds;
        }
        const left = 1 / (1 + Math.exp(low));
        const { prices, netRevenue } = solve([loss], [cost], { priceElasticity: alpha, ...changes });
        expect(Math.abs(netRevenue[0] / 1e6 - (1 - left) / (1 + alpha * left))).toBeLessThan(1e-6);
        const price = cost * (1 + 1 / (alpha * Math.max(left, 1e-9)));
        expect(Math.abs(prices[0] / price - 1)).toBeLessThan(1e-9 + 3e-12 / Math.max(left, 1e-9));
      }),
      { numRuns: 3000, seed: 6 },
    );
  });

  test("a model that nobody wants is priced at 1 + 1 / alpha of its cost", () => {
    const { shares, prices, netRevenue } = solve([10], [3e-7]);
    expect(shares[0]).toBeLessThan(1e-30);
    expect(prices[0] / 3e-7).toBeCloseTo(1 + 1 / 1.5, 12);
    expect(netRevenue[0]).toBeLessThan(1e-20);
  });

  test("sensitive customers drive the price of a small seller to its cost", () => {
    const { prices, shares } = solve([2.6], [1.9e-6], { priceElasticity: 20 });
    expect(shares[0]).toBeLessThan(0.01);
    expect(prices[0] / 1.9e-6).toBeCloseTo(1.05, 3);
  });

  test("a model that is not on offer sells nothing", () => {
    const { shares, netRevenue } = solve([Number.POSITIVE_INFINITY, 1.9], [3e-7, 3e-7]);
    const alone = solve([1.9], [3e-7]);
    expect(shares[0]).toBe(0);
    expect(netRevenue[0]).toBe(0);
    expect(shares[1]).toBeCloseTo(alone.shares[0], 12);
  });

  test("nor where customers do not care for quality", () => {
    const { shares, netRevenue } = solve([Number.POSITIVE_INFINITY, 1.9], [3e-7, 3e-7], { qualitySensitivity: 0 });
    expect(netRevenue[0]).toBe(0);
    expect(shares[1]).toBeCloseTo(solve([1.9], [3e-7], { qualitySensitivity: 0 }).shares[0], 12);
  });

  test("the solution does not depend on where the search starts", () => {
    const started = { ...emptyDemandSolution(2), shares: Float64Array.of(0.95, 0.001) };
    const { problem, shares } = solve([1.95, 1.7], [3e-7, 5e-7], { priceElasticity: 6 });
    const again = solveDemand(problem, started);
    for (const [model, share] of shares.entries()) expect(again.shares[model]).toBeCloseTo(share, 11);
  });

  test("spending scales revenue and nothing else", () => {
    const [one, ten] = [solve([1.9], [3e-7]), solve([1.9], [3e-7], { spending: 1e7 })];
    expect(ten.prices[0]).toBe(one.prices[0]);
    expect(ten.netRevenue[0] / one.netRevenue[0]).toBeCloseTo(10, 12);
  });
});

describe("several models", () => {
  test("two alike share and price alike", () => {
    const { shares, prices } = solve([1.9, 1.9], [3e-7, 3e-7]);
    expect(shares[1]).toBeCloseTo(shares[0], 12);
    expect(prices[1] / prices[0]).toBeCloseTo(1, 12);
    const alone = solve([1.9], [3e-7]);
    expect(prices[0]).toBeLessThan(alone.prices[0]);
    expect(2 * shares[0]).toBeGreaterThan(alone.shares[0]);
  });

  test("a dominated model gets next to nothing", () => {
    const { shares } = solve([1.8, 3.5], [3e-7, 3e-7]);
    expect(shares[0]).toBeGreaterThan(0.5);
    expect(shares[1]).toBeLessThan(1e-7);
  });

  const problems = fc.record({
    losses: fc.array(fc.double({ min: 1.6, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 }),
    priceElasticity: fc.double({ min: 0.2, max: 20, noNaN: true }),
    qualitySensitivity: fc.double({ min: 0, max: 60, noNaN: true }),
    outsideAppeal: fc.double({ min: -20, max: 20, noNaN: true }),
    cost: fc.double({ min: 1e-8, max: 1e-5, noNaN: true }),
  });

  test("solve prices and shares together, and sell less than is spent, whatever the parameters", () => {
    fc.assert(
      fc.property(problems, ({ losses, cost, ...changes }) => {
        const servingCosts = losses.map((_, model) => cost * (1 + model / 3));
        const { problem, shares, prices } = solve(losses, servingCosts, changes);
        const expected = logitShares(problem, Array.from(prices));
        for (const [model, share] of shares.entries()) expect(Math.abs(share - expected[model])).toBeLessThan(1e-9);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(1 + 1e-12);
      }),
      { numRuns: 400, seed: 3 },
    );
  });

  test("no seller gains by another price", () => {
    fc.assert(
      fc.property(problems, fc.double({ min: 0.3, max: 3, noNaN: true }), ({ losses, cost, ...changes }, factor) => {
        const servingCosts = losses.map(() => cost);
        const { problem, prices } = solve(losses, servingCosts, changes);
        for (let model = 0; model < losses.length; model++) {
          const best = profit(problem, prices, model, prices[model]);
          expect(profit(problem, prices, model, prices[model] * factor)).toBeLessThanOrEqual(best * (1 + 1e-9));
        }
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe("alike models, where nobody does without", () => {
  test("share the market, at p = c (1 + n / (alpha (n - 1)))", () => {
    for (const n of [2, 3, 7, 20])
      for (const alpha of [0.4, 1.5, 12]) {
        const { shares, prices, netRevenue } = solve(Array(n).fill(1.2), Array(n).fill(4e-7), {
          priceElasticity: alpha,
          qualitySensitivity: 60,
          outsideAppeal: -20,
        });
        for (let model = 0; model < n; model++) {
          expect(shares[model]).toBeCloseTo(1 / n, 9);
          expect(prices[model] / 4e-7).toBeCloseTo(1 + n / (alpha * (n - 1)), 7);
          expect(netRevenue[model] / 1e6).toBeCloseTo(1 / n / (1 + alpha * (1 - 1 / n)), 9);
        }
      }
  });
});

describe("rivals at a given price", () => {
  test("count as the closed competitor does", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.6, max: 2.4, noNaN: true }),
        fc.double({ min: 1e-7, max: 1e-5, noNaN: true }),
        fc.double({ min: 0.2, max: 20, noNaN: true }),
        (loss, price, alpha) => {
          const changes = { priceElasticity: alpha };
          const { shares } = solve([1.9], [3e-7], { ...changes, rivals: [{ loss, price }] });
          // The same logit with the rival's weight put into the appeal of doing without.
          const weight = Math.exp(12 * (2 - loss)) * (price / 2e-6) ** -alpha;
          const outsideAppeal = Math.log(Math.exp(-1) + weight);
          expect(shares[0]).toBeCloseTo(solve([1.9], [3e-7], { ...changes, outsideAppeal }).shares[0], 9);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  test("who have nothing on offer change nothing, to the last bit", () => {
    const rivals = [{ loss: Number.POSITIVE_INFINITY, price: 1e-9 }];
    expect(solve([1.9, 1.8], [3e-7, 4e-7], { rivals }).prices).toEqual(solve([1.9, 1.8], [3e-7, 4e-7]).prices);
  });
});

test("a scenario's market serves a token at 2 FLOP for each active parameter", () => {
  const market = inferenceDemand(inferenceDemandSpec.parse({ kind: "inference-demand", spending: "$1M/d" }));
  // 70 billion: 1.4e11 FLOP a token; an H100 at 20 % does 1.979e14 a second for $2.10 / 3600.
  expect(market.servingCost(70e9)).toBeCloseTo((1.4e11 / 1.979e14) * (2.1 / 3600), 15);
  const [one, two] = [market.solve([{ loss: 1.9, activeParameters: 70e9 }]), market.solve([])];
  const same = solve([1.9], [market.servingCost(70e9)], { competitorLoss: 1.95, spending: 1e6 / 86_400 });
  expect(one.netRevenue[0] / same.netRevenue[0]).toBeCloseTo(1, 12);
  expect(two.netRevenue.length).toBe(0);
});

test.each([
  [{ spending: "$0/y" }, "too small"],
  [{ priceElasticity: -1 }, "Too small"],
  [{ servingUtilization: 1.2 }, "expected a share between 0.001 and 1"],
  [{ competitorPrice: "$-1/Mtoken" }, "expected"],
])("a market with %o is refused", (fields, message) => {
  const parsed = inferenceDemandSpec.safeParse({ kind: "inference-demand", spending: "$1M/d", ...fields });
  expect(parsed.error?.issues[0].message).toContain(message);
});
