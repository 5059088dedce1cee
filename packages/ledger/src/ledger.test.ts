import { describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "./ledger.ts";

const cash = 0;
const coin = 1;
const assets = [
  { name: "cash", unit: "$", decimals: 6 },
  { name: "coin", unit: "coin", decimals: 0 },
];
const issuer = 0;

/** Account 0 is the issuer; accounts 1 to 4 hold 10, 20, 30 and 40 of both assets. */
function openLedger(): Ledger {
  const ledger = createLedger({ accounts: 5, assets, mayOverdraw: [issuer] });
  const amount = Float64Array.of(10, 20, 30, 40);
  for (const asset of [cash, coin]) {
    ledger.postBatch({ reason: "issue", asset, from: issuer, to: { first: 1, count: 4 }, amount });
  }
  ledger.nameAccounts({ first: issuer, count: 1 }, "issuer");
  ledger.nameAccounts({ first: 1, count: 4 }, "provider");
  return ledger;
}

function balances(ledger: Ledger, asset: number): number[] {
  const out = new Float64Array(ledger.accountCount);
  ledger.balancesInto({ first: 0, count: ledger.accountCount }, asset, out);
  return [...out];
}

describe("a ledger", () => {
  it("moves amounts between a scalar, a range and a column of accounts", () => {
    const ledger = openLedger();
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40]);
    const amount = Float64Array.of(1, 2);
    ledger.postBatch({ reason: "a", asset: cash, from: { first: 3, count: 2 }, to: Int32Array.of(1, 1), amount });
    expect(balances(ledger, cash)).toEqual([-100, 13, 20, 29, 38]);
    ledger.postBatch({ reason: "b", asset: cash, from: Int32Array.of(4, 3), to: 2, amount });
    expect(balances(ledger, cash)).toEqual([-100, 13, 23, 27, 37]);
    ledger.postBatch({ reason: "c", asset: Int32Array.of(coin, cash), from: { first: 1, count: 2 }, to: 4, amount });
    expect(balances(ledger, cash)).toEqual([-100, 13, 21, 27, 39]);
    expect(balances(ledger, coin)).toEqual([-100, 9, 20, 30, 41]);
    ledger.checkConservation();
  });

  it("refuses an overdraft, names it, and leaves no trace of the batch", () => {
    const ledger = openLedger();
    const before = balances(ledger, cash);
    const batch = { reason: "rent", asset: cash, from: Int32Array.of(4, 1, 2, 1), to: 3 };
    expect(() => ledger.postBatch({ ...batch, amount: Float64Array.of(40, 6, 20, 5) })).toThrow(
      "overdraft: provider/0 has 10 of cash, needs 11 (rent)",
    );
    expect(balances(ledger, cash)).toEqual(before);
    expect(() => ledger.post({ reason: "rent", asset: coin, from: 2, to: 1, amount: 21 })).toThrow(
      "overdraft: provider/1 has 20 of coin, needs 21 (rent)",
    );
    expect(balances(ledger, coin)).toEqual(before);
  });

  it("does not let money be spent in the batch that brings it, in either order of rows", () => {
    const ledger = openLedger();
    for (const [from, to] of [
      [Int32Array.of(4, 1), Int32Array.of(1, 2)],
      [Int32Array.of(1, 4), Int32Array.of(2, 1)],
    ]) {
      const amount = from[0] === 4 ? Float64Array.of(40, 50) : Float64Array.of(50, 40);
      expect(() => ledger.postBatch({ reason: "pass on", asset: cash, from, to, amount })).toThrow("provider/0 has 10");
    }
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40]);
  });

  it("changes nothing by a transfer of an account to itself", () => {
    const ledger = openLedger();
    ledger.post({ reason: "self", asset: cash, from: 2, to: 2, amount: 20 });
    const same = Int32Array.of(1, 4, 3, 2);
    ledger.postBatch({ reason: "self", asset: cash, from: same, to: same, amount: Float64Array.of(10, 40, 30, 20) });
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40]);
  });

  it.each([0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 52 + 2])("refuses an amount of %s", (bad) => {
    const ledger = openLedger();
    const amount = Float64Array.of(1, 0, 1, bad);
    expect(() =>
      ledger.postBatch({ reason: "x", asset: cash, from: issuer, to: { first: 1, count: 4 }, amount }),
    ).toThrow(`invalid amount: ${bad} in row 3`);
    expect(() => ledger.post({ reason: "x", asset: cash, from: issuer, to: 1, amount: bad })).toThrow(
      `invalid amount: ${bad}`,
    );
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40]);
  });

  it("refuses accounts, assets and lengths that do not fit", () => {
    const ledger = openLedger();
    const amount = Float64Array.of(1, 1);
    const batch = { reason: "x", asset: cash, from: issuer, to: 1, amount };
    expect(() => ledger.postBatch({ ...batch, to: Int32Array.of(1, 5) })).toThrow("unknown account: 5 in row 1");
    expect(() => ledger.postBatch({ ...batch, from: Int32Array.of(-1, 1) })).toThrow("unknown account: -1 in row 0");
    expect(() => ledger.postBatch({ ...batch, from: 1.5 })).toThrow("unknown account: 1.5");
    expect(() => ledger.postBatch({ ...batch, to: { first: 4, count: 2 } })).toThrow("unknown accounts: 4 to 5");
    expect(() => ledger.postBatch({ ...batch, to: { first: 1, count: 3 } })).toThrow("to has 3 rows, amount has 2");
    expect(() => ledger.postBatch({ ...batch, asset: 2 })).toThrow("unknown asset: 2");
    expect(() => ledger.postBatch({ ...batch, asset: Int32Array.of(0, 7) })).toThrow("unknown asset: 7 in row 1");
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40]);
  });

  it("adds accounts and assets later", () => {
    const ledger = openLedger();
    expect(ledger.addAccounts(3)).toEqual({ first: 5, count: 3 });
    const stake = ledger.addAsset({ name: "stake", unit: "stake", decimals: 0 });
    ledger.allowOverdraft(7);
    ledger.post({ reason: "stake", asset: stake, from: 7, to: 5, amount: 3 });
    expect(balances(ledger, stake)).toEqual([0, 0, 0, 0, 0, 3, 0, -3]);
    expect(balances(ledger, cash)).toEqual([-100, 10, 20, 30, 40, 0, 0, 0]);
    expect([ledger.accountName(0), ledger.accountName(4), ledger.accountName(6)]).toEqual([
      "issuer",
      "provider/3",
      "account/6",
    ]);
  });
});

describe("balances of any size", () => {
  it("carries and borrows across limbs", () => {
    const ledger = createLedger({ accounts: 3, assets, mayOverdraw: [issuer] });
    const amount = new Float64Array(9).fill(2 ** 52);
    const to = new Int32Array(9).fill(1);
    ledger.postBatch({ reason: "issue", asset: cash, from: issuer, to, amount });
    expect(ledger.exactBalance(1, cash)).toBe(9n << 52n);
    ledger.post({ reason: "one", asset: cash, from: 1, to: 2, amount: 1 });
    expect(ledger.exactBalance(1, cash)).toBe((9n << 52n) - 1n);
    ledger.post({ reason: "rest", asset: cash, from: 1, to: 2, amount: (9n << 52n) - 1n });
    expect(ledger.exactBalance(2, cash)).toBe(9n << 52n);
    expect(ledger.balance(issuer, cash)).toBe(-9 * 2 ** 52);
    expect(ledger.total(cash)).toBe(0n);
  });

  it("refuses a balance that would not fit, and restores both sides", () => {
    const ledger = createLedger({ accounts: 4, assets, mayOverdraw: [issuer, 3] });
    const most = (1n << 83n) - 1n;
    ledger.post({ reason: "issue", asset: cash, from: issuer, to: 1, amount: most });
    expect(() => ledger.post({ reason: "y", asset: cash, from: issuer, to: 2, amount: 2 })).toThrow(
      "balance out of range: account/0 in cash (y)",
    );
    const batch = { reason: "x", asset: cash, to: Int32Array.of(2, 1), amount: Float64Array.of(1, 1) };
    expect(() => ledger.postBatch({ ...batch, from: 3 })).toThrow("balance out of range: account/1 in cash (x)");
    expect(ledger.exactBalance(1, cash)).toBe(most);
    expect(ledger.exactBalance(2, cash)).toBe(0n);
    expect(ledger.exactBalance(3, cash)).toBe(0n);
    expect(() => ledger.post({ reason: "x", asset: cash, from: issuer, to: 2, amount: 1n << 83n })).toThrow(
      "invalid amount",
    );
  });

  it("rounds a balance beyond 2^53 to the nearest double", () => {
    const ledger = createLedger({ accounts: 2, assets, mayOverdraw: [issuer] });
    const amount = (1n << 60n) + 129n;
    ledger.post({ reason: "issue", asset: cash, from: issuer, to: 1, amount });
    expect(ledger.balance(1, cash)).toBe(Number(amount));
    expect(ledger.balance(issuer, cash)).toBe(-Number(amount));
  });
});
