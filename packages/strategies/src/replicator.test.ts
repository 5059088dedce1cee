import { createStreams } from "@shardlab/random";
import { chosenBy, tableOf } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replicator } from "./replicator.ts";

const people = 40_000;

/** A population of shares `shares` that earn `payoffs`, each meeting somebody by chance; the change of the shares in one round. */
function oneRound(shares: readonly number[], payoffs: readonly number[], rate: number, seed: number) {
  const [who, met, uniforms] = [0, 1, 2].map((draw) => {
    const out = new Float64Array(people);
    createStreams(seed).uniformsAcross("round", 0, draw, out);
    return out;
  });
  const optionAt = (uniform: number): number => {
    let left = uniform;
    for (const [option, share] of shares.entries()) {
      left -= share;
      if (left < 0) return option;
    }
    return shares.length - 1;
  };
  const present = Int32Array.from(who, optionAt);
  const metOption = Int32Array.from(met, optionAt);
  const earningsOf = (options: Int32Array) => Float64Array.from(options, (option) => payoffs[option]);
  const models = shares.length - 1;
  const utilities = new Array<number>(people * shares.length).fill(Number.NaN);
  const table = tableOf(
    { rows: people, models, attacks: 0, utilities },
    { present, earned: earningsOf(present), metOption, metEarned: earningsOf(metOption), uniforms },
  );
  const chosen = chosenBy(replicator({ kind: "replicator", rate }), table);
  const change = shares.map(
    (_, option) =>
      (chosen.filter((now) => now === option).length - present.filter((was) => was === option).length) / people,
  );
  return { present, chosen, change };
}

const populations = fc.record({
  weights: fc.array(fc.double({ min: 0.2, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
  payoffs: fc
    .array(fc.integer({ min: -10, max: 10 }), { minLength: 4, maxLength: 4 })
    .map((tenths) => tenths.map((tenth) => tenth / 10)),
  rate: fc.double({ min: 0.2, max: 0.49, noNaN: true }),
  seed: fc.nat(1000),
});

describe("replicator", () => {
  it("moves shares by the replicator equation, within four standard errors", () => {
    fc.assert(
      fc.property(populations, ({ weights, payoffs, rate, seed }) => {
        const sum = weights.reduce((left, right) => left + right, 0);
        const shares = weights.map((weight) => weight / sum);
        const average = shares.reduce((total, share, option) => total + share * payoffs[option], 0);
        const { change } = oneRound(shares, payoffs, rate, seed);
        for (const [option, moved] of change.entries()) {
          const expected = rate * shares[option] * (payoffs[option] - average);
          // Chance that somebody comes to the option or leaves it.
          const moves = shares.reduce(
            (total, share, other) => total + share * shares[option] * rate * Math.abs(payoffs[option] - payoffs[other]),
            0,
          );
          expect(Math.abs(moved - expected)).toBeLessThanOrEqual(
            4 * Math.sqrt((moves - expected ** 2) / people) + 1e-12,
          );
        }
      }),
      { numRuns: 12, seed: 6 },
    );
  });

  it("rests where all earn the same, and where all do the same", () => {
    for (const [shares, payoffs] of [
      [
        [0.2, 0.3, 0.5],
        [0.7, 0.7, 0.7],
      ],
      [
        [0, 1, 0],
        [3, -1, 2],
      ],
    ]) {
      const { present, chosen } = oneRound(shares, payoffs, 1, 3);
      expect(chosen).toEqual([...present]);
    }
  });

  it("never takes up what nobody does, nor what earns less", () => {
    const { present, chosen } = oneRound([0.5, 0.5, 0], [0, 1, 9], 0.6, 8);
    expect(chosen.includes(2)).toBe(false);
    expect(present.every((option, row) => option === 0 || chosen[row] === 1)).toBe(true);
    expect(chosen.filter((option, row) => option !== present[row]).length).toBeGreaterThan(people / 10);
  });
});
