import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLedger } from "./ledger.ts";
import { checkGrants, type VestingGrants, vestedUpTo, vestingRelease } from "./vesting.ts";

function grantsOf(rows: readonly (readonly [number, number, number, number])[]): VestingGrants {
  return {
    amount: Float64Array.from(rows, ([amount]) => amount),
    start: Int32Array.from(rows, ([, start]) => start),
    cliff: Int32Array.from(rows, ([, , cliff]) => cliff),
    duration: Int32Array.from(rows, ([, , , duration]) => duration),
  };
}

function vested(grants: VestingGrants, epoch: number): number[] {
  const out = new Float64Array(grants.amount.length);
  vestedUpTo(grants, epoch, out);
  return [...out];
}

const grantRow = fc
  .record({
    amount: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 2 ** 52 })),
    start: fc.integer({ min: 0, max: 50 }),
    duration: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
    cliffShare: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(
    ({ amount, start, duration, cliffShare }) => [amount, start, Math.floor(duration * cliffShare), duration] as const,
  );

describe("vesting", () => {
  it("releases a usual grant: four years, one year cliff, by quarters", () => {
    const grants = grantsOf([[1600, 10, 4, 16]]);
    expect([9, 10, 13, 14, 15, 25, 26, 99].map((epoch) => vested(grants, epoch)[0])).toEqual([
      0, 0, 0, 400, 500, 1500, 1600, 1600,
    ]);
    expect(vested(grantsOf([[7, 3, 0, 0]]), 2)).toEqual([0]);
    expect(vested(grantsOf([[7, 3, 0, 0]]), 3)).toEqual([7]);
  });

  it("equals the floor of the exact line after the cliff", () => {
    fc.assert(
      fc.property(grantRow, fc.double({ min: 0, max: 1, noNaN: true }), (row, share) => {
        const [amount, start, cliff, duration] = row;
        const elapsed = Math.floor(duration * share);
        const line = duration === 0 ? BigInt(amount) : (BigInt(amount) * BigInt(elapsed)) / BigInt(duration);
        const expected = elapsed < cliff ? 0 : Number(line);
        expect(vested(grantsOf([row]), start + elapsed)).toEqual([expected]);
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  it("empties the escrow exactly by monotone releases, however often it releases", () => {
    const shortRow = grantRow.map(([amount, start, cliff, duration]) => {
      const short = duration % 60;
      return [amount, start, cliff % (short + 1), short] as const;
    });
    fc.assert(
      fc.property(fc.array(shortRow, { minLength: 1 }), fc.integer({ min: 1, max: 7 }), (rows, step) => {
        const grants = grantsOf(rows);
        checkGrants(grants);
        const ledger = createLedger({
          accounts: rows.length + 2,
          assets: [{ name: "share", unit: "share", decimals: 0 }],
          mayOverdraw: [0],
        });
        const to = { first: 2, count: rows.length };
        ledger.postBatch({ reason: "grant", asset: 0, from: 0, to: 1, amount: grants.amount });
        let since: number | undefined;
        for (let epoch = 0; epoch <= 120; epoch += step) {
          const batch = vestingRelease(grants, { asset: 0, escrow: 1, beneficiaries: to }, { since, upTo: epoch });
          ledger.postBatch(batch);
          since = epoch;
        }
        const out = new Float64Array(rows.length);
        ledger.balancesInto(to, 0, out);
        expect(out).toEqual(grants.amount);
        expect(ledger.exactBalance(1, 0)).toBe(0n);
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it("refuses grants that do not fit", () => {
    expect(() => checkGrants(grantsOf([[5, 0, 3, 2]]))).toThrow("invalid vesting: cliff 3 of duration 2 in row 0");
    expect(() => checkGrants(grantsOf([[0.5, 0, 0, 2]]))).toThrow("invalid amount: 0.5 in row 0");
    expect(() => checkGrants({ ...grantsOf([[5, 0, 0, 2]]), cliff: new Int32Array(2) })).toThrow("cliff has 2 rows");
    const accounts = { asset: 0, escrow: 1, beneficiaries: 2 };
    expect(() => vestingRelease(grantsOf([]), accounts, { since: 3, upTo: 2 })).toThrow(
      "epoch runs backwards: 2 after 3",
    );
  });
});
