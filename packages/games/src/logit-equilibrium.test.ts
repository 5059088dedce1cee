import { logistic } from "@shardlab/numerics";
import { createStreams } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import { pairwise, regretOf, scaleOf, symmetricGame } from "./game.ts";
import { logitBranch } from "./logit-equilibrium.ts";
import { reducedGame } from "./reduced-game.ts";

const streams = createStreams(31);

describe("logit equilibria", () => {
  test("every point is a fixed point of the logistic choice, of games with two strategies", () => {
    for (let i = 0; i < 20; i++) {
      const stream = streams.stream("two", i);
      const [[a, b], [c, d]] = [0, 1].map(() => [stream.normal(), stream.normal()]);
      const game = symmetricGame([
        [a, b],
        [c, d],
      ]); // prettier-ignore
      const { points, isComplete } = logitBranch(pairwise(game), 30);
      expect(isComplete).toBe(true);
      expect(points[0].shares[0]).toBeCloseTo(0.5, 12);
      for (const { precision, shares } of points) {
        const [x] = shares;
        const lead = (x * (a - c) + (1 - x) * (b - d)) / scaleOf(game.payoffs);
        expect(x).toBeCloseTo(logistic(precision * lead), 7);
      }
    }
  });

  test("the limit is an equilibrium, whatever the number of strategies", () => {
    for (let size = 2; size <= 5; size++) {
      for (let i = 0; i < 10; i++) {
        const stream = streams.stream(`many ${size}`, i);
        const game = pairwise(
          symmetricGame(Array.from({ length: size }, () => Array.from({ length: size }, () => stream.normal()))),
        ); // prettier-ignore
        const { points, isComplete } = logitBranch(game, 400);
        expect(isComplete).toBe(true);
        const last = points.at(-1);
        // Noise costs at most log(n) / precision: the entropy that it buys (Fudenberg and Levine 1998).
        expect(regretOf(game, last?.shares ?? new Float64Array(size)) / game.scale).toBeLessThan(
          (Math.log(size) / 400) * 1.001,
        );
      }
    }
  });

  test("coordination ends at the risk-dominant equilibrium, though the other pays more", () => {
    // Stag pays 4 together and 0 alone, hare 3: with half and half, hare earns more.
    const { points } = logitBranch(
      pairwise(
        symmetricGame([
          [4, 0],
          [3, 3],
        ]),
      ),
      200,
    ); // prettier-ignore
    expect(points.at(-1)?.shares[1]).toBeGreaterThan(0.999);
  });

  test("goes on where the branch turns back in precision", () => {
    // Ten players: the first strategy leads by 0.05, and by 1 where all others play it. On the branch precision is
    // log(x / (1 - x)) / (0.05 + 0.95 x^9): 9.6 at x = 0.7, 5.0 at 0.99.
    const leads = [0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 1];
    const payoffs = Float64Array.from([...leads.toReversed(), ...leads.map(() => 0)]);
    const game = reducedGame({ strategies: 2, players: 10, payoffs });
    const { points, isComplete } = logitBranch(game, 60);
    expect(isComplete).toBe(true);
    expect(points.some(({ precision }, k) => k > 0 && precision < points[k - 1].precision)).toBe(true);
    const earned = new Float64Array(2);
    for (const { precision, shares } of points) {
      game.payoffsAt(shares, earned);
      expect(shares[0]).toBeCloseTo(logistic((precision * (earned[0] - earned[1])) / game.scale), 7);
    }
    expect(points.at(-1)?.shares[0]).toBeGreaterThan(0.99);
  });
});
