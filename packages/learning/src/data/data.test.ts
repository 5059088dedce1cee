/** Data: repeatable by (update, microbatch), splits apart, tokens without loss, and floors that are what they are called. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStreams } from "@shardlab/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planModel } from "../models/registry.ts";
import { type DataSpec, dataSpec, modelSpec, type TokenizerSpec } from "../spec.ts";
import { createTokenizer } from "../tokenizers/registry.ts";
import type { DataSource } from "./data-source.ts";
import { mixtureLossFloor } from "./gaussian-mixture.ts";
import { drawMarkovChain, type MarkovSpec, windowEntropy } from "./markov.ts";
import { createDataSource } from "./registry.ts";

const gpt = (options: object = {}) =>
  modelSpec.parse({ kind: "gpt", layers: 1, width: 8, heads: 1, vocabulary: 256, context: 10, ...options });
const mlp = (options: object = {}) => modelSpec.parse({ kind: "mlp", features: 6, classes: 3, ...options });

interface SourceOptions {
  readonly model?: ReturnType<typeof gpt>;
  readonly tokenizer?: TokenizerSpec;
  readonly seed?: number;
  readonly microbatchSize?: number;
}

function sourceOf(spec: DataSpec, options: SourceOptions = {}): DataSource {
  const { model = gpt(), tokenizer = { kind: "bytes" }, seed = 1, microbatchSize = 3 } = options;
  const plan = planModel(model);
  const { vocabulary } = plan;
  return createDataSource(spec, {
    ...{ plan, microbatchSize, streams: createStreams(seed) },
    tokenizer: (sample) => createTokenizer(tokenizer, { vocabulary, sample }),
  });
}

const training = (update: number, microbatch: number) => ({ split: "training", update, microbatch }) as const;
const heldOut = (microbatch: number) => ({ split: "held-out", update: 0, microbatch }) as const;

describe("microbatches", () => {
  test.each([
    [{ kind: "markov", order: 2, alphabet: 5 }, gpt()],
    [{ kind: "gaussian-mixture" }, mlp()],
    [{ kind: "moby-dick" }, gpt()],
  ])("of %o are the same whoever draws them, and all different", (options, model) => {
    const spec = dataSpec.parse(options);
    const source = sourceOf(spec, { model });
    const ids = [training(0, 0), training(0, 1), training(1, 0), training(123_456, 7), heldOut(0), heldOut(1)];
    const all = ids.map((id) => source.batch(id));
    const others = sourceOf(spec, { model });
    for (const [index, id] of [...ids.entries()].reverse()) expect(others.batch(id)).toEqual(all[index]);
    const texts = all.map(({ tokens, features }) => `${tokens} ${features}`);
    expect(new Set(texts).size).toBe(ids.length);
    expect(sourceOf(spec, { model, seed: 2 }).batch(ids[0])).not.toEqual(all[0]);
    expect(() => source.batch(training(0, 2 ** 20))).toThrow("invalid microbatch: 1048576 of update 0");
  });

  test("predict the next token at each place", () => {
    const { tokens, targets } = sourceOf(dataSpec.parse({ kind: "moby-dick" })).batch(training(3, 0));
    for (let example = 0; example < 3; example++)
      expect(targets.slice(example * 10, example * 10 + 9)).toEqual(tokens.slice(example * 10 + 1, example * 10 + 10));
  });
});

describe("texts", () => {
  const folder = mkdtempSync(join(tmpdir(), "shardlab-text-"));
  const path = join(folder, "text.txt");
  beforeAll(() => writeFileSync(path, `${"a".repeat(700)}${"b".repeat(300)}`));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("keep their splits apart, and use all of each", () => {
    const source = sourceOf(dataSpec.parse({ kind: "local-text", path, heldOut: 0.3 }), { microbatchSize: 500 });
    for (let microbatch = 0; microbatch < 3; microbatch++) {
      const { tokens, targets } = source.batch(training(0, microbatch));
      expect(new Set([...tokens, ...targets])).toEqual(new Set([97]));
      const held = source.batch(heldOut(microbatch));
      expect(new Set([...held.tokens, ...held.targets])).toEqual(new Set([98]));
    }
    writeFileSync(path, Array.from({ length: 40 }, (_, i) => String.fromCharCode(48 + i)).join(""));
    const small = sourceOf(dataSpec.parse({ kind: "local-text", path, heldOut: 0.5 }), { microbatchSize: 500 });
    const { tokens, targets } = small.batch(training(0, 0));
    expect(new Set([...tokens, ...targets]).size).toBe(20);
  });

  test("that are too short or not there are refused", () => {
    writeFileSync(path, "a".repeat(50));
    expect(() => sourceOf(dataSpec.parse({ kind: "local-text", path }))).toThrow(
      "text too short: 5 tokens of held-out data for a context of 10",
    );
    expect(() => sourceOf(dataSpec.parse({ kind: "local-text", path: join(folder, "none") }))).toThrow(
      "unreadable text: ",
    );
    expect(() => sourceOf(dataSpec.parse({ kind: "moby-dick" }), { model: mlp() })).toThrow("unsuitable data: text");
    expect(() => sourceOf(dataSpec.parse({ kind: "moby-dick" }), { model: gpt({ vocabulary: 255 }) })).toThrow(
      "vocabulary too small: 255",
    );
  });

  test("that come with npm are those that they should be", () => {
    const decode = (kind: "moby-dick" | "state-of-the-union", id: ReturnType<typeof heldOut>) =>
      new TextDecoder().decode(
        Uint8Array.from(
          sourceOf(dataSpec.parse({ kind }), { model: gpt({ context: 4000 }), microbatchSize: 8 }).batch(id).tokens,
        ),
      );
    expect(decode("moby-dick", heldOut(0))).toMatch(/whale|Ahab/i);
    // The last tenth of the addresses was held in our time.
    expect(decode("state-of-the-union", heldOut(0))).toMatch(/America|jobs|terror|economy/);
  });
});

describe("tokenizers", () => {
  const text = "The whale, the whale! Café, naïve — \u{1F433} <|endoftext|> the whale.\n";

  test("give any text back", () => {
    for (const kind of ["bytes", "byte-pair-encoding"] as const) {
      for (const vocabulary of [256, 260, 1000]) {
        const tokenizer = createTokenizer({ kind }, { vocabulary, sample: () => text.repeat(3) });
        const ids = tokenizer.encode(`${text} unseen words: zygote \u{1F9EA}`);
        expect(tokenizer.decode(ids)).toBe(`${text} unseen words: zygote \u{1F9EA}`);
        expect(Math.max(...ids)).toBeLessThan(tokenizer.vocabulary);
        expect(tokenizer.vocabulary).toBeLessThanOrEqual(vocabulary);
      }
    }
  });

  test("keep the most frequent tokens of the sample", () => {
    const tokenizer = createTokenizer({ kind: "byte-pair-encoding" }, { vocabulary: 258, sample: () => text });
    // " whale" and " the" are GPT-2's tokens that come most often, the latter of lower rank.
    expect([...tokenizer.encode("the whale the whale")].filter((id) => id >= 256).length).toBeGreaterThan(1);
    expect(tokenizer.decode([256])).toBe(" whale");
    expect(tokenizer.decode([257])).toBe(" the");
    const bytesOnly = createTokenizer({ kind: "byte-pair-encoding" }, { vocabulary: 256, sample: () => text });
    expect([...bytesOnly.encode(text)]).toEqual([...new TextEncoder().encode(text)]);
    expect(() => createTokenizer({ kind: "byte-pair-encoding" }, { vocabulary: 255, sample: () => text })).toThrow(
      "vocabulary too small: 255",
    );
  });
});

describe("Markov chains", () => {
  const spec = (options: object) => dataSpec.parse({ kind: "markov", ...options }) as MarkovSpec;

  test("have the stationary distribution that their transitions leave as it is", () => {
    for (const [alphabet, order] of [
      [2, 1],
      [5, 3],
      [16, 2],
    ]) {
      const chain = drawMarkovChain(spec({ alphabet, order }), createStreams(4));
      const contexts = chain.stationary.length;
      expect(contexts).toBe(alphabet ** order);
      expect(chain.stationary.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      const after = new Float64Array(contexts);
      chain.transitions.forEach((share, i) => {
        after[i % contexts] += chain.stationary[Math.floor(i / alphabet)] * share;
      });
      after.forEach((share, context) => {
        expect(Math.abs(share - chain.stationary[context])).toBeLessThan(1e-12);
      });
    }
  });

  test("of two symbols have the entropy of the closed form", () => {
    const chain = drawMarkovChain(spec({ alphabet: 2, concentration: 1 }), createStreams(9));
    const [a, b] = [chain.transitions[1], chain.transitions[2]];
    const binary = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    // Stationary shares b / (a + b) and a / (a + b) when 0 turns to 1 with a, and 1 to 0 with b.
    expect(chain.entropyRate).toBeCloseTo((b * binary(a) + a * binary(b)) / (a + b), 10);
  });

  test("have the block entropies of their windows", () => {
    // By the chain rule the entropies of the targets given what is before them are differences of entropies of blocks, which are summed
    // here over all blocks.
    const chain = drawMarkovChain(spec({ alphabet: 3, order: 2 }), createStreams(6));
    const { alphabet, stationary, transitions } = chain;
    const blockEntropy = (length: number): number => {
      let blocks = stationary.slice();
      for (let extra = 2; extra < length; extra++)
        blocks = Float64Array.from({ length: blocks.length * alphabet }, (_, i) => {
          const before = Math.floor(i / alphabet);
          return blocks[before] * transitions[(before % stationary.length) * alphabet + (i % alphabet)];
        });
      if (length === 1) {
        const single = new Float64Array(alphabet);
        stationary.forEach((share, i) => {
          single[i % alphabet] += share;
        });
        blocks = single;
      }
      return -blocks.reduce((sum, share) => sum + share * Math.log(share), 0);
    };
    for (const length of [1, 2, 3, 6])
      expect(windowEntropy(chain, length)).toBeCloseTo((blockEntropy(length + 1) - blockEntropy(1)) / length, 10);
  });

  test("come up as often as they should", () => {
    const options = spec({ alphabet: 4, order: 2, concentration: 1 });
    const model = gpt({ vocabulary: 4, context: 50 });
    const source = sourceOf(options, { model, microbatchSize: 40, seed: 3 });
    const chain = drawMarkovChain(options, createStreams(3));
    const counts = new Float64Array(64);
    const rounds = 20;
    for (let update = 0; update < rounds; update++) {
      const { tokens, targets } = source.batch(training(update, 0));
      for (let i = 0; i < tokens.length; i++)
        if (i % 50 > 0) counts[(tokens[i - 1] * 4 + tokens[i]) * 4 + targets[i]] += 1;
    }
    for (let context = 0; context < 16; context++) {
      const total = counts.slice(context * 4, context * 4 + 4).reduce((sum, count) => sum + count, 0);
      for (let symbol = 0; symbol < 4; symbol++) {
        const p = chain.transitions[context * 4 + symbol];
        const error = Math.sqrt((p * (1 - p)) / total);
        expect(Math.abs(counts[context * 4 + symbol] / total - p)).toBeLessThan(4 * error);
      }
    }
  });

  test("are refused where the model cannot read them", () => {
    expect(() => sourceOf(spec({ alphabet: 300 }))).toThrow("unsuitable data: markov has 300 symbols");
    expect(() => sourceOf(spec({}), { model: mlp() })).toThrow("unsuitable data: markov");
    expect(() => spec({ alphabet: 100, order: 3 })).toThrow("expected at most 65536 contexts");
  });
});

describe("Gaussian mixtures", () => {
  test("have the least loss that their posterior reaches", () => {
    // The loss of the true posterior on data drawn, against the integral: the posterior is a softmax of separation times projections.
    const model = mlp({ features: 9, classes: 4 });
    const separation = 1.7;
    const source = sourceOf(dataSpec.parse({ kind: "gaussian-mixture", separation }), { model, microbatchSize: 4000 });
    // Means, estimated from data of their own.
    const means = Array.from({ length: 4 }, () => new Float64Array(9));
    const totals = [0, 0, 0, 0];
    for (let update = 0; update < 40; update++) {
      const { features, targets } = source.batch(training(update, 0));
      targets.forEach((target, example) => {
        totals[target] += 1;
        for (let i = 0; i < 9; i++) means[target][i] += features[example * 9 + i];
      });
    }
    means.forEach((mean, target) => {
      mean.forEach((value, i) => {
        mean[i] = value / totals[target];
      });
      expect(Math.abs(Math.hypot(...mean) - separation)).toBeLessThan(4 * Math.sqrt(10 / totals[target]));
      expect(Math.abs(totals[target] / 160_000 - 1 / 4)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 160_000));
    });
    let [sum, squares, count] = [0, 0, 0];
    for (let microbatch = 0; microbatch < 20; microbatch++) {
      const { features, targets } = source.batch(heldOut(microbatch));
      targets.forEach((target, example) => {
        const x = features.subarray(example * 9, example * 9 + 9);
        const logits = means.map((mean) => mean.reduce((total, value, i) => total + value * (x[i] - value / 2), 0));
        const loss = Math.log(logits.reduce((total, logit) => total + Math.exp(logit - logits[target]), 0));
        sum += loss;
        squares += loss * loss;
        count += 1;
      });
    }
    const error = Math.sqrt((squares / count - (sum / count) ** 2) / count);
    expect(source.lossFloor).toBe(mixtureLossFloor(separation, 4));
    expect(Math.abs(sum / count - mixtureLossFloor(separation, 4))).toBeLessThan(4 * error);
  });

  test("that overlap wholly or not at all have the least losses of the limits", () => {
    expect(mixtureLossFloor(0, 5)).toBe(Math.log(5));
    expect(mixtureLossFloor(1e-3, 5)).toBeCloseTo(Math.log(5), 5);
    expect(Math.abs(mixtureLossFloor(8, 3))).toBeLessThan(1e-6);
    // No loss is below 0, however much rounding errors of 65,536 classes add up to.
    expect(mixtureLossFloor(20, 65_536)).toBeGreaterThanOrEqual(0);
  });

  test("of two classes have the loss of logistic regression's integral", () => {
    // log(1 + exp(-2 d^2 t)), with d t normal: the difference of the logits is separation (x_c - x_other), of mean s^2, variance 2 s^2.
    const s = 1.3;
    let sum = 0;
    for (let z = -9; z <= 9; z += 1e-3)
      sum +=
        (1e-3 * Math.exp((-z * z) / 2) * Math.log1p(Math.exp(-(s * s + Math.SQRT2 * s * z)))) / Math.sqrt(2 * Math.PI); // prettier-ignore
    expect(mixtureLossFloor(s, 2)).toBeCloseTo(sum, 9);
  });

  test("are refused where means do not fit, and by models of tokens", () => {
    const spec = dataSpec.parse({ kind: "gaussian-mixture" });
    expect(() => sourceOf(spec, { model: mlp({ features: 2 }) })).toThrow("3 orthogonal means in 2 dimensions");
    expect(() => sourceOf(spec)).toThrow("unsuitable data: gaussian-mixture (the model reads tokens)");
  });
});
