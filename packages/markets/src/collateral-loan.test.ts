import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { averageRate, rateRuleSpec } from "./borrow-rate.ts";
import {
  collateralLoan,
  collateralLoanSpec,
  type LoanBook,
  type LoanPosition,
  liquidationIncentive,
  utilization,
} from "./collateral-loan.ts";

const year = 365.25 * 86_400;
const market = (fields: object = {}) =>
  collateralLoan(collateralLoanSpec.parse({ kind: "collateral-loan", ...fields }));
const rule = (fields: object) => rateRuleSpec.parse(fields);
const nobody: LoanPosition = { debtShares: 0, collateral: 0 };
const amount = fc.integer({ min: 1, max: 1e12 });

describe("the incentive", () => {
  test.each([
    // Morpho's documented factors: 86 % -> 1.0438, 77 % -> 1.0741, 94.5 % -> 1.0168, and 15 % at most.
    [0.86, 1.0438],
    [0.77, 1.0741],
    [0.945, 1.0168],
    [0.915, 1.0262],
    [0.385, 1.15],
  ])("at a threshold of %d is what Morpho publishes", (threshold, published) => {
    expect(liquidationIncentive(threshold)).toBeCloseTo(published, 4);
  });

  test("always leaves a liquidation possible that heals: threshold times incentive is below 1", () => {
    for (let percent = 1; percent <= 99; percent++)
      expect((percent / 100) * liquidationIncentive(percent / 100)).toBeLessThan(1);
  });
});

describe("the rate", () => {
  test("of the adaptive curve is r / 4 where nothing is lent, r at the target and 4 r where all is", () => {
    const adaptive = rule({ kind: "adaptive-curve" });
    const r = 0.04 / year;
    for (const [used, factor] of [
      [0, 0.25],
      [0.45, 0.625],
      [0.9, 1],
      [0.95, 2.5],
      [1, 4],
    ])
      expect(averageRate(adaptive, { used, rateAtTarget: r }, 0).now / r).toBeCloseTo(factor, 12);
  });

  test("at the target moves by e^(50 / 73) in five days of full use, as the documentation has it: it doubles", () => {
    const { rateAtTarget } = averageRate(
      rule({ kind: "adaptive-curve" }),
      { used: 1, rateAtTarget: 0.04 / year },
      year / 73,
    );
    expect(rateAtTarget * year).toBeCloseTo(0.04 * Math.exp(50 / 73), 12);
    expect(rateAtTarget * year).toBeCloseTo(0.08, 2);
  });

  test("on average is the integral of the curve over time, by quadrature, bounds included", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.001, max: 2, noNaN: true }),
        fc.double({ min: 1, max: 400, noNaN: true }),
        fc.double({ min: 1, max: 20, noNaN: true }),
        (used, start, days, steepness) => {
          const adaptive = rule({ kind: "adaptive-curve", steepness });
          const seconds = days * 86_400;
          const { average, rateAtTarget } = averageRate(adaptive, { used, rateAtTarget: start / year }, seconds);
          const error = used > 0.9 ? (used - 0.9) / 0.1 : (used - 0.9) / 0.9;
          const curve = error < 0 ? (1 - 1 / steepness) * error + 1 : (steepness - 1) * error + 1;
          const at = (time: number) =>
            Math.min(2, Math.max(0.001, start * Math.exp((50 * error * time) / year))) / year;
          const steps = 20_000;
          let sum = 0;
          for (let step = 0; step < steps; step++) sum += at(((step + 0.5) / steps) * seconds);
          expect(average / ((curve * sum) / steps)).toBeCloseTo(1, 5);
          expect(rateAtTarget / at(seconds)).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("with a kink is continuous there, and ends at the sum of its parts", () => {
    const kinked = rule({ kind: "kinked", base: "1 %/y", slope: "5 %/y", steepSlope: "60 %/y", kink: 0.8 });
    const at = (used: number) => averageRate(kinked, { used, rateAtTarget: 0 }, 100).now * year;
    expect([at(0), at(0.4), at(0.8), at(0.9), at(1)].map((rate) => Number(rate.toFixed(9)))).toEqual([
      0.01, 0.035, 0.06, 0.36, 0.66,
    ]);
    expect(at(0.8 + 1e-9)).toBeCloseTo(at(0.8), 6);
  });
});

/** A book in which one borrower owes `cash`, against collateral that covers it. */
function lent(fields: object, supplied: number, cash: number) {
  const loans = market(fields);
  const position = { ...nobody, collateral: 10 * supplied };
  return { loans, ...loans.borrow(loans.open(supplied), position, { cash, price: 1 }) };
}

describe("interest", () => {
  test("compounds continuously: e^(r t) at a fixed rate", () => {
    const { loans, book, position } = lent({ rate: { kind: "fixed", rate: "20 %/y" } }, 1e15, 5e14);
    const later = loans.accrue(book, 0.75 * year);
    expect(loans.debtOf(later, position) / 5e14).toBeCloseTo(Math.exp(0.15), 12);
    expect(later.supplied - book.supplied).toBe(later.borrowed - book.borrowed);
  });

  test("is the same over an interval as over its parts, but for rounding each down", () => {
    fc.assert(
      fc.property(
        amount,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 100 * 86_400 }), { minLength: 1, maxLength: 6 }),
        (supplied, part, intervals) => {
          const { loans, book } = lent(
            { rate: { kind: "fixed", rate: "30 %/y" } },
            supplied,
            Math.floor(part * supplied),
          );
          const seconds = intervals.reduce((sum, interval) => sum + interval, 0);
          const whole = loans.accrue(book, seconds);
          const parts = intervals.reduce((now, interval) => loans.accrue(now, interval), book);
          expect(parts.borrowed).toBeLessThanOrEqual(whole.borrowed + 1);
          // Each interest that is rounded down misses less than one, and what that would have earned.
          const largest = intervals.length * Math.exp(0.3 * (seconds / year)) + 1;
          expect(whole.borrowed - parts.borrowed).toBeLessThanOrEqual(largest);
        },
      ),
      { numRuns: 300, seed: 2 },
    );
  });
});

describe("positions", () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 3 }),
    what: fc.constantFrom("borrow", "repay", "accrue", "liquidate"),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    price: fc.double({ min: 0, max: 3, noNaN: true }),
  });

  test("owe together what is lent; lenders are owed what they gave, plus interest, less bad debt", () => {
    fc.assert(
      fc.property(amount, fc.array(step, { maxLength: 40 }), (supplied, steps) => {
        const loans = market();
        let book: LoanBook = loans.open(supplied);
        const positions = Array.from({ length: 4 }, (): LoanPosition => ({ ...nobody, collateral: supplied }));
        let [interest, cash, seized] = [0, supplied, 0];
        for (const { who, what, part, price } of steps) {
          const position = positions[who];
          if (what === "accrue") {
            const next = loans.accrue(book, part * 30 * 86_400);
            interest += next.borrowed - book.borrowed;
            book = next;
          } else if (what === "borrow") {
            const sum = Math.floor(part * loans.room(book, position, price));
            const moved = loans.borrow(book, position, { cash: sum, price });
            cash -= sum;
            [book, positions[who]] = [moved.book, moved.position];
            // Whoever borrows nothing may owe more than the price of the day allows.
            if (sum > 0)
              expect(loans.debtOf(book, moved.position)).toBeLessThanOrEqual(0.6 * position.collateral * price + 2);
          } else if (what === "repay") {
            const sum = Math.floor(part * 1.2 * loans.debtOf(book, position));
            const moved = loans.repay(book, position, sum);
            cash += moved.repaid;
            expect(moved.repaid).toBeLessThanOrEqual(sum);
            [book, positions[who]] = [moved.book, moved.position];
          } else if (loans.isUnhealthy(book, position, price)) {
            const done = loans.liquidate(book, position, { price, mostRepaid: Math.floor(part * 2 * supplied) });
            cash += done.repaid;
            seized += done.seized;
            expect(done.seized * price).toBeLessThanOrEqual(
              done.repaid * loans.incentive + loans.incentive * price + price + 2,
            );
            [book, positions[who]] = [done.book, done.position];
          }
          expect(book.supplied - book.borrowed).toBe(cash);
          expect(book.debtShares).toBe(positions.reduce((sum, { debtShares }) => sum + debtShares, 0));
          const owed = positions.reduce((sum, one) => sum + loans.debtOf(book, one), 0);
          // Each debt is rounded up.
          expect(owed).toBeGreaterThanOrEqual(book.borrowed);
          expect(owed - book.borrowed).toBeLessThanOrEqual(4);
          expect(utilization(book)).toBeLessThanOrEqual(1);
        }
        expect(4 * supplied - seized).toBe(positions.reduce((sum, { collateral }) => sum + collateral, 0));
        const missing = supplied + interest - book.supplied;
        // What lenders lost is bad debt, and dust of rounding where the last borrower left.
        expect(missing).toBeGreaterThanOrEqual(book.badDebt);
        expect(missing - book.badDebt).toBeLessThanOrEqual(steps.length);
      }),
      { numRuns: 400, seed: 3 },
    );
  });

  test("are not up for liquidation by a loan of all there is room for, where both limits are one", () => {
    const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    const drawn = fc.record({ limit: share, other: share, growth: fc.double({ min: 0.01, max: 10, noNaN: true }) });
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 5000 }), ({ limit, other, growth }, collateral) => {
        const rate = { kind: "fixed" as const, rate: `${100 * growth} %/y` };
        const loans = market({ loanToValue: limit, liquidationThreshold: limit, incentive: 1, rate });
        const price = 7 * other;
        // Somebody's loan of a year makes shares worth more than 1, so that a further loan is rounded.
        const { book } = loans.borrow(loans.open(1e6), { ...nobody, collateral: 1e4 }, { cash: 100, price: 1 });
        const later = loans.accrue(book, 365.25 * 86_400);
        const position = { ...nobody, collateral };
        const cash = loans.room(later, position, price);
        fc.pre(cash > 0);
        const moved = loans.borrow(later, position, { cash, price });
        expect(loans.isUnhealthy(moved.book, moved.position, price)).toBe(false);
      }),
      { numRuns: 1000, seed: 5 },
    );
  });

  test("get healthier by a liquidation that leaves collateral", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 0.95, noNaN: true }),
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (threshold, fall, part) => {
          const loans = market({ loanToValue: threshold, liquidationThreshold: threshold });
          const before = loans.borrow(
            loans.open(1e12),
            { ...nobody, collateral: 1e9 },
            { cash: Math.floor(threshold * 1e9), price: 1 },
          );
          fc.pre(loans.isUnhealthy(before.book, before.position, fall));
          const debt = loans.debtOf(before.book, before.position);
          const done = loans.liquidate(before.book, before.position, {
            price: fall,
            mostRepaid: Math.ceil(part * debt),
          });
          const ratio = (owed: number, collateral: number) => owed / (collateral * fall);
          // Below full cover a liquidation takes more, in proportion, than it heals: only up to 1 / incentive does it help.
          fc.pre(ratio(debt, 1e9) < 1 / loans.incentive && done.position.collateral > 1000);
          expect(ratio(loans.debtOf(done.book, done.position), done.position.collateral)).toBeLessThanOrEqual(
            ratio(debt, 1e9) * (1 + 1e-6),
          );
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });

  test("whose collateral is worth too little leave bad debt: what it did not fetch", () => {
    const loans = market({ loanToValue: 0.7, liquidationThreshold: 0.77, incentive: 1.1 });
    const { book, position } = loans.borrow(
      loans.open(1e6),
      { ...nobody, collateral: 1000 },
      { cash: 7000, price: 10 },
    );
    const done = loans.liquidate(book, position, { price: 5.5, mostRepaid: 1e6 });
    // 1000 units at 5.5 over 1.1 repay 5000.
    expect([done.repaid, done.seized, done.badDebt]).toEqual([5000, 1000, 2000]);
    expect([done.book.supplied, done.book.borrowed, done.book.badDebt]).toEqual([998_000, 0, 2000]);
    const worthless = loans.liquidate(book, position, { price: 0, mostRepaid: 1e6 });
    expect([worthless.repaid, worthless.seized, worthless.badDebt]).toEqual([0, 1000, 7000]);
  });

  test("beyond what is allowed are refused", () => {
    const loans = market();
    const book = loans.open(1000);
    const position = { ...nobody, collateral: 100 };
    expect(() => loans.borrow(book, position, { cash: 61, price: 1 })).toThrow(
      "loan beyond its limit: 61 (expected at most 60)",
    );
    expect(() => loans.borrow(book, { ...position, collateral: 1e6 }, { cash: 1001, price: 1 })).toThrow(
      "expected at most 1000",
    );
    expect(() => loans.liquidate(book, position, { price: 1, mostRepaid: 1 })).toThrow("healthy position: 0 owed");
    expect(() => loans.repay(book, position, 0.5)).toThrow("invalid repayment: 0.5");
    const lent = loans.borrow(book, position, { cash: 60, price: 1 });
    expect(() => loans.accrue(lent.book, 1e15)).toThrow("invalid debt: ");
  });
});

test.each([
  [{ loanToValue: 0.8, liquidationThreshold: 0.7 }, "below loanToValue: 0.7 (expected at least 0.8)"],
  [{ loanToValue: 1.2 }, "expected a share between 0 and 0.99"],
  [{ incentive: 1.4, liquidationThreshold: 0.77 }, "too large: 1.4 (expected less than 1 / liquidationThreshold)"],
  [{ rate: { kind: "fixed", rate: "-3 %/y" } }, "too small"],
  [{ rate: { kind: "kinked", base: "-1 %/y" } }, "too small"],
  [{ rate: { kind: "adaptive-curve", target: 1.5 } }, "expected a share between 0.01 and 0.99"],
  [{ supply: "-$5" }, "too small"],
])("a loan with %o is refused", (fields, message) => {
  expect(collateralLoanSpec.safeParse({ kind: "collateral-loan", ...fields }).error?.issues[0].message).toContain(
    message,
  );
});
