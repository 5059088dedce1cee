import { describe, expect, test } from "vitest";
import { economyWith, modelWith } from "./fixtures/small-economy.ts";
import { modelTerms, trainedLoss, trainingFlopPerToken, untrainedLoss } from "./model-plan.ts";
import { denseEquivalentParameters, effectiveTokens, lossOf, scalingLaws } from "./scaling-law.ts";

describe("the law as first published", () => {
  const law = scalingLaws["hoffmann-2022"];

  // Worked out in "chinchilla's wild implications" (nostalgebraist 2022) from terms rounded to three digits.
  test.each([
    ["Chinchilla", 70e9, 1.4e12, 1.936],
    ["Gopher", 280e9, 300e9, 1.993],
  ])("gives the published loss of %s", (_, parameters, tokens, loss) => {
    expect(Math.abs(lossOf(law, parameters, tokens) - loss)).toBeLessThan(1e-3);
  });

  test("tends to the irreducible loss, and to nothing finite without tokens", () => {
    expect(lossOf(law, 1e40, 1e40)).toBeCloseTo(1.69, 6);
    expect(lossOf(law, 1e9, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

test("the refit makes 20 tokens per parameter optimal near Chinchilla's budget", () => {
  // Besiroglu et al. 2024 report that their fit agrees with the policy of about 20 tokens per parameter.
  const compute = 6 * 70e9 * 1.4e12;
  const law = scalingLaws["chinchilla-refit"];
  const lossAt = (ratio: number) => {
    const parameters = Math.sqrt(compute / 6 / ratio);
    return lossOf(law, parameters, ratio * parameters);
  };
  expect(lossAt(20)).toBeLessThan(lossAt(5));
  expect(lossAt(20)).toBeLessThan(lossAt(80));
});

describe("repeated data", () => {
  test("counts whole until the first repetition", () => {
    expect(effectiveTokens(5e9, 1e10)).toBe(5e9);
    expect(effectiveTokens(1e10, 1e10)).toBe(1e10);
    expect((effectiveTokens(1.001e10, 1e10) - 1e10) / 1e7).toBeCloseTo(1, 3);
  });

  test("four epochs are worth most of four, and forty far less than forty", () => {
    // Muennighoff et al. 2023: "up to 4 epochs ... negligible changes to loss"; returns vanish beyond 16 or so.
    expect(effectiveTokens(4e9, 1e9)).toBeGreaterThan(3.7e9);
    expect(effectiveTokens(40e9, 1e9)).toBeLessThan(17e9);
  });

  test("repeated for ever is worth 1 + R* times the distinct tokens", () => {
    expect(effectiveTokens(1e15, 1e9) / 1e9).toBeCloseTo(1 + 15.387756, 9);
  });
});

describe("a plan in work", () => {
  const plan = { parameters: 400e9, activeParameters: 17e9, recomputation: false };

  test("counts active parameters, 6 FLOP a token and 8 with recomputation", () => {
    expect(trainingFlopPerToken(plan)).toBe(6 * 17e9);
    expect(trainingFlopPerToken({ ...plan, recomputation: true })).toBe(8 * 17e9);
    expect(trainingFlopPerToken({ parameters: 8e9, recomputation: false })).toBe(6 * 8e9);
  });

  test("a sparse model counts as the geometric mean of its parameters, a dense one as itself", () => {
    expect(denseEquivalentParameters(400e9, 16e9)).toBeCloseTo(80e9, 0);
    expect(denseEquivalentParameters(7e9, 7e9)).toBeCloseTo(7e9, 0);
  });

  test("turns tokens into PFLOP and work into the loss of those tokens", () => {
    const spec = economyWith({
      models: [modelWith({ parameters: "10B", targetTokens: "200B", maximumTokens: "400B", publicTokens: "1T" })],
    });
    const terms = modelTerms(spec, spec.models[0]);
    expect(terms.targetWork).toBeCloseTo((8 * 10e9 * 200e9) / 1e15, 3);
    expect(terms.maximumWork).toBeCloseTo(2 * terms.targetWork, 3);
    const law = scalingLaws[spec.scalingLaw];
    expect(trainedLoss(law, terms, terms.targetWork, 1e12)).toBeCloseTo(lossOf(law, 10e9, 200e9), 12);
    // The logarithm of the vocabulary: what a uniform guess costs.
    expect(untrainedLoss).toBeCloseTo(Math.log(50_265), 3);
    expect(trainedLoss(law, terms, 0, 1e12)).toBe(untrainedLoss);
    expect(trainedLoss(law, terms, 1e-9, 1e12)).toBe(untrainedLoss);
  });
});
