/** The algebra of the conditions, against every way in which an epoch can go, on a grid of small whole numbers. */
import { describe, expect, it } from "vitest";
import { type Circumstances, conditionsForfeiting, standardConditions } from "./property.ts";

/** Chances and shares in quarters and money in whole dollars, so that every sum is exact. */
const quarters = [0, 1, 2, 4];
const dollars = [0, 1, 3, 8];

interface Ways {
  readonly honest: number;
  readonly cheated: number;
}

/** Expected payoffs times 64, by adding up the ways: audited or not, found bad or not. All arguments are quarters or dollars. */
function enumerated(
  pay: number,
  cost: number,
  stakeLost: number,
  rates: { p: number; d: number; f: number; phi: number },
): Ways {
  const { p, d, f, phi } = rates;
  const expected = (chanceFound: number): number => {
    let sum = 0;
    for (const [chance, found] of [
      [4 - p, 0],
      [p, chanceFound],
    ]) {
      sum += chance * found * (0 - stakeLost) + chance * (4 - found) * pay;
    }
    return 4 * sum;
  };
  return { honest: expected(f) - 64 * cost, cheated: expected(d) - 16 * (4 - phi) * cost };
}

function* grid(): Generator<{
  pay: number;
  cost: number;
  stake: number;
  p: number;
  d: number;
  f: number;
  phi: number;
}> {
  for (const pay of dollars)
    for (const cost of dollars)
      for (const stake of dollars)
        for (const p of quarters)
          for (const d of quarters)
            for (const f of quarters) for (const phi of quarters) yield { pay, cost, stake, p, d, f, phi };
}

const circumstancesOf = ({
  pay,
  cost,
  stake,
  p,
  d,
  f,
  phi,
}: ReturnType<typeof grid> extends Generator<infer T> ? T : never) =>
  ({
    costDollars: cost,
    cashPayDollars: pay,
    otherPayDollars: 0,
    owedDollars: pay,
    fundsDollars: pay,
    stakeDollars: stake,
    wealthDollars: 8,
    auditRate: p / 4,
    detection: d / 4,
    falsePositive: f / 4,
    costSaved: phi / 4,
    revenueShare: 0,
    damageDollars: 0,
  }) satisfies Circumstances;

describe.each([
  ["the whole stake", 1],
  ["half of the stake", 0.5],
])("conditions of a rule that forfeits %s", (_, forfeit) => {
  const [rationality, compatibility] = conditionsForfeiting(forfeit);

  it("hold exactly where the enumerated payoffs say so", () => {
    let cells = 0;
    for (const point of grid()) {
      const { honest, cheated } = enumerated(point.pay, point.cost, forfeit * point.stake, point);
      const circumstances = circumstancesOf(point);
      expect(rationality.holds(circumstances)).toBe(honest >= 0);
      expect(compatibility.holds(circumstances)).toBe(honest >= cheated);
      cells++;
    }
    expect(cells).toBe(4 ** 7);
  });
});

describe("standard conditions", () => {
  const [rationality, compatibility] = standardConditions;
  const even = circumstancesOf({ pay: 8, cost: 3, stake: 0, p: 2, d: 4, f: 0, phi: 4 });

  it("leave out whoever lacks the stake that is asked for", () => {
    expect(rationality.holds({ ...even, stakeDollars: 8, wealthDollars: 8 })).toBe(true);
    expect(rationality.holds({ ...even, stakeDollars: 8, wealthDollars: 7.99 })).toBe(false);
  });

  it("count what an owner does to itself: s >= phi C / dV without any audit", () => {
    const unaudited = { ...even, auditRate: 0, damageDollars: 100 };
    expect(compatibility.holds({ ...unaudited, revenueShare: 0.03 })).toBe(true);
    expect(compatibility.holds({ ...unaudited, revenueShare: 0.0299 })).toBe(false);
  });

  it("count only the pay that there are funds for", () => {
    expect(rationality.holds({ ...even, owedDollars: 80, fundsDollars: 30 })).toBe(true);
    expect(rationality.holds({ ...even, owedDollars: 80, fundsDollars: 29.9 })).toBe(false);
  });
});
