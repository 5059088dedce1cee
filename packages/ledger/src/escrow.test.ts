import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forfeitFromEscrow, lockInEscrow, openEscrow, releaseFromEscrow } from "./escrow.ts";
import { createLedger } from "./ledger.ts";

const parties = { first: 3, count: 3 };
const escrowAccount = 1;
const victim = 2;
const stake = 0;

function openLedger() {
  const ledger = createLedger({
    accounts: 6,
    assets: [{ name: "stake", unit: "stake", decimals: 0 }],
    mayOverdraw: [0],
  });
  const amount = Float64Array.of(100, 200, 300);
  ledger.postBatch({ reason: "open", asset: stake, from: 0, to: parties, amount });
  return ledger;
}

describe("escrow", () => {
  it("locks, releases and forfeits", () => {
    const ledger = openLedger();
    const locked = lockInEscrow(openEscrow(stake, escrowAccount, parties), "stake", Float64Array.of(10, 20, 30));
    ledger.postBatch(locked.posting);
    const slashed = forfeitFromEscrow(locked.escrow, "slash", Float64Array.of(0, 20, 5), victim);
    ledger.postBatch(slashed.posting);
    const left = releaseFromEscrow(slashed.escrow, "exit", Float64Array.of(10, 0, 5));
    ledger.postBatch(left.posting);
    expect([...left.escrow.deposits]).toEqual([0, 0, 20]);
    expect([1, 2, 3, 4, 5].map((account) => ledger.balance(account, stake))).toEqual([20, 25, 100, 180, 275]);
  });

  it("refuses to give more than was locked, and leaves the deposits as they were", () => {
    const { escrow } = lockInEscrow(openEscrow(stake, escrowAccount, parties), "stake", Float64Array.of(10, 20, 30));
    expect(() => releaseFromEscrow(escrow, "exit", Float64Array.of(1, 21, 0))).toThrow(
      "deposit too small: party 1 has 20, needs 21",
    );
    expect(() => forfeitFromEscrow(escrow, "slash", Float64Array.of(11, 0, 0), victim)).toThrow(
      "party 0 has 10, needs 11",
    );
    expect(() => lockInEscrow(escrow, "stake", Float64Array.of(-1, 0, 0))).toThrow("invalid amount: -1 in row 0");
    expect(() => lockInEscrow(escrow, "stake", Float64Array.of(1))).toThrow("amount has 1 rows, parties has 3");
    expect([...escrow.deposits]).toEqual([10, 20, 30]);
  });

  it("always holds the sum of the deposits", () => {
    const column = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 3, maxLength: 3 });
    const move = fc.tuple(fc.constantFrom("lock", "release", "forfeit"), column);
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const ledger = openLedger();
        let escrow = openEscrow(stake, escrowAccount, parties);
        for (const [kind, values] of moves) {
          const amount = Float64Array.from(values);
          try {
            const next =
              kind === "lock"
                ? lockInEscrow(escrow, kind, amount)
                : kind === "release"
                  ? releaseFromEscrow(escrow, kind, amount)
                  : forfeitFromEscrow(escrow, kind, amount, victim);
            ledger.postBatch(next.posting);
            escrow = next.escrow;
          } catch (error) {
            expect(String(error)).toMatch(/deposit too small|overdraft/);
          }
          const held = escrow.deposits.reduce((left, right) => left + right, 0);
          expect(ledger.balance(escrowAccount, stake)).toBe(held);
        }
        ledger.checkConservation();
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
