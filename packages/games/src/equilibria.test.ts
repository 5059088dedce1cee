/** Equilibria against closed forms, and two ways of finding them against one another. */
import { createStreams } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import {
  bimatrixGame,
  pairwise,
  regretOf,
  rolesOf,
  rolesRegret,
  type SymmetricGame,
  sizeOf,
  symmetricGame,
} from "./game.ts";
import { lemkeHowson, symmetricLemkeHowson } from "./lemke-howson.ts";
import { populationEquilibria } from "./population-equilibria.ts";
import { rolesEquilibria, symmetricEquilibria } from "./support-enumeration.ts";

const streams = createStreams(7);

const randomMatrix = (name: string, entity: number, [rows, columns]: readonly [number, number]): number[][] => {
  const stream = streams.stream(name, entity);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => stream.normal(0, 3)));
};

const randomSymmetric = (name: string, entity: number, size: number): SymmetricGame =>
  symmetricGame(randomMatrix(name, entity, [size, size]));

const expectShares = (shares: Float64Array, expected: readonly number[]): void => {
  expect(shares).toHaveLength(expected.length);
  for (const [i, share] of expected.entries()) expect(shares[i]).toBeCloseTo(share, 9);
};

describe("known games", () => {
  test("hawk-dove: V / C hawks, whatever V below C", () => {
    const stream = streams.stream("hawk-dove");
    for (let i = 0; i < 50; i++) {
      const cost = stream.uniform(1, 20);
      const value = stream.uniform(0.05, 0.95) * cost;
      const found = symmetricEquilibria(
        symmetricGame([
          [(value - cost) / 2, value],
          [0, value / 2],
        ]),
      ); // prettier-ignore
      expect(found).toHaveLength(1);
      expectShares(found[0].shares, [value / cost, 1 - value / cost]);
      expect(found[0].payoff).toBeCloseTo((1 - value / cost) * (value / 2), 9);
    }
  });

  test("prisoners' dilemma: everybody defects", () => {
    const found = symmetricEquilibria(
      symmetricGame([
        [3, 0],
        [5, 1],
      ]),
    ); // prettier-ignore
    expect(found.map(({ shares }) => [...shares])).toEqual([[0, 1]]);
  });

  test("coordination on a or b, and the mix b / (a + b) in between", () => {
    const found = symmetricEquilibria(
      symmetricGame([
        [4, 0],
        [0, 1],
      ]),
    ); // prettier-ignore
    expect(found).toHaveLength(3);
    expectShares(found[2].shares, [0.2, 0.8]);
    expect(new Set(found.map(({ component }) => component)).size).toBe(3);
  });

  test("rock-paper-scissors with any pay for a win: a third each", () => {
    for (const win of [0.3, 1, 2.7]) {
      const [found, ...others] = symmetricEquilibria(
        symmetricGame([
          [0, -1, win],
          [win, 0, -1],
          [-1, win, 0],
        ]),
      ); // prettier-ignore
      expect(others).toEqual([]);
      expectShares(found.shares, [1 / 3, 1 / 3, 1 / 3]);
    }
  });

  test("matching pennies: half and half", () => {
    const game = bimatrixGame({
      row: [
        [1, -1],
        [-1, 1],
      ],
      column: [
        [-1, 1],
        [1, -1],
      ],
    }); // prettier-ignore
    const [found, ...others] = rolesEquilibria(game);
    expect(others).toEqual([]);
    expectShares(found.row, [0.5, 0.5]);
    expectShares(found.column, [0.5, 0.5]);
    expect(found.payoffs).toEqual({ row: 0, column: 0 });
  });

  test("inspection: cheating with c / (h + F), auditing with g / (g + F)", () => {
    const stream = streams.stream("inspection");
    for (let i = 0; i < 50; i++) {
      const [audit, gain, fine, harm] = [stream.uniform(0.1, 1), stream.uniform(0.1, 5), stream.uniform(0.5, 5), 1.5];
      // Audit or trust against cheat or work: an audit costs, and collects the fine of who is found; cheating harms who trusts.
      const row = [
        [fine - audit, -audit],
        [-harm, 0],
      ]; // prettier-ignore
      const column = [
        [-fine, 0],
        [gain, 0],
      ]; // prettier-ignore
      const found = rolesEquilibria(bimatrixGame({ row, column }));
      const cheating = audit / (fine + harm);
      const auditing = gain / (gain + fine);
      expect(found).toHaveLength(1);
      expectShares(found[0].row, [auditing, 1 - auditing]);
      expectShares(found[0].column, [cheating, 1 - cheating]);
    }
  });

  test("battle of the sexes: two pure and one mixed", () => {
    const found = rolesEquilibria(
      bimatrixGame({
        row: [
          [3, 0],
          [0, 2],
        ],
        column: [
          [2, 0],
          [0, 3],
        ],
      }),
    ); // prettier-ignore
    expect(found).toHaveLength(3);
    expectShares(found[2].row, [0.6, 0.4]);
    expectShares(found[2].column, [0.4, 0.6]);
  });
});

describe("degenerate games", () => {
  test("two copies of a strategy: one segment of equilibria, its ends told as one component", () => {
    // Hawk, hawk again, dove: V / C hawks of either sort.
    const found = symmetricEquilibria(
      symmetricGame([
        [-1, -1, 2],
        [-1, -1, 2],
        [0, 0, 1],
      ]),
    ); // prettier-ignore
    expect(found.map(({ shares }) => [...shares].map((share) => Math.round(1e6 * share) / 1e6))).toEqual([
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ]);
    expect(found.every(({ isDegenerate, component }) => isDegenerate && component === 0)).toBe(true);
  });

  test("payoffs that are all the same: every mix, with the pure ones as ends", () => {
    const found = symmetricEquilibria(
      symmetricGame([
        [2, 2, 2],
        [2, 2, 2],
        [2, 2, 2],
      ]),
    ); // prettier-ignore
    expect(found.map(({ shares }) => [...shares])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]); // prettier-ignore
    expect(found.every(({ component }) => component === 0)).toBe(true);
  });

  test("a strategy that is dominated weakly: isolated and degenerate", () => {
    const found = symmetricEquilibria(
      symmetricGame([
        [1, 1],
        [1, 0],
      ]),
    ); // prettier-ignore
    expect(found).toHaveLength(1);
    expect(found[0].isDegenerate).toBe(true);
    expectShares(found[0].shares, [1, 0]);
  });

  test("a support with a continuum whose ends meet another strategy", () => {
    // Strategies 0 and 1 earn 0 against themselves; 2 would earn more than 0 against more than 3/4 of strategy 0 or of 1.
    const game = symmetricGame(
      [
        [0, 0, 0],
        [0, 0, 0],
        [1, 1, -5],
      ].map((row, i) => (i === 2 ? [1, -3, -5] : row)),
    ); // prettier-ignore
    const found = symmetricEquilibria(game);
    const ends = found.filter(({ shares }) => shares[2] === 0).map(({ shares }) => [...shares]);
    // Against (x, 1 - x, 0) strategy 2 earns x - 3 (1 - x), which is at most 0 up to x = 3/4.
    expect(ends[0]).toEqual([0, 1, 0]);
    expectShares(Float64Array.from(ends[1]), [0.75, 0.25, 0]);
    for (const { shares } of found) expect(regretOf(pairwise(game), shares)).toBeLessThan(1e-9);
  });

  test("two roles with a tie: the ends of the segment hang together", () => {
    const found = rolesEquilibria(
      bimatrixGame({
        row: [
          [1, 1],
          [0, 0],
        ],
        column: [
          [1, 1],
          [0, 1],
        ],
      }),
    ); // prettier-ignore
    expect(found.map(({ column }) => [...column])).toEqual([
      [1, 0],
      [0, 1],
    ]); // prettier-ignore
    expect(found.every(({ isDegenerate, component }) => isDegenerate && component === 0)).toBe(true);
  });
});

describe("random games", () => {
  test("symmetric equilibria: an odd number, without regret, and none outside the best responses", () => {
    for (let size = 2; size <= 7; size++) {
      for (let i = 0; i < 25; i++) {
        const game = randomSymmetric(`symmetric ${size}`, i, size);
        const found = symmetricEquilibria(game);
        expect(found.length % 2).toBe(1);
        for (const { shares, support, bestResponses, isDegenerate } of found) {
          expect(regretOf(pairwise(game), shares)).toBeLessThan(1e-7);
          expect(isDegenerate || support === bestResponses).toBe(true);
        }
      }
    }
  });

  test("two roles: an odd number, without regret", () => {
    for (const [rows, columns] of [
      [2, 3],
      [3, 3],
      [4, 2],
      [4, 5],
    ] as const) {
      for (let i = 0; i < 15; i++) {
        const game = bimatrixGame({
          row: randomMatrix(`row ${rows} ${columns}`, i, [rows, columns]),
          column: randomMatrix(`column ${rows} ${columns}`, i, [rows, columns]),
        });
        const found = rolesEquilibria(game);
        expect(found.length % 2).toBe(1);
        for (const mix of found) {
          const { row, column } = rolesRegret(game, mix);
          expect(Math.max(row, column)).toBeLessThan(1e-7);
        }
      }
    }
  }); // prettier-ignore

  test("Lemke and Howson's path ends at one of them, from every label", () => {
    for (let size = 2; size <= 5; size++) {
      for (let i = 0; i < 10; i++) {
        const game = randomSymmetric(`labels ${size}`, i, size);
        const known = symmetricEquilibria(game);
        const inRoles = rolesEquilibria(rolesOf(game));
        for (let label = 0; label < size; label++) {
          const { shares } = symmetricLemkeHowson(game, label);
          expect(known.some((one) => one.shares.every((share, j) => Math.abs(share - shares[j]) < 1e-7))).toBe(true);
        }
        for (let label = 0; label < 2 * size; label++) {
          const { row, column } = lemkeHowson(rolesOf(game), label);
          const isKnown = inRoles.some(
            (one) =>
              one.row.every((share, j) => Math.abs(share - row[j]) < 1e-7) &&
              one.column.every((share, j) => Math.abs(share - column[j]) < 1e-7),
          );
          expect(isKnown).toBe(true);
        }
      }
    }
  });

  test("Lemke and Howson in degenerate games of small whole numbers end without regret, from every label", () => {
    const stream = streams.stream("degenerate");
    for (let i = 0; i < 60; i++) {
      const size = 2 + stream.integer(4);
      const whole = (): number[][] =>
        Array.from({ length: size }, () => Array.from({ length: size + 1 }, () => stream.integer(3)));
      const game = bimatrixGame({ row: whole(), column: whole() });
      const extreme = rolesEquilibria(game);
      for (let label = 0; label < 2 * size + 1; label++) {
        const end = lemkeHowson(game, label);
        const { row, column } = rolesRegret(game, end);
        expect(Math.max(row, column)).toBeLessThan(1e-8);
        const isKnown = extreme.some(
          (one) =>
            one.row.every((share, j) => Math.abs(share - end.row[j]) < 1e-7) &&
            one.column.every((share, j) => Math.abs(share - end.column[j]) < 1e-7),
        );
        expect(isKnown).toBe(true);
      }
    }
  });

  test("large games have a path as well", () => {
    const game = randomSymmetric("large", 0, 60);
    expect(regretOf(pairwise(game), symmetricLemkeHowson(game, 17).shares)).toBeLessThan(1e-7);
  });

  test("Newton's search finds what enumeration finds", () => {
    for (let size = 2; size <= 5; size++) {
      for (let i = 0; i < 8; i++) {
        const game = randomSymmetric(`search ${size}`, i, size);
        const wanted = symmetricEquilibria(game);
        const found = populationEquilibria(pairwise(game));
        expect(found.map(({ support }) => support)).toEqual(wanted.map(({ support }) => support));
        for (const [k, { shares }] of found.entries()) expectShares(shares, [...wanted[k].shares]);
      }
    }
  });

  test("in small whole numbers, all that enumeration finds is an equilibrium, and all pure ones are found", () => {
    const stream = streams.stream("whole");
    for (let i = 0; i < 150; i++) {
      const size = 2 + stream.integer(4);
      const payoffs = Array.from({ length: size }, () => Array.from({ length: size }, () => stream.integer(3)));
      const game = symmetricGame(payoffs);
      const found = symmetricEquilibria(game);
      for (const { shares } of found) expect(regretOf(pairwise(game), shares)).toBeLessThan(1e-8);
      for (let pure = 0; pure < size; pure++) {
        const isEquilibrium = payoffs.every((row) => row[pure] <= payoffs[pure][pure]);
        expect(found.some(({ shares }) => shares[pure] === 1)).toBe(isEquilibrium);
      }
      // A path ends at a vertex of the polyhedron of best responses, which is an extreme equilibrium.
      for (let label = 0; label < size; label++) {
        const { shares } = symmetricLemkeHowson(game, label);
        expect(found.some((one) => one.shares.every((share, j) => Math.abs(share - shares[j]) < 1e-7))).toBe(true);
      }
    }
  });
});

test("what is no game is refused", () => {
  expect(() => symmetricGame([[1, 2]])).toThrow("invalid game: a row of 2 payoffs (expected 1)");
  expect(() => symmetricGame([])).toThrow("invalid game: no payoffs");
  expect(() => symmetricGame([[Number.NaN]])).toThrow("invalid game: payoff NaN (expected a finite number)");
  expect(() => bimatrixGame({ row: [[1]], column: [[1], [2]] })).toThrow("invalid game: 2 rows (expected 1)");
  expect(() => symmetricEquilibria(randomSymmetric("many", 0, 15))).toThrow("too many strategies: 15");
  expect(() => symmetricLemkeHowson(randomSymmetric("label", 0, 2), 2)).toThrow("invalid label: 2 (expected 0 to 1)");
  expect(sizeOf(0b1011)).toBe(3);
});
