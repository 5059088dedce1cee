import { describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "./ledger.ts";

const cash = 0;
const coin = 1;
const assets = [
  { name: "cash", unit: "$", decimals: 6 },
  { name: "coin", unit: "coin", decimals: 0 },
];
const issuer = 0;

function openLedger(journalCapacity?: number): Ledger {
  return createLedger({ accounts: 5, assets, mayOverdraw: [issuer], journalCapacity });
}

/** Epoch 0 issues 100 to accounts 1 to 4; every later epoch e pays e from account 1 to 2 and 1 from 3 to 4, by batch. */
function runEpochs(ledger: Ledger, epochs: number): void {
  const amount = new Float64Array(4).fill(1000);
  ledger.postBatch({ reason: "issue", asset: cash, from: issuer, to: { first: 1, count: 4 }, amount });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    ledger.beginEpoch(epoch);
    const column = { from: Int32Array.of(1, 3), to: Int32Array.of(2, 4), amount: Float64Array.of(epoch, 1) };
    ledger.postBatch({ reason: `wage ${epoch}`, asset: cash, ...column });
  }
}

describe("explain", () => {
  it("lists what moved an account, with reasons and running balances", () => {
    const ledger = openLedger();
    runEpochs(ledger, 1);
    ledger.post({ reason: "rent", asset: cash, from: 2, to: 1, amount: 5 });
    ledger.post({ reason: "self", asset: cash, from: 2, to: 2, amount: 5 });
    ledger.post({ reason: "nothing", asset: cash, from: 2, to: 1, amount: 0 });
    ledger.beginEpoch(2);
    ledger.post({ reason: "mint", asset: coin, from: issuer, to: 2, amount: (1n << 70n) + 3n });
    ledger.postBatch({
      reason: "mixed",
      asset: Int32Array.of(cash, coin),
      from: { first: 2, count: 2 },
      to: 4,
      amount: Float64Array.of(7, 0),
    });
    expect(ledger.explain(2)).toEqual([
      { epoch: 0, reason: "issue", asset: cash, counterparty: issuer, amount: 1000n, balance: 1000n },
      { epoch: 1, reason: "wage 1", asset: cash, counterparty: 1, amount: 1n, balance: 1001n },
      { epoch: 1, reason: "rent", asset: cash, counterparty: 1, amount: -5n, balance: 996n },
      {
        epoch: 2,
        reason: "mint",
        asset: coin,
        counterparty: issuer,
        amount: (1n << 70n) + 3n,
        balance: (1n << 70n) + 3n,
      },
      { epoch: 2, reason: "mixed", asset: cash, counterparty: 4, amount: -7n, balance: 989n },
    ]);
    expect(ledger.explain(2, coin).map(({ reason }) => reason)).toEqual(["mint"]);
    expect(ledger.explain(2, cash, { epoch: 1 }).map(({ balance }) => balance)).toEqual([1001n, 996n]);
    expect(ledger.explain(2, undefined, { limit: 2 }).map(({ reason }) => reason)).toEqual(["mint", "mixed"]);
  });

  it("keeps nothing of a batch that failed", () => {
    const ledger = openLedger();
    const amount = Float64Array.of(1, 1);
    expect(() => ledger.postBatch({ reason: "x", asset: cash, from: 1, to: { first: 2, count: 2 }, amount })).toThrow();
    expect(() => ledger.post({ reason: "x", asset: cash, from: 1, to: 2, amount: 1 })).toThrow("overdraft");
    expect(() => ledger.post({ reason: "x", asset: cash, from: 1, to: 2, amount: 1n })).toThrow("overdraft");
    expect(ledger.explain(1)).toEqual([]);
  });

  it("does not share the caller's columns", () => {
    const ledger = openLedger();
    const amount = Float64Array.of(3);
    const to = Int32Array.of(1);
    ledger.postBatch({ reason: "x", asset: cash, from: issuer, to, amount });
    amount[0] = 9;
    to[0] = 2;
    expect(ledger.explain(1).map((line) => line.amount)).toEqual([3n]);
  });
});

describe("balanceAt", () => {
  it("is the balance at the end of an epoch", () => {
    const ledger = openLedger();
    runEpochs(ledger, 20);
    for (let epoch = 0; epoch <= 20; epoch++) {
      const paid = BigInt((epoch * (epoch + 1)) / 2);
      expect(ledger.balanceAt(1, cash, epoch)).toBe(1000n - paid);
      expect(ledger.balanceAt(2, cash, epoch)).toBe(1000n + paid);
    }
    expect(() => ledger.balanceAt(1, cash, 21)).toThrow("unknown epoch: 21 (the ledger is in epoch 20)");
    expect(() => ledger.beginEpoch(19)).toThrow("epoch runs backwards: 19 after 20");
  });

  it("says where the journal begins once it no longer reaches back", () => {
    const ledger = openLedger(10);
    runEpochs(ledger, 20);
    // Ten rows are five epochs of two postings: 16 to 20 are held whole, so the end of 15 is known as well.
    expect(ledger.balanceAt(1, cash, 15)).toBe(1000n - 120n);
    expect(() => ledger.balanceAt(1, cash, 14)).toThrow("journal begins at epoch 16: replay the run to epoch 14");
    expect(ledger.explain(1, cash, { epoch: 16 }).map(({ reason }) => reason)).toEqual(["wage 16"]);
    expect(() => ledger.explain(1, cash, { epoch: 15 })).toThrow(
      "journal begins at epoch 16: replay the run to epoch 15",
    );
    expect(ledger.explain(1)).toHaveLength(5);
    expect([ledger.journalBegins, openLedger().journalBegins]).toEqual([16, 0]);
  });

  it.each([0, 1])("answers for the present with a journal of %i rows", (capacity) => {
    const ledger = openLedger(capacity);
    runEpochs(ledger, 3);
    expect(ledger.balanceAt(1, cash, 3)).toBe(994n);
    expect(() => ledger.balanceAt(1, cash, 2)).toThrow("journal begins at epoch 4: replay the run to epoch 2");
    expect(ledger.explain(1)).toEqual([]);
  });
});
