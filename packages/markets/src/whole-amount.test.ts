import fc from "fast-check";
import { expect, test } from "vitest";
import { ceilingOfQuotient, checkAmount, floorOfQuotient, integerSquareRoot } from "./whole-amount.ts";

test("the root of a whole number is the largest whose square is not above it", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 120n }), (value) => {
      const root = integerSquareRoot(value);
      expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
    }),
    { numRuns: 500, seed: 1 },
  );
  for (let value = 0n; value < 200n; value++)
    expect(integerSquareRoot(value)).toBe(BigInt(Math.floor(Math.sqrt(Number(value)))));
  expect(() => integerSquareRoot(-1n)).toThrow("invalid radicand: -1");
});

test("quotients round down and up", () => {
  expect([floorOfQuotient(7n, 3n, 4n), ceilingOfQuotient(7n, 3n, 4n), ceilingOfQuotient(8n, 3n, 4n)]).toEqual([
    5n,
    6n,
    6n,
  ]);
});

test.each([-1, 0.5, Number.NaN, 2 ** 52 + 1, Number.POSITIVE_INFINITY])("%d is no amount", (value) => {
  expect(() => checkAmount(value, "cash")).toThrow(`invalid cash: ${value} (expected a whole number from 0 to 2^52)`);
});
