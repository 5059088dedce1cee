import { createStreams } from "@shardlab/random";
import { expect, test } from "vitest";
import { evolutionaryStability } from "./evolutionary-stability.ts";
import { pairwise } from "./game.ts";
import { populationEquilibria } from "./population-equilibria.ts";
import { profileCount, profilesOf, reducedGame } from "./reduced-game.ts";

const streams = createStreams(23);

test("there are binomial(s + n - 1, n) profiles, each of n players", () => {
  expect(profilesOf(3, 2)).toEqual([
    [2, 0, 0],
    [1, 1, 0],
    [1, 0, 1],
    [0, 2, 0],
    [0, 1, 1],
    [0, 0, 2],
  ]); // prettier-ignore
  for (const [strategies, players] of [
    [1, 4],
    [2, 5],
    [3, 3],
    [4, 6],
  ] as const) {
    const profiles = profilesOf(strategies, players);
    expect(profiles).toHaveLength(profileCount(strategies, players));
    expect(new Set(profiles.map(String)).size).toBe(profiles.length);
    expect(profiles.every((profile) => profile.reduce((sum, count) => sum + count, 0) === players)).toBe(true);
  }
}); // prettier-ignore

test("two players are a matrix", () => {
  const payoffs = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const shares = Float64Array.of(0.2, 0.3, 0.5);
  const [reduced, matrix] = [new Float64Array(3), new Float64Array(3)];
  reducedGame({ strategies: 3, players: 2, payoffs }).payoffsAt(shares, reduced);
  pairwise({ strategies: 3, payoffs }).payoffsAt(shares, matrix);
  for (const [i, payoff] of reduced.entries()) expect(payoff).toBeCloseTo(matrix[i], 12);
});

test("earnings are the mean over all ways in which the others can be drawn, and derivatives are their slopes", () => {
  for (let trial = 0; trial < 8; trial++) {
    const stream = streams.stream("earnings", trial);
    const [strategies, players] = [2 + stream.integer(3), 2 + stream.integer(4)];
    const profiles = profilesOf(strategies, players - 1);
    const payoffs = Float64Array.from({ length: strategies * profiles.length }, () => stream.normal());
    const game = reducedGame({ strategies, players, payoffs });
    const raw = Array.from({ length: strategies }, () => stream.exponential(1));
    const total = raw.reduce((sum, part) => sum + part, 0);
    const shares = Float64Array.from(raw, (part) => part / total);
    const expected = new Float64Array(strategies);
    const indexOf = new Map(profiles.map((profile, index) => [String(profile), index]));
    for (let assignment = 0; assignment < Math.round(strategies ** (players - 1)); assignment++) {
      let [rest, chance] = [assignment, 1];
      const counts = new Array<number>(strategies).fill(0);
      for (let other = 0; other < players - 1; other++) {
        const played = rest % strategies;
        rest = Math.floor(rest / strategies);
        counts[played] += 1;
        chance *= shares[played];
      }
      const profile = indexOf.get(String(counts)) as number;
      for (let i = 0; i < strategies; i++) expected[i] += chance * payoffs[i * profiles.length + profile];
    }
    const out = new Float64Array(strategies);
    game.payoffsAt(shares, out);
    for (const [i, payoff] of out.entries()) expect(payoff).toBeCloseTo(expected[i], 10);
    const jacobian = new Float64Array(strategies * strategies);
    game.jacobianAt(shares, jacobian);
    const [above, below] = [new Float64Array(strategies), new Float64Array(strategies)];
    for (let j = 0; j < strategies; j++) {
      const moved = (by: number): Float64Array => shares.map((share, k) => (k === j ? share + by : share));
      game.payoffsAt(moved(1e-5), above);
      game.payoffsAt(moved(-1e-5), below);
      for (let i = 0; i < strategies; i++)
        expect(jacobian[i * strategies + j]).toBeCloseTo((above[i] - below[i]) / 2e-5, 6);
    }
  }
});

test("volunteer's dilemma: the chance that nobody else does is cost over benefit", () => {
  // Diekmann, J. Conflict Resolution 29 (1985): who volunteers pays c, all get b if anybody does; shirking with (c / b)^(1 / (n - 1)).
  for (const [players, cost] of [
    [3, 0.25],
    [4, 0.3],
    [6, 0.6],
  ] as const) {
    const profiles = profilesOf(2, players - 1);
    const volunteer = profiles.map(() => 1 - cost);
    const shirk = profiles.map(([volunteers]) => (volunteers > 0 ? 1 : 0));
    const game = reducedGame({ strategies: 2, players, payoffs: Float64Array.from([...volunteer, ...shirk]) });
    const found = populationEquilibria(game);
    expect(found).toHaveLength(1);
    expect(found[0].shares[1]).toBeCloseTo(cost ** (1 / (players - 1)), 8);
    expect(evolutionaryStability(game, found[0])).toBe("evolutionarily stable");
  }
}); // prettier-ignore

test("a lead with several zeros has an equilibrium at each", () => {
  // Five players; the first strategy leads by (x - 0.2)(x - 0.5)(x - 0.7), written in Bernstein's form of degree 4.
  const power = [-0.07, 0.59, -1.4, 1, 0];
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  const lead = (count: number): number =>
    power.reduce((sum, coefficient, k) => sum + (k <= count ? (choose(count, k) / choose(4, k)) * coefficient : 0), 0);
  const profiles = profilesOf(2, 4);
  const payoffs = Float64Array.from([...profiles.map(([count]) => lead(count)), ...profiles.map(() => 0)]);
  const found = populationEquilibria(reducedGame({ strategies: 2, players: 5, payoffs }));
  const mixed = found.filter(({ shares }) => shares[0] > 0 && shares[0] < 1).map(({ shares }) => shares[0]);
  expect(mixed.sort().map((share) => share.toFixed(7))).toEqual(["0.2000000", "0.5000000", "0.7000000"]);
});

test("what is no game is refused", () => {
  const payoffs = new Float64Array(4);
  expect(() => reducedGame({ strategies: 2, players: 1, payoffs })).toThrow("invalid game: 1 players");
  expect(() => reducedGame({ strategies: 2, players: 3, payoffs })).toThrow("invalid game: 4 payoffs (expected 6)");
});
