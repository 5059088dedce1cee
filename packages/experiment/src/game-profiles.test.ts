import fc from "fast-check";
import { expect, test } from "vitest";
import { apportioned, designGame, ofOneDeviator } from "./game-profiles.ts";

test("a pairwise game runs everybody alike once, and each pair with a few of one among the other", () => {
  const { populations, cells } = designGame({ strategies: 3, players: 2, providers: 200, deviators: 0.05 });
  expect(populations.map(({ counts }) => counts.join())).toEqual([
    ...["200,0,0", "10,190,0", "10,0,190"],
    ...["190,10,0", "0,200,0", "0,10,190"],
    ...["190,0,10", "0,190,10", "0,0,200"],
  ]);
  expect(cells.map(({ strategy, profile }) => [strategy, profile])).toEqual(
    [0, 1, 2].flatMap((strategy) => [0, 1, 2].map((profile) => [strategy, profile])),
  );
});

test("with more players the others are mixed as their profile is, whoever deviates", () => {
  const { populations, cells, profiles } = designGame({ strategies: 2, players: 4, providers: 100, deviators: 0.1 });
  expect(profiles).toEqual([
    [3, 0],
    [2, 1],
    [1, 2],
    [0, 3],
  ]); // prettier-ignore
  const countsOf = (strategy: number, profile: number) =>
    populations[cells.find((cell) => cell.strategy === strategy && cell.profile === profile)?.population ?? -1]?.counts;
  expect(countsOf(0, 1)).toEqual([70, 30]);
  expect(countsOf(1, 1)).toEqual([60, 40]);
  expect(countsOf(1, 3)).toEqual([0, 100]);
});

test("one provider at least deviates, and as many as others need stay", () => {
  const { populations } = designGame({ strategies: 2, players: 2, providers: 5, deviators: 0.01 });
  expect(populations.map(({ counts }) => counts)).toEqual([
    [5, 0],
    [1, 4],
    [4, 1],
    [0, 5],
  ]); // prettier-ignore
  expect(() => designGame({ strategies: 2, players: 2, providers: 2, deviators: 0.1 })).toThrow(
    "too few providers: 2 (expected at least 3 in the group)",
  );
});

test("more profiles than anybody means are refused", () => {
  expect(() => designGame({ strategies: 10, players: 6, providers: 500, deviators: 0.1 })).toThrow(
    "too many profiles: 20020 of 10 strategies and 6 players (expected at most 2000)",
  );
});

test("payoffs of a few are carried on to those of one, exactly where payoffs are linear in the shares", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 9, maxLength: 9 }),
      fc.double({ min: 0.01, max: 0.4, noNaN: true }),
      (truth, few) => {
        const measured = Float64Array.from(
          truth,
          (payoff, cell) => few * truth[4 * Math.floor(cell / 3)] + (1 - few) * payoff,
        );
        for (const [cell, payoff] of ofOneDeviator(measured, 3, few).entries())
          expect(payoff).toBeCloseTo(truth[cell], 9);
      },
    ),
  );
});

test("largest remainders keep the total, and give each its quota up to one", () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 })
        .filter((weights) => weights.some((one) => one > 0)),
      fc.integer({ min: 0, max: 10_000 }),
      (weights, total) => {
        const sum = weights.reduce((all, weight) => all + weight, 0);
        const counts = apportioned(weights, total);
        expect(counts.reduce((all, count) => all + count, 0)).toBe(total);
        for (const [index, count] of counts.entries()) {
          const quota = ((weights[index] ?? 0) * total) / sum;
          expect(Math.abs(count - quota)).toBeLessThan(1);
          if (weights[index] === 0) expect(count).toBe(0);
        }
      },
    ),
  );
});
