import { createStreams } from "@shardlab/random";
import { tableOf } from "@shardlab/testing";
import { describe, expect, it } from "vitest";
import { bandit } from "./bandit.ts";

/** Pay of option `option` at round `round`, within [0, 1]. */
type Payoffs = (option: number, round: number) => number;

interface Game {
  readonly learners: number;
  readonly options: number;
  readonly rounds: number;
  readonly exploration: number;
  readonly payoffs: Payoffs;
  readonly seed: number;
}

/** Lets learners play side by side; pay is between -2 and 6, so that its scale counts too. */
function play({ learners, options, rounds, exploration, payoffs, seed }: Game) {
  const spec = { kind: "bandit", exploration, worst: -2, best: 6 } as const;
  const models = Array.from({ length: options - 1 }, (_, index) => `model-${index}`);
  const decide = bandit(spec).begin({ providers: learners, models, attacks: [] });
  const streams = createStreams(seed);
  const utilities = new Array<number>(learners * options).fill(Number.NaN);
  const table = tableOf({ rows: learners, models: options - 1, attacks: 0, utilities });
  const choice = new Int32Array(learners);
  const gains = new Float64Array(learners);
  const history: number[][] = [];
  const taken = new Float64Array(options);
  for (let round = 0; round < rounds; round++) {
    streams.uniformsAcross("draw", 0, round, table.uniforms);
    decide(table, choice);
    for (let row = 0; row < learners; row++) {
      const pay = payoffs(choice[row], round);
      gains[row] += pay;
      table.earned[row] = -2 + 8 * pay;
      if (round >= rounds / 2) taken[choice[row]] += 1 / (learners * Math.ceil(rounds / 2));
    }
    if (round < 60) history.push([...choice]);
  }
  const totals = Array.from({ length: options }, (_, option) => {
    let sum = 0;
    for (let round = 0; round < rounds; round++) sum += payoffs(option, round);
    return sum;
  });
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / learners;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / learners;
  const standardError = Math.sqrt(variance / learners);
  return { regret: Math.max(...totals) - mean, standardError, history, taken };
}

/** The exploration of corollary 3.2, for T rounds of K options. */
const tuned = (rounds: number, options: number): number =>
  Math.min(1, Math.sqrt((options * Math.log(options)) / ((Math.E - 1) * rounds)));

const bound = (rounds: number, options: number): number => 2.63 * Math.sqrt(rounds * options * Math.log(options));

/** A fixed sequence of coins, the same for every learner: the adversary has written it down before. */
const coins = (seed: number, chances: readonly number[], rounds: number): Payoffs => {
  const columns = chances.map((chance, option) => {
    const stream = createStreams(seed).stream("coin", option);
    return Uint8Array.from({ length: rounds }, () => (stream.uniform() < chance ? 1 : 0));
  });
  return (option, round) => columns[option][round];
};

const rounds = 1500;

const adversaries: readonly [string, number, Payoffs][] = [
  ["coins", 5, coins(3, [0.3, 0.5, 0.45, 0.6, 0.2], rounds)],
  ["one good option among many", 12, coins(4, [...Array<number>(11).fill(0.4), 0.7], rounds)],
  [
    "the best option turns bad half-way",
    3,
    (option, round) => ((round < rounds / 2 ? option === 1 : option === 2) ? 1 : 0),
  ],
  ["options take turns", 4, (option, round) => (round % 4 === option ? 1 : 0)],
  ["what is good looks bad at first", 3, (option, round) => (option === 0 ? 0.5 : option === 2 && round > 300 ? 1 : 0)],
  ["all the same", 6, () => 0.5],
];

describe("bandit", () => {
  it.each(adversaries)("regrets at most 2.63 sqrt(T K ln K): %s", (_name, options, payoffs) => {
    const game = { learners: 60, options, rounds, exploration: tuned(rounds, options), payoffs, seed: 5 };
    const { regret, standardError } = play(game);
    expect(regret - 4 * standardError).toBeLessThan(bound(rounds, options));
  });

  it("comes to take the best option by far the most often, but never ceases to try", () => {
    const payoffs = coins(9, [0.2, 0.3, 0.8, 0.4], 3000);
    const { taken } = play({ learners: 60, options: 4, rounds: 3000, exploration: 0.1, payoffs, seed: 2 });
    expect(taken[2]).toBeGreaterThan(0.85);
    for (const share of taken) expect(share).toBeGreaterThan(0.1 / 4 - 0.003);
  });

  it("draws what Exp3 draws, written with plain weights", () => {
    const exploration = 0.2;
    const payoffs: Payoffs = (option, round) => ((3 * option + round) % 5) / 4;
    const [learners, options] = [7, 3];
    const { history } = play({ learners, options, rounds: 60, exploration, payoffs, seed: 11 });
    const streams = createStreams(11);
    const weights = Array.from({ length: learners }, () => new Array<number>(options).fill(1));
    for (let round = 0; round < 60; round++) {
      const uniforms = new Float64Array(learners);
      streams.uniformsAcross("draw", 0, round, uniforms);
      for (const [row, own] of weights.entries()) {
        const sum = own.reduce((left, right) => left + right, 0);
        const chances = own.map((weight) => ((1 - exploration) * weight) / sum + exploration / options);
        const upTo = chances.map((_, index) => chances.slice(0, index + 1).reduce((left, right) => left + right, 0));
        const drawn = upTo.findIndex((cumulative) => uniforms[row] < cumulative);
        expect(history[round][row]).toBe(drawn);
        own[drawn] *= Math.exp((exploration * payoffs(drawn, round)) / (chances[drawn] * options));
      }
    }
  });
});
