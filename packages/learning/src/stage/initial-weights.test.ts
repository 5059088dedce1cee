/** First weights: spread as their plan says, from streams that no other parameter shares. */
import { createStreams } from "@shardlab/random";
import { describe, expect, test } from "vitest";
import { planModel } from "../models/registry.ts";
import { type ModelSpec, modelSpec } from "../spec.ts";
import { modelParameters } from "../stage-costs.ts";
import { initialWeights } from "./initial-weights.ts";

const gpt = modelSpec.parse({
  kind: "gpt",
  layers: 3,
  width: 48,
  heads: 4,
  positions: "learned",
  norm: "layer",
  activation: "swiglu",
});
const mlp = modelSpec.parse({ kind: "mlp", features: 50, width: 40, layers: 2 });
const convolutional = modelSpec.parse({ kind: "convolutional", channels: 12, layers: 2 });

/** Standard deviations by hand: 1 / sqrt(inputs), less by sqrt(2 layers) where a transformer adds to its stream; He's with relu. */
const expected: readonly (readonly [ModelSpec, RegExp, number])[] = [
  [gpt, /^embedding\.|^head\.weights/, 0.02],
  [gpt, /attention\.query-key-value$|feed-forward\.in$/, 1 / Math.sqrt(48)],
  [gpt, /attention\.out$/, 1 / Math.sqrt(48 * 6)],
  [gpt, /feed-forward\.out$/, 1 / Math.sqrt(128 * 6)],
  [mlp, /^input\.weights$/, Math.sqrt(2 / 50)],
  [mlp, /^blocks.*weights$/, Math.sqrt(2 / 40)],
  [mlp, /^head\.weights$/, 1 / Math.sqrt(40)],
  [convolutional, /^input\.weights$/, Math.sqrt(2 / 9)],
  [convolutional, /^blocks.*weights$/, Math.sqrt(2 / 108)],
  [convolutional, /^head\.weights$/, 1 / Math.sqrt(768)],
];

const parametersOf = (model: ModelSpec) => modelParameters(planModel(model));

describe("first weights", () => {
  test.each(expected)("%o %s", (model, pattern, deviation) => {
    const chosen = parametersOf(model).filter(({ name }) => pattern.test(name));
    expect(chosen.length).toBeGreaterThan(0);
    for (const plan of chosen) {
      const values = initialWeights(plan, createStreams(17), undefined);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.abs(mean)).toBeLessThan((4 * deviation) / Math.sqrt(values.length));
      expect(Math.abs(variance / deviation ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
    }
  });

  test("gains are 1 and biases 0", () => {
    for (const plan of [gpt, mlp, convolutional].flatMap(parametersOf)) {
      if (!/gain$|bias$/.test(plan.name)) continue;
      const values = new Set(initialWeights(plan, createStreams(17), undefined));
      expect(values).toEqual(new Set([plan.name.endsWith("gain") ? 1 : 0]));
    }
  });

  test("no two parameters begin alike, and another model of the same names begins the same", () => {
    const first = (model: ModelSpec) =>
      parametersOf(model)
        .filter(({ initial }) => "standardDeviation" in initial)
        .map((plan) => [plan.name, initialWeights(plan, createStreams(17), undefined)[0]] as const);
    const all = first(gpt);
    expect(new Set(all.map(([, value]) => value)).size).toBe(all.length);
    const deeper = new Map(first(modelSpec.parse({ ...gpt, layers: 9 })));
    for (const [name, value] of all) if (!name.endsWith(".out")) expect(deeper.get(name)).toBe(value);
  });
});
