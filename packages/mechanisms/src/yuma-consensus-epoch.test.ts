import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type YumaRule, yumaEpoch } from "./yuma-consensus-epoch.ts";

/** Values of an epoch, each with how many epochs in a row it holds. */
type Runs<Value> = readonly (readonly [number, Value])[];

interface PublishedCase {
  readonly name: string;
  readonly winnerTakesAll: boolean;
  readonly weights: Runs<number[][]>;
  readonly stakes: Runs<number[]>;
  readonly outcomes: readonly {
    readonly bonds: YumaRule["bonds"];
    readonly bondPenalty: number;
    readonly bondAlpha: number;
    readonly dividends: Runs<number[]>;
    readonly incentives: Runs<number[]>;
  }[];
}

/** What bactensor/yuma-simulation makes of its own cases (fixtures/yuma-cases.py). */
const cases = JSON.parse(
  readFileSync(new URL("./fixtures/generated/yuma-cases.json", import.meta.url), "utf8"),
) as PublishedCase[];

const unrolled = <Value>(runs: Runs<Value>): Value[] =>
  runs.flatMap(([times, value]) => new Array<Value>(times).fill(value));

const rule: YumaRule = {
  kappa: 0.5,
  bondPenalty: 1,
  bondAlpha: 0.1,
  bonds: "moving-average",
  normalizeConsensus: false,
  winnerTakesAll: false,
};

const inputsOf = (weights: readonly (readonly number[])[], stakes: readonly number[], bonds?: Float64Array) => ({
  validators: weights.length,
  miners: weights[0].length,
  weights: Float64Array.from(weights.flat()),
  stakes: Float64Array.from(stakes),
  ...(bonds === undefined ? {} : { bonds }),
});

describe("the published cases", () => {
  it("are twenty-two of forty epochs", () => {
    expect(cases).toHaveLength(22);
    for (const { weights, stakes } of cases)
      expect([unrolled(weights), unrolled(stakes)].map(({ length }) => length)).toEqual([40, 40]);
  });

  it.each(cases.map((published) => [published.name, published] as const))("%s", (_, published) => {
    const [weights, stakes] = [unrolled(published.weights), unrolled(published.stakes)];
    for (const { bonds: kind, bondPenalty, bondAlpha, dividends, incentives } of published.outcomes) {
      const changes = { bonds: kind, bondPenalty, bondAlpha, winnerTakesAll: published.winnerTakesAll };
      let bonds: Float64Array | undefined;
      const [expectedDividends, expectedIncentives] = [unrolled(dividends), unrolled(incentives)];
      for (let epoch = 0; epoch < 40; epoch++) {
        const outcome = yumaEpoch(inputsOf(weights[epoch], stakes[epoch], bonds), {
          ...rule,
          ...changes,
          normalizeConsensus: true,
        });
        bonds = outcome.bonds;
        // Without consensus on anybody the simulation divides by nought, and is undefined from there on (case 21).
        if (outcome.consensus.every((weight) => weight === 0)) {
          expect(published.name).toMatch(/^Case 21/);
          expect(epoch).toBe(8);
          break;
        }
        // The simulation cuts consensus to 16 bits and adds 1e-6 to its divisors.
        for (const [row, share] of expectedDividends[epoch].entries())
          expect(Math.abs(outcome.dividends[row] - share)).toBeLessThan(1e-4);
        for (const [row, share] of expectedIncentives[epoch].entries())
          expect(Math.abs(outcome.incentive[row] - share)).toBeLessThan(1e-4);
      }
    }
  });
});

describe("by hand", () => {
  it("a minority that moves first earns nothing that epoch, and half of what it votes for is not trusted", () => {
    // Case 3 in its second epoch: the small validator B alone supports the second miner.
    const { consensus, incentive, validatorTrust, dividends, trust } = yumaEpoch(
      inputsOf(
        [
          [1, 0],
          [0, 1],
          [1, 0],
        ],
        [0.8, 0.1, 0.1],
      ),
      rule,
    );
    expect([...consensus]).toEqual([1, 0]);
    expect([...incentive]).toEqual([1, 0]);
    expect([...validatorTrust]).toEqual([1, 0, 1]);
    expect([...trust]).toEqual([1, 0]);
    expect(dividends[0]).toBeCloseTo(8 / 9, 12);
    expect(dividends[1]).toBe(0);
  });

  it("clips at the weight that half of the stake supports", () => {
    // Case 11: 0.61 is held by 0.02 of the stake, 0.6 by 0.51; of the other column 0.7 by 0.49 and 0.4 by 0.98.
    const { consensus, rank, incentive } = yumaEpoch(
      inputsOf(
        [
          [0.3, 0.7],
          [0.6, 0.4],
          [0.61, 0.39],
        ],
        [0.49, 0.49, 0.02],
      ),
      rule,
    );
    expect(consensus[0]).toBeCloseTo(0.6, 12);
    expect(consensus[1]).toBeCloseTo(0.4, 12);
    const ranks = [0.49 * 0.3 + 0.49 * 0.6 + 0.02 * 0.6, 0.49 * 0.4 + 0.49 * 0.4 + 0.02 * 0.39];
    for (const miner of [0, 1]) {
      expect(rank[miner]).toBeCloseTo(ranks[miner], 12);
      expect(incentive[miner]).toBeCloseTo(ranks[miner] / (ranks[0] + ranks[1]), 12);
    }
  });

  it("leaves a weight below consensus as it is: only what is above it is clipped", () => {
    const agreed = [
      [0.5, 0.5],
      [0.5, 0.5],
      [1, 0],
    ];
    const { incentive } = yumaEpoch(inputsOf(agreed, [1, 1, 1]), rule);
    expect(incentive[0]).toBeCloseTo(1.5 / 2.5, 12);
  });
});

/** Weights and stake of up to five validators and miners, with rows and columns of nothing now and then. */
const markets = fc
  .record({ validators: fc.integer({ min: 1, max: 5 }), miners: fc.integer({ min: 1, max: 5 }) })
  .chain(({ validators, miners }) => {
    const weight = fc.oneof(
      fc.constant(0),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.constantFrom(0.25, 0.5, 1),
    );
    const row = fc.array(weight, { minLength: miners, maxLength: miners });
    return fc.record({
      epochs: fc.array(fc.array(row, { minLength: validators, maxLength: validators }), { minLength: 1, maxLength: 6 }),
      stakes: fc.array(fc.double({ min: 0.01, max: 9, noNaN: true }), { minLength: validators, maxLength: validators }),
      kappa: fc.double({ min: 0.05, max: 1, noNaN: true }),
      bondPenalty: fc.double({ min: 0, max: 1, noNaN: true }),
      bondAlpha: fc.double({ min: 0, max: 1, noNaN: true }),
      bonds: fc.constantFrom("moving-average" as const, "relative" as const),
    });
  });

describe("random weights", () => {
  it("give what the definition gives, epoch after epoch", () => {
    fc.assert(
      fc.property(markets, ({ epochs, stakes, ...changes }) => {
        let bonds: Float64Array | undefined;
        let expected: number[][] | undefined;
        for (const weights of epochs) {
          const outcome = yumaEpoch(inputsOf(weights, stakes, bonds), { ...rule, ...changes });
          const reference = byDefinition(weights, stakes, expected, changes);
          bonds = outcome.bonds;
          expected = reference.bonds;
          for (const [miner, share] of reference.incentive.entries())
            expect(outcome.incentive[miner]).toBeCloseTo(share, 9);
          for (const [row, share] of reference.dividends.entries())
            expect(outcome.dividends[row]).toBeCloseTo(share, 9);
          for (const [row, share] of reference.trust.entries())
            expect(outcome.validatorTrust[row]).toBeCloseTo(share, 9);
        }
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it("do not depend on the scale of stake or of rows, nor on the order of validators", () => {
    fc.assert(
      fc.property(
        markets,
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        ({ epochs: [weights], stakes, ...changes }, scale) => {
          const settings = { ...rule, ...changes };
          const one = yumaEpoch(inputsOf(weights, stakes), settings);
          const scaled = yumaEpoch(
            inputsOf(
              weights.map((row) => row.map((weight) => weight * scale)),
              stakes.map((stake) => stake * scale),
            ),
            settings,
          );
          const turned = yumaEpoch(inputsOf([...weights].reverse(), [...stakes].reverse()), settings);
          for (const miner of one.incentive.keys()) {
            expect(scaled.incentive[miner]).toBeCloseTo(one.incentive[miner], 9);
            expect(turned.incentive[miner]).toBeCloseTo(one.incentive[miner], 9);
          }
          const reversed = [...turned.dividends].reverse();
          for (const row of reversed.keys()) expect(reversed[row]).toBeCloseTo(one.dividends[row], 9);
        },
      ),
      { numRuns: 150, seed: 5 },
    );
  });

  it("keep a minority from raising a miner above what the majority gives it", () => {
    fc.assert(
      fc.property(markets, ({ epochs: [weights], stakes, ...changes }) => {
        const settings = { ...rule, ...changes, kappa: 0.5 };
        const sum = stakes.reduce((one, other) => one + other, 0);
        fc.pre(stakes[0] < 0.5 * sum - 1e-9);
        const outcome = yumaEpoch(inputsOf(weights, stakes), settings);
        for (const [miner, limit] of outcome.consensus.entries()) {
          const support = stakes.reduce(
            (held, stake, row) => held + (outcome.weights[row * weights[0].length + miner] >= limit ? stake : 0),
            0,
          );
          const above = stakes.reduce(
            (held, stake, row) => held + (outcome.weights[row * weights[0].length + miner] > limit ? stake : 0),
            0,
          );
          expect(support).toBeGreaterThanOrEqual(0.5 * sum - 1e-9);
          expect(above).toBeLessThan(0.5 * sum + 1e-9);
        }
        // Whatever the first validator sets, no more of its weight counts than consensus without limit of its own.
        const selfish = yumaEpoch(
          inputsOf([weights[0].map((_, miner) => (miner === 0 ? 1 : 0)), ...weights.slice(1)], stakes),
          settings,
        );
        const others = weights.slice(1).map((row) => row[0] / (row.reduce((one, other) => one + other, 0) || 1));
        expect(selfish.consensus[0]).toBeLessThanOrEqual(Math.max(...others, 0) + 1e-12);
      }),
      { numRuns: 200, seed: 6 },
    );
  });
});

/** The rule by its definition, on arrays of arrays: consensus by trying every weight that somebody set. */
function byDefinition(
  set: readonly (readonly number[])[],
  stakes: readonly number[],
  old: number[][] | undefined,
  { kappa, bondPenalty, bondAlpha, bonds: kind }: Pick<YumaRule, "kappa" | "bondPenalty" | "bondAlpha" | "bonds">,
) {
  const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0);
  const share = (values: readonly number[]) => values.map((value) => (sum(values) > 0 ? value / sum(values) : 0));
  const S = share(stakes);
  const W = set.map(share);
  const miners = set[0].map((_, miner) => miner);
  const support = (miner: number, level: number) => sum(S.filter((_, row) => W[row][miner] >= level));
  const C = miners.map((miner) =>
    Math.max(...W.map((row) => row[miner]).filter((level) => support(miner, level) >= kappa - 1e-12)),
  );
  const clipped = W.map((row) => row.map((weight, miner) => Math.min(weight, C[miner])));
  const incentive = share(miners.map((miner) => sum(clipped.map((row, validator) => S[validator] * row[miner]))));
  const columns = (matrix: number[][]) =>
    matrix.map((row) => row.map((entry, miner) => (entry > 0 ? entry / sum(matrix.map((other) => other[miner])) : 0)));
  const bought = columns(
    W.map((row, i) => row.map((weight, j) => S[i] * ((1 - bondPenalty) * weight + bondPenalty * clipped[i][j]))),
  );
  const bonds =
    kind === "relative"
      ? W.map((row, i) =>
          row.map((weight, j) => Math.min(1, (1 - bondAlpha) * (old?.[i][j] ?? 0) + bondAlpha * weight)),
        )
      : bought.map((row, i) => row.map((bond, j) => (old ? bondAlpha * bond + (1 - bondAlpha) * old[i][j] : bond)));
  const held = kind === "relative" ? columns(bonds) : bonds;
  const dividends = share(
    held.map((row, i) => (kind === "relative" ? S[i] : 1) * sum(row.map((bond, j) => bond * incentive[j]))),
  );
  const trust = W.map((row, i) => (sum(row) > 0 ? sum(clipped[i]) / sum(row) : 0));
  return { incentive, bonds, dividends, trust };
}
