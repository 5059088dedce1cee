/** Shapley values against their definition, their axioms, and games whose values are known in closed form. */
import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  declaredShares,
  gameAmong,
  leaveOneOutValues,
  payableShares,
  playersOf,
  sampledShapleyValues,
  shapleyValues,
} from "./shapley.ts";

const gameOf = (players: number, value: (has: (player: number) => boolean, mask: number) => number): Float64Array =>
  Float64Array.from({ length: 2 ** players }, (_, mask) => value((player) => (mask & (1 << player)) !== 0, mask));

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

/** Games of 1 to `most` players with any values, or of whole numbers where equality is to be exact. */
const games = (most: number): fc.Arbitrary<Float64Array> =>
  fc
    .integer({ min: 1, max: most })
    .chain((players) =>
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2 ** players, maxLength: 2 ** players }),
    )
    .map((values) => Float64Array.from(values));

/** The mean marginal contribution over all n! orders, one by one. */
function byDefinition(values: Float64Array): number[] {
  const players = Math.log2(values.length);
  const totals = new Array<number>(players).fill(0);
  let orders = 0;
  const visit = (mask: number, order: readonly number[]): void => {
    if (order.length === players) {
      orders += 1;
      let before = 0;
      for (const player of order) {
        totals[player] += values[before | (1 << player)] - values[before];
        before |= 1 << player;
      }
      return;
    }
    for (let player = 0; player < players; player++)
      if ((mask & (1 << player)) === 0) visit(mask | (1 << player), [...order, player]);
  };
  visit(0, []);
  return totals.map((total) => total / orders);
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance = 1e-9): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(found[i] - wanted[i])).toBeLessThanOrEqual(tolerance);
}

const holds = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 200): void =>
  fc.assert(fc.property(arbitrary, property), { numRuns, seed: 5 });

describe("exact Shapley values", () => {
  it("are the means over all orders", () => {
    holds(games(6), (values) => expectClose(shapleyValues(values), byDefinition(values)), 60);
  });

  it("add up to what all bring beyond nobody", () => {
    holds(games(12), (values) => {
      expect(sum(shapleyValues(values))).toBeCloseTo(values[values.length - 1] - values[0], 7);
    });
  });

  it("are equal for players who can be exchanged", () => {
    // A game that looks at player 0 and 1 through how many of them are there.
    holds(games(7), (values) => {
      const players = playersOf(values) + 1;
      const symmetric = gameOf(players, (has, mask) => {
        const both = Number(has(0)) + Number(has(1));
        return values[(mask >> 2) * 2 + Math.min(1, both)] + (both === 2 ? 7 : 0);
      });
      const [first, second] = shapleyValues(symmetric);
      expect(first).toBeCloseTo(second, 9);
    });
  });

  it("are nothing for who never adds anything, and leave the others theirs", () => {
    holds(games(8), (values) => {
      const players = playersOf(values);
      const extended = gameOf(players + 1, (_, mask) => values[mask % values.length]);
      const shares = shapleyValues(extended);
      expect(Math.abs(shares[players])).toBeLessThan(1e-12);
      expectClose(shares.slice(0, players), shapleyValues(values));
    });
  });

  it("of a sum of games are the sums", () => {
    holds(fc.tuple(games(7), fc.double({ min: -5, max: 5, noNaN: true })), ([values, factor]) => {
      const other = Float64Array.from(values, (_, i) => values[(i * 5 + 3) % values.length]);
      const added = values.map((value, i) => value + factor * other[i]);
      const [one, two, both] = [values, other, added].map(shapleyValues);
      expectClose(
        both,
        one.map((value, i) => value + factor * two[i]),
      );
    });
  });

  it.each([
    [1, 1],
    [1, 2],
    [2, 3],
    [3, 6],
    [5, 7],
  ])("of %d left and %d right gloves are those of the closed form", (left, right) => {
    const values = gameOf(left + right, (has) => {
      const count = (first: number, end: number) =>
        Array.from({ length: end - first }, (_, i) => Number(has(first + i))).reduce((a, b) => a + b, 0);
      return Math.min(count(0, left), count(left, left + right));
    });
    // Shapley and Shubik (1969): each of the l scarcer gloves earns 1/2 + (r - l) / (2 l) sum over k = 1..l of
    // l! r! / ((l - k)! (r + k)!), and the r others what is left.
    let ratio = 1;
    let series = 0;
    for (let k = 1; k <= left; k++) {
      ratio *= (left - k + 1) / (right + k);
      series += ratio;
    }
    const scarce = 1 / 2 + ((right - left) / (2 * left)) * series;
    const wanted = Array.from({ length: left + right }, (_, player) =>
      player < left ? scarce : (left * (1 - scarce)) / right,
    );
    expectClose(shapleyValues(values), wanted);
  });

  it("of an airport share each stretch of the runway among those who need it", () => {
    // Littlechild and Owen (1973): v(S) = -max of c over S, and i pays sum over j <= i of (c_j - c_(j-1)) / (n - j + 1), costs ascending.
    const costs = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 10 });
    holds(costs, (unsorted) => {
      const sorted = [...unsorted].sort((a, b) => a - b);
      const values = gameOf(sorted.length, (has) => -Math.max(0, ...sorted.filter((_, player) => has(player))));
      let paid = 0;
      const wanted = sorted.map((cost, j) => {
        paid += (cost - (sorted[j - 1] ?? 0)) / (sorted.length - j);
        return -paid;
      });
      expectClose(shapleyValues(values), wanted);
    });
  });

  it("of a vote are Shapley and Shubik's power index", () => {
    // [3; 2, 1, 1]: the big voter is pivotal in 4 of 6 orders.
    const weights = [2, 1, 1];
    const values = gameOf(3, (has) => Number(sum(weights.filter((_, player) => has(player))) >= 3));
    expectClose(shapleyValues(values), [2 / 3, 1 / 6, 1 / 6], 1e-12);
  });

  it("refuse what is not a game", () => {
    for (const length of [0, 1, 3, 6]) expect(() => shapleyValues(new Float64Array(length))).toThrow("invalid game: ");
    expect(() => shapleyValues(Float64Array.of(0, Number.NaN))).toThrow("invalid game: value NaN of coalition 1");
    expect(() => leaveOneOutValues(new Float64Array(5))).toThrow("invalid game: 5 values (expected 2^n");
  });
});

describe("leave-one-out values", () => {
  it("are what the rest would lack, and the Shapley values of additive games", () => {
    const worth = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 });
    holds(worth, (each) => {
      const values = gameOf(each.length, (has) => 3 + sum(each.filter((_, player) => has(player))));
      expectClose(leaveOneOutValues(values), each);
      expectClose(shapleyValues(values), each);
    });
  });

  it("give copies nothing, whom Shapley gives half each, and complements all of it twice", () => {
    const copies = gameOf(3, (has) => (has(0) || has(1) ? 6 : 0) + (has(2) ? 1 : 0));
    expect([...leaveOneOutValues(copies)]).toEqual([0, 0, 1]);
    expectClose(shapleyValues(copies), [3, 3, 1], 1e-12);
    const pair = gameOf(2, (has) => (has(0) && has(1) ? 4 : 0));
    expect([...leaveOneOutValues(pair)]).toEqual([4, 4]);
    expectClose(shapleyValues(pair), [2, 2], 1e-12);
  });
});

describe("shares of a sum", () => {
  it("never exceed it, and are the contributions where these are positive and add up", () => {
    holds(games(6), (values) => {
      const total = values[values.length - 1] - values[0];
      for (const contributions of [shapleyValues(values), leaveOneOutValues(values)]) {
        const shares = payableShares(contributions, total);
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
        expect(sum(shares)).toBeLessThanOrEqual(1 + 1e-12);
        contributions.forEach((contribution, i) => {
          if (contribution <= 0) expect(shares[i]).toBe(0);
        });
      }
    });
    expectClose(payableShares(Float64Array.of(1, 3), 4), [0.25, 0.75], 0);
    expectClose(payableShares(Float64Array.of(1, 1), 4), [0.25, 0.25], 0);
    expectClose(payableShares(Float64Array.of(4, 4), 4), [0.5, 0.5], 0);
    expectClose(payableShares(Float64Array.of(3, -1, 2), 4), [0.6, 0, 0.4], 1e-15);
    expectClose(payableShares(Float64Array.of(-3, 0), -3), [0, 0], 0);
  });

  it("are what was declared", () => {
    expectClose(declaredShares(Float64Array.of(1, 0, 3)), [0.25, 0, 0.75], 0);
    expect(() => declaredShares(Float64Array.of(1, -2))).toThrow("invalid declaration: -2");
    expect(() => declaredShares(Float64Array.of(0, 0))).toThrow("invalid declaration: 0 in all");
    expect(() => declaredShares(Float64Array.of(1, Number.NaN))).toThrow("invalid declaration: NaN");
  });
});

describe("the game among some", () => {
  it("has the values of their coalitions", () => {
    holds(fc.tuple(games(8), fc.nat()), ([values, number]) => {
      const members = 1 + (number % (values.length - 1));
      const players = Array.from({ length: playersOf(values) }, (_, i) => i).filter((i) => (members & (1 << i)) !== 0);
      const restricted = gameAmong(values, members);
      expect(restricted.length).toBe(2 ** players.length);
      restricted.forEach((value, mask) => {
        const whole = players.reduce((all, player, i) => all | ((mask >> i) & 1 ? 1 << player : 0), 0);
        expect(value).toBe(values[whole]);
      });
    });
    expect(() => gameAmong(new Float64Array(4), 0)).toThrow("invalid members: 0");
    expect(() => gameAmong(new Float64Array(4), 4)).toThrow("invalid members: 4");
  });
});

describe("sampled Shapley values", () => {
  const valueIn = (values: Float64Array) => (members: Uint8Array) =>
    values[members.reduce((mask, is, player) => mask | (is << player), 0)];
  const sampled = (values: Float64Array, pairs: number, run: number, confidence?: number) => {
    const stream = createStreams(11).stream("orders", run);
    return sampledShapleyValues({
      players: playersOf(values),
      value: valueIn(values),
      pairs,
      uniform: (draw) => stream.uniformAt(draw),
      ...(confidence === undefined ? {} : { confidence }),
    });
  };
  const draws = createStreams(3).stream("game");
  const noise = gameOf(6, () => draws.normal(0, 1));
  /** Complements in threes, and copies: far from additive. */
  const lumpy = gameOf(6, (has) => (has(0) && has(1) && has(2) ? 5 : 0) + (has(3) || has(4) ? 2 : 0) + Number(has(5)));

  it.each([
    ["noise", noise],
    ["lumpy", lumpy],
  ])("cover at their nominal rate: %s", (_, values) => {
    const truth = shapleyValues(values);
    const runs = 400;
    for (const confidence of [0.8, 0.95]) {
      const missed = new Array<number>(truth.length).fill(0);
      for (let run = 0; run < runs; run++) {
        for (const [player, { low, high }] of sampled(values, 60, run, confidence).entries())
          if (!(low - 1e-12 <= truth[player] && truth[player] <= high + 1e-12)) missed[player] += 1;
      }
      const error = Math.sqrt((confidence * (1 - confidence)) / runs);
      for (const [player, count] of missed.entries()) {
        // An order and its reverse show the whole of what the copies, 3 and 4, and the lone 5 add: they are never missed.
        if (values === lumpy && player >= 3) expect(count).toBe(0);
        else expect(Math.abs(1 - count / runs - confidence)).toBeLessThan(4 * error + 0.01);
      }
    }
  });

  it("are 0 wide, and miss, where no pair sees a player matter, as often as the closed form says", () => {
    // An apex game: the first player with anybody, or all nine others. A small one is pivotal right behind the first at the
    // start of an order or right before it at the end, in 2 of 90 orders, and an order and its reverse are so together.
    const apex = gameOf(10, (has, mask) => Number(has(0) ? mask > 1 : mask === 1022));
    expect(shapleyValues(apex)[1]).toBeCloseTo(2 / 90, 12);
    const [runs, pairs] = [1000, 12];
    let unseen = 0;
    for (let run = 0; run < runs; run++) {
      const { low, high } = sampled(apex, pairs, run)[1];
      if (low === 0 && high === 0) unseen += 1;
    }
    const chance = (1 - 2 / 90) ** pairs;
    expect(Math.abs(unseen / runs - chance)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / runs));
  });

  it("add up whatever is drawn, and come near with many orders, in games of 14", () => {
    const wide = createStreams(8).stream("wide");
    const worth = Array.from({ length: 14 }, () => wide.uniform());
    const values = gameOf(14, (has) => Math.sqrt(sum(worth.filter((_, player) => has(player)))));
    const truth = shapleyValues(values);
    const estimates = sampled(values, 500, 1);
    expect(sum(estimates.map(({ value }) => value))).toBeCloseTo(values[values.length - 1], 9);
    for (const [player, { value, low, high }] of estimates.entries()) {
      const standardError = (high - low) / 2 / 1.96;
      expect(Math.abs(value - truth[player])).toBeLessThan(4 * standardError);
      expect(standardError).toBeLessThan((0.05 * values[values.length - 1]) / 14);
    }
  });

  it("take Student's quantiles", () => {
    // Intervals of one sample differ by their quantiles alone.
    const half = (pairs: number, confidence: number) => {
      const [{ low, high }] = sampled(noise, pairs, 2, confidence);
      return (high - low) / 2;
    };
    // t at 97.5 % over t at 90 %, for 12, 20 and 60 degrees of freedom: tables.
    for (const [pairs, high, low] of [
      [13, 2.17881, 1.35622],
      [21, 2.08596, 1.32534],
      [61, 2.0003, 1.29582],
    ])
      expect(half(pairs, 0.95) / half(pairs, 0.8)).toBeCloseTo(high / low, 3);
  });

  it("serve more players than a mask has bits", () => {
    const stream = createStreams(1).stream("many");
    const estimates = sampledShapleyValues({
      players: 100,
      value: (members) => Math.min(10, sum(members)),
      pairs: 200,
      uniform: (draw) => stream.uniformAt(draw),
    });
    for (const { low, high } of estimates) {
      // By symmetry each has a tenth; one interval in twenty may miss it by a little.
      expect(low).toBeLessThan(0.1 + 0.05);
      expect(high).toBeGreaterThan(0.1 - 0.05);
    }
    expect(sum(estimates.map(({ value }) => value))).toBeCloseTo(10, 9);
  });

  it("refuse samples that say nothing", () => {
    const base = { players: 2, value: () => 0, pairs: 20, uniform: () => 0.5 };
    expect(() => sampledShapleyValues({ ...base, pairs: 11 })).toThrow("invalid sample: 11 pairs");
    expect(() => sampledShapleyValues({ ...base, confidence: 1 })).toThrow("invalid sample: confidence 1");
    expect(() => sampledShapleyValues({ ...base, players: 0 })).toThrow("invalid sample: 0 players");
  });
});
