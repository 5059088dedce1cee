/** Dynamics, stability, basins and uncertainty against closed forms. */
import { exp, log } from "@shardlab/numerics";
import { createStreams, normalQuantile } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import { basinsOfAttraction, wilsonInterval } from "./basins.ts";
import { equilibriumIntervals, quantile, rolesIntervals } from "./equilibrium-intervals.ts";
import { evolutionaryStability } from "./evolutionary-stability.ts";
import { bimatrixGame, pairwise, type SymmetricGame, symmetricGame, twoPopulations } from "./game.ts";
import { independentDraws, pairedDraws } from "./payoff-draws.ts";
import { replicatorPath } from "./replicator-dynamics.ts";
import { rolesEquilibria, symmetricEquilibria } from "./support-enumeration.ts";

const streams = createStreams(11);
const hawkDove = (value: number, cost: number): SymmetricGame =>
  symmetricGame([
    [(value - cost) / 2, value],
    [0, value / 2],
  ]); // prettier-ignore
const rockPaperScissors = (win: number): SymmetricGame =>
  symmetricGame([
    [0, -1, win],
    [win, 0, -1],
    [-1, win, 0],
  ]); // prettier-ignore

describe("replicator dynamics", () => {
  test("two strategies of which one always earns more: the logistic function", () => {
    // A lead of 1 everywhere, in a game whose payoffs span 1: x / (1 - x) grows as e^t.
    const game = pairwise(
      symmetricGame([
        [1, 1],
        [0, 0],
      ]),
    ); // prettier-ignore
    const { shares, times } = replicatorPath(game, Float64Array.of(0.01, 0.99), { points: 50 });
    expect(times.length).toBeGreaterThan(20);
    for (const [k, time] of times.entries()) {
      const odds = (0.01 / 0.99) * exp(time);
      expect(Math.abs(shares[2 * k] - odds / (1 + odds))).toBeLessThan(1e-7);
    }
  });

  test("hawk-dove comes to rest at V / C from anywhere inside", () => {
    for (const start of [0.001, 0.3, 0.99]) {
      const { end, ended } = replicatorPath(pairwise(hawkDove(2, 5)), Float64Array.of(start, 1 - start));
      expect(ended).toBe("at rest");
      expect(end[0]).toBeCloseTo(0.4, 6);
    }
  });

  test("rock-paper-scissors keeps the product of the shares", () => {
    const start = Float64Array.of(0.6, 0.3, 0.1);
    const { end, ended } = replicatorPath(pairwise(rockPaperScissors(1)), start, { longest: 200 });
    expect(ended).toBe("time up");
    expect(log(end[0] * end[1] * end[2])).toBeCloseTo(log(0.6 * 0.3 * 0.1), 5);
  });

  test("every pure state and every equilibrium is a rest point, and what is 0 stays 0", () => {
    for (let i = 0; i < 10; i++) {
      const stream = streams.stream("rest", i);
      const game = symmetricGame(Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => stream.normal())));
      for (const { shares } of symmetricEquilibria(game)) {
        const { end } = replicatorPath(pairwise(game), shares, { longest: 0.5 });
        for (const [j, share] of shares.entries()) expect(end[j]).toBeCloseTo(share, 6);
      }
      const { end } = replicatorPath(pairwise(game), Float64Array.of(0.5, 0, 0.5, 0));
      expect([end[1], end[3]]).toEqual([0, 0]);
    }
  });

  test("two populations in an inspection game keep their constant of motion", () => {
    // g log x + F log(1 - x) + c log y + (h + F - c) log(1 - y) is constant, for auditors x and cheats y (Hofbauer 1996).
    const [audit, gain, fine, harm] = [0.4, 1, 2, 1.5];
    const game = twoPopulations(
      bimatrixGame({
        row: [
          [fine - audit, -audit],
          [-harm, 0],
        ],
        column: [
          [-fine, 0],
          [gain, 0],
        ],
      }), // prettier-ignore
    );
    const constant = ([x, , y]: Float64Array): number =>
      gain * log(x) + fine * log(1 - x) + audit * log(y) + (fine + harm - audit) * log(1 - y);
    const start = Float64Array.of(0.2, 0.8, 0.3, 0.7);
    const { end } = replicatorPath(game, start, { longest: 100 });
    expect(end[0] + end[1]).toBeCloseTo(1, 12);
    expect(constant(end)).toBeCloseTo(constant(start), 5);
  });

  test("what is no mix is refused", () => {
    expect(() => replicatorPath(pairwise(hawkDove(1, 2)), Float64Array.of(0.5, 0.6))).toThrow("invalid start");
    expect(() => replicatorPath(pairwise(hawkDove(1, 2)), Float64Array.of(1))).toThrow("invalid start: 1 shares");
  });
});

describe("evolutionary stability", () => {
  const stabilities = (game: SymmetricGame): string[] =>
    symmetricEquilibria(game).map((place) => evolutionaryStability(pairwise(game), place));

  test("hawk-dove is stable, coordination at its pure ends, not in between", () => {
    expect(stabilities(hawkDove(2, 3))).toEqual(["evolutionarily stable"]);
    expect(
      stabilities(
        symmetricGame([
          [2, 0],
          [0, 1],
        ]),
      ),
    ).toEqual(["evolutionarily stable", "evolutionarily stable", "unstable"]); // prettier-ignore
  });

  test("rock-paper-scissors: stable where a win is worth more than a loss costs, neutral where it is as much", () => {
    expect(stabilities(rockPaperScissors(2))).toEqual(["evolutionarily stable"]);
    expect(stabilities(rockPaperScissors(1))).toEqual(["neutrally stable"]);
    expect(stabilities(rockPaperScissors(0.5))).toEqual(["unstable"]);
  });

  test("best responses that are not in use count: retaliators drift among doves", () => {
    // Doves alone among hawks, doves and retaliators (which are doves to doves) of Maynard Smith.
    const [value, cost] = [2, 4];
    const game = symmetricGame([
      [(value - cost) / 2, value, (value - cost) / 2],
      [0, value / 2, value / 2],
      [(value - cost) / 2, value / 2, value / 2],
    ]);
    const found = symmetricEquilibria(game);
    const retaliators = found.find(({ shares }) => shares[2] === 1);
    expect(retaliators && evolutionaryStability(pairwise(game), retaliators)).toBe("neutrally stable");
  });

  test("agrees with the definition, over mutants drawn at random", () => {
    const stream = streams.stream("mutants");
    let stable = 0;
    for (let i = 0; i < 60; i++) {
      const size = 2 + stream.integer(3);
      const payoffs = Array.from({ length: size }, () => Array.from({ length: size }, () => stream.integer(4)));
      const game = symmetricGame(payoffs);
      for (const place of symmetricEquilibria(game)) {
        const verdict = evolutionaryStability(pairwise(game), place);
        const responses = [...place.shares.keys()].filter((j) => (place.bestResponses >> j) & 1);
        const leads = Array.from({ length: 400 }, () => {
          const mutant = new Float64Array(size);
          for (const j of responses) mutant[j] = stream.bernoulli(0.5) ? stream.exponential(1) : 0;
          const total = mutant.reduce((sum, share) => sum + share, 0);
          if (total === 0) return Number.POSITIVE_INFINITY;
          const direction = mutant.map((share, j) => share / total - place.shares[j]);
          const length = direction.reduce((sum, part) => sum + part * part, 0);
          if (length < 1e-6) return Number.POSITIVE_INFINITY;
          let form = 0;
          for (let a = 0; a < size; a++)
            for (let b = 0; b < size; b++) form += direction[a] * payoffs[a][b] * direction[b];
          return -form / length;
        });
        const least = Math.min(...leads);
        if (verdict === "evolutionarily stable") {
          expect(least).toBeGreaterThan(0);
          stable += 1;
        }
        if (verdict === "neutrally stable") expect(least).toBeGreaterThan(-1e-6);
        // Directions that lose are a cone; where it is wide enough, a draw of 400 meets it.
        if (least < -1e-6) expect(verdict).toBe("unstable");
      }
    }
    expect(stable).toBeGreaterThan(10);
  });
});

describe("basins", () => {
  test("coordination: the basin ends at the mixed equilibrium", () => {
    const game = symmetricGame([
      [3, 0],
      [0, 1],
    ]); // prettier-ignore
    const { components, elsewhere } = basinsOfAttraction(pairwise(game), symmetricEquilibria(game), {
      starts: 400,
      seed: 3,
    }); // prettier-ignore
    // Above a quarter of the first strategy everybody ends there: three quarters of the line.
    expect(components[0].low).toBeLessThan(0.75);
    expect(components[0].high).toBeGreaterThan(0.75);
    expect(components[0].value + components[1].value).toBe(1);
    expect(elsewhere.value).toBe(0);
  });

  test("neutral cycles end elsewhere", () => {
    const game = rockPaperScissors(1);
    const { components, elsewhere } = basinsOfAttraction(pairwise(game), symmetricEquilibria(game), {
      starts: 20,
      seed: 3,
      longest: 50,
    });
    expect([components[0].value, elsewhere.value]).toEqual([0, 1]);
  });

  test("a segment of equilibria is one basin", () => {
    const game = symmetricGame([
      [-1, -1, 2],
      [-1, -1, 2],
      [0, 0, 1],
    ]); // prettier-ignore
    const { components } = basinsOfAttraction(pairwise(game), symmetricEquilibria(game), { starts: 30, seed: 1 });
    expect(components.map(({ value }) => value)).toEqual([1]);
  });

  test("Wilson's intervals are those that are published", () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 gives 0.2553 to 0.3662; 15 of 148: 0.0624 to 0.1605.
    const { low, high } = wilsonInterval(81, 263);
    expect([low, high].map((limit) => limit.toFixed(4))).toEqual(["0.2553", "0.3662"]);
    const second = wilsonInterval(15, 148);
    expect([second.low, second.high].map((limit) => limit.toFixed(4))).toEqual(["0.0624", "0.1605"]);
    expect(wilsonInterval(0, 20).low).toBe(0);
  });
});

describe("uncertain payoffs", () => {
  test("the share of hawks varies as the payoff that it depends on", () => {
    // Against doves a hawk gets b more than a dove, b normal; against hawks it loses 2: hawks are b / (b + 2).
    const values = Float64Array.of(-2, 1, 0, 0);
    const errors = Float64Array.of(0, 0.1, 0, 0);
    const game = { strategies: 2, payoffs: values };
    const [interval] = equilibriumIntervals(pairwise(game), symmetricEquilibria(game), {
      cells: 4,
      draws: independentDraws({ values, errors, seed: 5 }),
      count: 4000,
      build: (payoffs) => pairwise({ strategies: 2, payoffs }),
    });
    const z = normalQuantile(0.975);
    const share = (payoff: number): number => payoff / (payoff + 2);
    expect(interval.shares[0].value).toBeCloseTo(1 / 3, 9);
    // The standard error of a 2.5 % quantile of 4,000 draws is about 0.042 standard deviations, which are 0.022 of share.
    expect(Math.abs(interval.shares[0].low - share(1 - z * 0.1))).toBeLessThan(4 * 0.042 * 0.022);
    expect(Math.abs(interval.shares[0].high - share(1 + z * 0.1))).toBeLessThan(4 * 0.042 * 0.022);
    expect(interval.persistence).toBe(1);
    expect(interval.regret.value).toBeLessThan(1e-12);
    // At 1/3 hawks changing to hawk gains 2/3 (1/3 * -2 + 2/3 b), which is normal around 0 with deviation 4/9 * 0.1.
    expect(Math.abs(interval.gains[0].high - (z * 0.1 * 4) / 9)).toBeLessThan(4 * 0.042 * 0.045);
  });

  test("draws from common seeds vary as Student's t, and keep what the seeds share", () => {
    // Two payoffs whose difference is the same at every seed.
    const observations = [1, 2, 4, 7].map((value) => Float64Array.of(value, value + 3));
    const draws = pairedDraws({ observations, seed: 9 });
    const out = new Float64Array(2);
    const seen = Array.from({ length: 8000 }, (_, index) => {
      draws.draw(index, out);
      expect(out[1] - out[0]).toBeCloseTo(3, 9);
      return out[0];
    });
    const sorted = Float64Array.from(seen).sort();
    // Mean 3.5, standard error sqrt(7 / 4), t(3) at 97.5 % = 3.1824 (Fisher's table), density there 0.0185 (closed form of t3).
    const half = 3.1824 * Math.sqrt(7 / 4);
    const error = (Math.sqrt((0.025 * 0.975) / 8000) / 0.0185) * Math.sqrt(7 / 4);
    expect(Math.abs(quantile(sorted, 0.975) - (3.5 + half))).toBeLessThan(4 * error);
    expect(Math.abs(quantile(sorted, 0.025) - (3.5 - half))).toBeLessThan(4 * error);
  });

  test("an equilibrium that payoffs within their errors do not have persists in part of the draws", () => {
    // Cooperation is an equilibrium where d > 0; d is 0.1 with error 0.1, so in Phi(1) = 84.1 % of the draws.
    const values = Float64Array.of(0.1, 0, 0, 1);
    const game = { strategies: 2, payoffs: values };
    const [first] = equilibriumIntervals(pairwise(game), symmetricEquilibria(game).slice(0, 1), {
      cells: 4,
      draws: independentDraws({ values, errors: Float64Array.of(0.1, 0, 0, 0), seed: 2 }),
      count: 2000,
      build: (payoffs) => pairwise({ strategies: 2, payoffs }),
    });
    expect(Math.abs(first.persistence - 0.8413)).toBeLessThan(4 * Math.sqrt((0.8413 * 0.1587) / 2000));
    // Regret is what d falls short of 0: 0.1 * 1.96 - 0.1 at most in 97.5 % of the draws, and 0 as it was measured.
    expect([first.regret.value, first.regret.low]).toEqual([0, 0]);
    expect(Math.abs(first.regret.high - 0.096)).toBeLessThan(4 * 0.06 * 0.1);
  });

  test("in an inspection game the shares vary with the fine", () => {
    const [audit, gain, fine, harm] = [0.4, 1, 2, 1.5];
    const game = bimatrixGame({
      row: [
        [fine - audit, -audit],
        [-harm, 0],
      ],
      column: [
        [-fine, 0],
        [gain, 0],
      ],
    }); // prettier-ignore
    const values = Float64Array.of(...game.row, ...game.column);
    const errors = new Float64Array(8);
    errors[4] = 0.2;
    const draws = independentDraws({ values, errors, seed: 4 });
    const [interval] = rolesIntervals(game, rolesEquilibria(game), { draws, count: 2000 });
    const z = normalQuantile(0.975);
    expect(interval.column[0].high - interval.column[0].low).toBeLessThan(1e-12);
    const width = gain / (gain + fine - 0.2 * z) - gain / (gain + fine + 0.2 * z);
    expect(Math.abs(interval.row[0].high - interval.row[0].low - width)).toBeLessThan(0.15 * width);
    expect(interval.persistence).toBe(1);
    expect(interval.regret.row.high).toBeLessThan(1e-9);
  });
});
