import { describe, expect, it } from "vitest";
import { amountText, circumstancesText, dollarText } from "./amount-text.ts";

const cash = { name: "cash", unit: "$", decimals: 6 };

describe("amounts in counter-examples", () => {
  it.each([
    [0n, cash, "$0"],
    [-447_000n, cash, "−$0.447"],
    [1_000_000_000_001n, cash, "$1000000.000001"],
    // More digits than a double holds.
    [123_456_789_012_345_678n, cash, "$123456789012.345678"],
    [350_000_000n, { name: "coin", unit: "coin", decimals: 8 }, "3.5 coin"],
    [-12, { name: "ownership/toy", unit: "unit", decimals: 0 }, "−12 units of ownership/toy"],
  ])("%s is %s as %s", (units, asset, text) => expect(amountText(units, asset)).toBe(text));

  it("are signed before the dollar, and told to so many digits", () => {
    expect([-0.4471234567, 16.62630001, 1e10, -0].map((value) => dollarText(value))).toEqual([
      ...["−$0.447123", "$16.6263", "$10000000000", "$0"],
    ]);
  });

  it("leave out what is nothing or without end", () => {
    const circumstances = {
      ...{ costDollars: 7.0142, cashPayDollars: 6.566, otherPayDollars: 0, stakeDollars: 0 },
      ...{ wealthDollars: Number.POSITIVE_INFINITY, auditRate: 0.27283, detection: 0.7277, falsePositive: 0 },
      ...{ costSaved: 0.4988, revenueShare: 0, damageDollars: 0, owedDollars: 13.13, fundsDollars: 13.13 },
    };
    expect(circumstancesText(circumstances)).toBe(
      "cost $7.014, cash pay $6.566, audited 27.28 %, cheating found 72.77 %, cost saved by cheating 49.88 %, " +
        "owed to all $13.13, funds $13.13",
    );
  });
});
