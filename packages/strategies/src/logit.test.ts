import { createStreams } from "@shardlab/random";
import { chosenBy, searched, tableOf, tablePlans } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logit } from "./logit.ts";

const draws = 20_000;

/** The same row `draws` times, each with a draw of its own. */
function manyRows(utilities: readonly number[], models: number, attacks: number, seed: number) {
  const uniforms = new Float64Array(draws);
  createStreams(seed).uniformsAcross("logit", 0, 0, uniforms);
  const repeated = Array.from({ length: draws }, () => utilities).flat();
  return tableOf({ rows: draws, models, attacks, utilities: repeated }, { uniforms });
}

describe("logit", () => {
  it("chooses with probabilities proportional to exp(utility / temperature)", () => {
    const shapes = fc.record({
      temperature: fc.double({ min: 0.2, max: 3, noNaN: true }),
      utilities: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 5, maxLength: 5 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(shapes, ({ temperature, utilities, seed }) => {
        // Two models with one attack each, the last of them not open.
        const row = utilities.map((value, index) => (index === 4 ? Number.NEGATIVE_INFINITY : value));
        const weights = row.map((value) => Math.exp(value / temperature));
        const sum = weights.reduce((left, right) => left + right, 0);
        const choice = chosenBy(logit({ kind: "logit", temperature }), manyRows(row, 2, 1, seed));
        for (const [option, weight] of weights.entries()) {
          const [chance, taken] = [weight / sum, choice.filter((one) => one === option).length / draws];
          expect(Math.abs(taken - chance)).toBeLessThanOrEqual(4.5 * Math.sqrt((chance * (1 - chance)) / draws));
        }
      }),
      { numRuns: 12, seed: 4 },
    );
  });

  it("is a best reply without noise", () => {
    fc.assert(
      fc.property(tablePlans, (plan) => {
        const table = tableOf(plan);
        const best = Array.from({ length: table.rows }, (_, row) => searched(table, row, () => true));
        expect(chosenBy(logit({ kind: "logit", temperature: 0 }), table)).toEqual(best);
      }),
      { numRuns: 200 },
    );
  });
});
