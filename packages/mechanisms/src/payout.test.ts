import { deliveriesOf, exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { payPerUnit, splitByTarget } from "./payout.ts";
import { volunteer, volunteerSpec } from "./volunteer.ts";

const { context } = exampleWorld(volunteer(volunteerSpec.parse({ kind: "volunteer" })), { targetWork: [1, 3] });

const pay = (quantities: readonly number[], rate: number, budget: number) => {
  const deliveries = deliveriesOf(quantities.map((quantity, account) => ({ account, model: 0, quantity })));
  return payPerUnit(context, "pay", {
    deliveries,
    rate: Float64Array.of(rate, 0),
    budgetMicros: Float64Array.of(budget, 0),
  });
};

describe("payPerUnit", () => {
  it("pays what is due, rounded down to the micro-dollar", () => {
    const { postings, paidMicros } = pay([2, 0.5, 1e-7], 1.5, 1e9);
    expect([...postings[0].amount]).toEqual([3_000_000, 750_000, 0]);
    expect([...paidMicros]).toEqual([3_750_000, 0]);
  });

  it("pays everyone the same share of what is due where the budget falls short", () => {
    expect([...pay([1, 2, 4], 1, 700).postings[0].amount]).toEqual([100, 200, 400]);
    expect(pay([1, 2, 4], 1, 0).postings).toEqual([]);
  });

  it("stays within budgets so large that quotients are off by a micro-dollar", () => {
    const parts = fc.record({
      rows: fc.integer({ min: 2, max: 300 }),
      quantity: fc.double({ min: 0.01, max: 100, noNaN: true }),
      each: fc.integer({ min: 1, max: 10 ** 13 }),
    });
    const within = ({ rows, quantity, each }: { rows: number; quantity: number; each: number }) => {
      const budget = rows * each + rows - 1;
      const { postings, paidMicros } = pay(new Array(rows).fill(quantity), 1e12, budget);
      expect(paidMicros[0]).toBeLessThanOrEqual(budget);
      expect(postings[0].amount.reduce((sum, amount) => sum + amount, 0)).toBe(paidMicros[0]);
      expect(Math.min(...postings[0].amount)).toBeGreaterThanOrEqual(each - 1);
    };
    fc.assert(fc.property(parts, within), { numRuns: 500, seed: 1 });
  });
});

describe("splitByTarget", () => {
  it("is proportional to the work aimed at", () => {
    expect([...splitByTarget(context, 100)]).toEqual([25, 75]);
  });
});
