import type { PostingBatch } from "@shardlab/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "./ledger.ts";

interface Row {
  readonly asset: number;
  readonly from: number;
  readonly to: number;
  readonly amount: number;
}

const assetCount = 3;
const assets = Array.from({ length: assetCount }, (_, index) => ({ name: `asset-${index}`, unit: "", decimals: 0 }));
const issuer = 0;

/** The slow ledger: a Map of BigInt balances, and the rule about overdrafts in plain words. */
class NaiveLedger {
  readonly balances = new Map<string, bigint>();

  balance(account: number, asset: number): bigint {
    return this.balances.get(`${asset}/${account}`) ?? 0n;
  }

  /** Applies the rows and returns true, or changes nothing and returns false. */
  apply(rows: readonly Row[]): boolean {
    const paid = new Map<string, bigint>();
    for (const { asset, from, amount } of rows) {
      const key = `${asset}/${from}`;
      paid.set(key, (paid.get(key) ?? 0n) + BigInt(amount));
    }
    for (const [key, sum] of paid) {
      if (!key.endsWith(`/${issuer}`) && sum > (this.balances.get(key) ?? 0n)) return false;
    }
    for (const { asset, from, to, amount } of rows) {
      this.balances.set(`${asset}/${from}`, this.balance(from, asset) - BigInt(amount));
      this.balances.set(`${asset}/${to}`, this.balance(to, asset) + BigInt(amount));
    }
    return true;
  }
}

function rowsOf({ asset, from, to, amount }: PostingBatch): Row[] {
  const at = (side: PostingBatch["from"], row: number): number =>
    typeof side === "number" ? side : side instanceof Int32Array ? side[row] : side.first + row;
  return [...amount].map((value, row) => ({
    asset: at(asset, row),
    from: at(from, row),
    to: at(to, row),
    amount: value,
  }));
}

function accepts(ledger: Ledger, batch: PostingBatch): boolean {
  try {
    ledger.postBatch(batch);
    return true;
  } catch (error) {
    expect(String(error)).toContain("overdraft: ");
    return false;
  }
}

function expectSame(ledger: Ledger, naive: NaiveLedger): void {
  for (let asset = 0; asset < assetCount; asset++) {
    for (let account = 0; account < ledger.accountCount; account++) {
      const exact = ledger.exactBalance(account, asset);
      if (exact !== naive.balance(account, asset)) expect(exact).toBe(naive.balance(account, asset));
      if (exact < 0n && account !== issuer) expect(exact).toBeGreaterThanOrEqual(0n);
    }
  }
}

/** A small linear congruential generator (Numerical Recipes), which is random enough to mix kinds of batches. */
function createUniform(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A batch of a random kind and size; a third of the amounts are near 2^52 when `huge`. */
function randomBatch(below: (limit: number) => number, accounts: number, rows: number, huge: boolean): PostingBatch {
  const column = (limit: number): Int32Array => Int32Array.from({ length: rows }, () => below(limit));
  const side = (): PostingBatch["from"] => {
    const kind = below(4);
    if (kind === 0) return issuer;
    if (kind === 1) return below(accounts);
    if (kind === 2) return { first: below(accounts - rows + 1), count: rows };
    return column(accounts);
  };
  const amount = Float64Array.from({ length: rows }, () => {
    if (huge && below(3) === 0) return 2 ** 52 - below(3);
    return below(4) === 0 ? 0 : below(1000);
  });
  const asset = below(3) === 0 ? column(assetCount) : below(assetCount);
  return { reason: `kind ${below(7)}`, asset, from: side(), to: side(), amount };
}

describe("a ledger against a naive one", () => {
  it("agrees over a million random postings, conserves, and never overdraws", () => {
    const below = createUniform(2024);
    const accounts = 300;
    const ledger = createLedger({ accounts, assets, mayOverdraw: [issuer] });
    const naive = new NaiveLedger();
    let postings = 0;
    let refused = 0;
    let moved = 0;
    for (let batchNumber = 0; postings < 1_000_000; batchNumber++) {
      ledger.beginEpoch(batchNumber);
      const rows = 1 + below(below(4) === 0 ? 250 : 60);
      const batch = randomBatch(below, accounts, rows, batchNumber % 50 === 0);
      const accepted = naive.apply(rowsOf(batch));
      if (accepts(ledger, batch) !== accepted) expect.fail(`batch ${batchNumber}: naive ledger says ${accepted}`);
      postings += rows;
      refused += accepted ? 0 : 1;
      moved += accepted ? rows : 0;
      if (batchNumber % 500 === 0) {
        ledger.checkConservation();
        expectSame(ledger, naive);
      }
    }
    ledger.checkConservation();
    expectSame(ledger, naive);
    // Both outcomes must have been tried often, or the agreement says little.
    expect(refused).toBeGreaterThan(1000);
    expect(moved).toBeGreaterThan(300_000);
  });

  it("answers as-of questions and explains as a replay would", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 20, max: 400 }), (seed, journalCapacity) => {
        const below = createUniform(seed);
        const ledger = createLedger({ accounts: 12, assets, mayOverdraw: [issuer], journalCapacity });
        const naive = new NaiveLedger();
        const snapshots: NaiveLedger["balances"][] = [];
        for (let epoch = 0; epoch < 30; epoch++) {
          ledger.beginEpoch(epoch);
          for (let batch = 0; batch < 3; batch++) {
            const next = randomBatch(below, 12, 1 + below(10), false);
            if (accepts(ledger, next)) naive.apply(rowsOf(next));
            const single = { asset: below(assetCount), from: issuer, to: 1 + below(11), amount: below(50) };
            ledger.post({ reason: "single", ...single });
            naive.apply([single]);
          }
          const large = { asset: 1, from: issuer, to: 2, amount: 2 ** 60 };
          ledger.post({ reason: "large", ...large, amount: 1n << 60n });
          naive.apply([large]);
          snapshots.push(new Map(naive.balances));
        }
        for (let account = 0; account < 12; account++) checkHistory(ledger, account, snapshots);
      }),
      { seed: 6, numRuns: 25 },
    );
  });

  it("does not care about the order of rows", () => {
    const row = fc.record({
      asset: fc.integer({ min: 0, max: assetCount - 1 }),
      from: fc.integer({ min: 0, max: 5 }),
      to: fc.integer({ min: 0, max: 5 }),
      amount: fc.integer({ min: 0, max: 12 }),
    });
    const permuted = fc
      .array(row, { minLength: 1, maxLength: 12 })
      .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
    fc.assert(
      fc.property(permuted, ([rows, shuffled]) => {
        const [one, other] = [rows, shuffled].map((order) => {
          const ledger = createLedger({ accounts: 6, assets, mayOverdraw: [issuer] });
          const grant = new Float64Array(5).fill(20);
          for (let asset = 0; asset < assetCount; asset++) {
            ledger.postBatch({ reason: "open", asset, from: issuer, to: { first: 1, count: 5 }, amount: grant });
          }
          const accepted = accepts(ledger, {
            reason: "x",
            asset: Int32Array.from(order, ({ asset }) => asset),
            from: Int32Array.from(order, ({ from }) => from),
            to: Int32Array.from(order, ({ to }) => to),
            amount: Float64Array.from(order, ({ amount }) => amount),
          });
          return { accepted, limbs: assets.map((_, asset) => [...ledger.balanceLimbs(asset).low]) };
        });
        expect(one).toEqual(other);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});

/** Balances at the end of each epoch, and running balances, against the snapshots of the naive ledger. */
function checkHistory(ledger: Ledger, account: number, snapshots: readonly NaiveLedger["balances"][]): void {
  for (let asset = 0; asset < assetCount; asset++) {
    const held = (epoch: number): bigint => snapshots[epoch]?.get(`${asset}/${account}`) ?? 0n;
    for (const epoch of snapshots.keys()) {
      if (epoch < ledger.journalBegins - 1) {
        expect(() => ledger.balanceAt(account, asset, epoch)).toThrow(
          `journal begins at epoch ${ledger.journalBegins}`,
        );
        continue;
      }
      expect(ledger.balanceAt(account, asset, epoch)).toBe(held(epoch));
      if (epoch < ledger.journalBegins) continue;
      let running = held(epoch - 1);
      for (const { amount, balance } of ledger.explain(account, asset, { epoch })) {
        running += amount;
        expect(balance).toBe(running);
      }
      expect(running).toBe(held(epoch));
    }
  }
}
