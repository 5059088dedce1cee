/** Costs by formula against real shards, counted products and closed forms. */
import { execFileSync } from "node:child_process";
import type { Tensor } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "./backends/index.ts";
import { planModel } from "./models/registry.ts";
import { type ModelSpec, modelSpec, optimizerSpec } from "./spec.ts";
import { asFloats } from "./stage/as-floats.ts";
import { MemoryCheckpointStore } from "./stage/checkpoint-store.ts";
import { MemoryTensorStore } from "./stage/memory-tensor-store.ts";
import { readShard } from "./stage/shard-file.ts";
import { createStageCompute } from "./stage/stage-trainer.ts";
import { microbatchTokensOf, type StageCost, stageCosts } from "./stage-costs.ts";
import { cutIntoStages } from "./stage-cut.ts";

const gpt = (options: object = {}) =>
  modelSpec.parse({ kind: "gpt", layers: 5, width: 12, heads: 6, vocabulary: 16, context: 4, ...options });
const mlp = modelSpec.parse({ kind: "mlp", features: 9, layers: 4, width: 7, classes: 3 });
const convolutional = modelSpec.parse({
  kind: "convolutional",
  imageSize: 3,
  imageChannels: 2,
  layers: 4,
  channels: 5,
  classes: 4,
});
const optimizer = optimizerSpec.parse({ kind: "adam-w" });
const microbatchSize = 3;

/** A backend that counts the operations of its products, 2 m n k each; a row of ones times a matrix is a sum, and is not one. */
function counting(backend: Backend): { backend: Backend; flop: () => number } {
  let flop = 0;
  const count = (a: Tensor, product: Tensor, transposeA = false) => {
    if (a.shape.at(-2) !== 1) flop += 2 * product.size * (a.shape.at(transposeA ? -2 : -1) as number);
  };
  const counted: Backend = {
    ...backend,
    matMul: (a, b, transposeA, transposeB) => {
      const product = backend.matMul(a, b, transposeA, transposeB);
      count(a, product, transposeA);
      return product;
    },
    batchMatMul: (a, b, transposeA, transposeB) => {
      const product = backend.batchMatMul(a, b, transposeA, transposeB);
      count(a, product, transposeA);
      return product;
    },
  };
  return { backend: counted, flop: () => flop };
}

describe("costs of stages", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await openBackend({ kind: "cpu" });
  });
  afterAll(() => backend.dispose());

  async function expectReal(model: ModelSpec, stages: number, recompute: boolean): Promise<void> {
    const { backend: counted, flop } = counting(backend);
    const store = new MemoryTensorStore();
    const computes = stageCosts(model, { stages, microbatchSize, optimizer, recompute }).map((cost) => ({
      cost,
      compute: createStageCompute({
        ...{ backend: counted, model, seed: 1, store, checkpoints: new MemoryCheckpointStore() },
        ...{ activations: asFloats, gradients: asFloats },
        training: {
          data:
            model.kind === "gpt"
              ? { kind: "markov", alphabet: 4, order: 1, concentration: 1 }
              : { kind: "gaussian-mixture", separation: 1 },
          ...{ tokenizer: { kind: "bytes" }, microbatchSize, optimizer, recompute, updates: 1 },
        },
      }),
    }));
    const id = { update: 0, microbatch: 0, split: "training" } as const;
    let input: Awaited<ReturnType<(typeof computes)[0]["compute"]["run"]>> = { flop: 0 };
    for (const [stage, { compute, cost }] of computes.entries()) {
      const opened = await compute.run({ kind: "open", stage, stages, source: { from: "initial" } });
      expect(opened.elementCount).toBe(cost.gradientElementCount);
      expect(opened.tiedElementCount).toBe(cost.tiedElementCount);
      const before = flop();
      input = await compute.run({ kind: "forward", ...(input.output && { input: input.output }), ...id });
      expect(input.flop).toBe(cost.forwardFlop);
      expect(flop() - before).toBe(cost.forwardFlop);
      expect(input.output === undefined ? 0 : input.output.bytes / 4).toBe(cost.boundaryElements);
    }
    expect(input.tokens).toBe(microbatchTokensOf(model, microbatchSize));
    let output: typeof input = { flop: 0 };
    for (const { compute, cost } of [...computes].reverse()) {
      const before = flop();
      output = await compute.run({ kind: "backward", ...(output.output && { gradient: output.output }), ...id });
      expect(output.flop).toBe(cost.backwardFlop);
      expect(flop() - before).toBe(cost.backwardFlop);
    }
    for (const { compute, cost } of computes) {
      const { output: snapshot } = await compute.run({ kind: "snapshot" });
      const tensors = [...readShard(store.bytesOf(snapshot as never)).tensors];
      const elements = (begin: string) =>
        tensors.reduce((sum, [name, { length }]) => sum + (name.startsWith(begin) ? length : 0), 0);
      expect(elements("weights ")).toBe(cost.parameterCount);
      expect(4 * elements("memory ")).toBe(cost.optimizerStateBytes);
      compute.dispose();
    }
  }

  test.each([
    ["a transformer", gpt()],
    ["with grouped queries", gpt({ keyValueHeads: 2, activation: "swiglu", norm: "layer", positions: "learned" })],
    ["with a tied head", gpt({ head: "tied" })],
    ["a perceptron", mlp],
    ["convolutions", convolutional],
  ])("are those of real shards: %s", async (_name, model) => {
    for (const stages of [1, 2, 4]) for (const recompute of [false, true]) await expectReal(model, stages, recompute);
  });

  test("of GPT-2 without biases are the published ones", () => {
    // 12 layers of width 768: 124,439,808 parameters (Radford et al.), of which 82,944 are biases of matrices:
    // 12 (2304 + 768 + 3072 + 768).
    const model = gpt({
      layers: 12,
      width: 768,
      heads: 12,
      vocabulary: 50_257,
      context: 1024,
      norm: "layer",
      positions: "learned",
      head: "tied",
    });
    const [cost] = stageCosts(model, { stages: 1, microbatchSize: 1, optimizer });
    expect(cost.parameterCount).toBe(124_439_808 - 82_944);
    // Forward 2 N a token for matrices and head, and 4 context width a layer for attention.
    const matrices = 12 * 12 * 768 * 768 + 50_257 * 768;
    expect(cost.forwardFlop).toBe(1024 * (2 * matrices + 12 * 4 * 1024 * 768));
    expect(cost.backwardFlop).toBe(2 * cost.forwardFlop);
  });

  test("refuse more stages than blocks", () => {
    expect(() => stageCosts(gpt(), { stages: 6, microbatchSize, optimizer })).toThrow(
      "too many stages: 6 (the model has 5 blocks",
    );
    expect(() => cutIntoStages(planModel(mlp), 0)).toThrow("invalid stages: 0");
  });

  /** The least cost of the dearest stage, over all ways to cut. */
  function bottleneck(costs: readonly number[], stages: number): number {
    if (stages === 1) return costs.reduce((sum, cost) => sum + cost, 0);
    let least = Number.POSITIVE_INFINITY;
    for (let end = 1; end <= costs.length - stages + 1; end++) {
      const first = costs.slice(0, end).reduce((sum, cost) => sum + cost, 0);
      least = Math.min(least, Math.max(first, bottleneck(costs.slice(end), stages - 1)));
    }
    return least;
  }

  test("are as even as whole blocks allow", () => {
    for (const vocabulary of [2, 500, 20_000]) {
      for (let stages = 1; stages <= 7; stages++) {
        const model = gpt({ layers: 7, vocabulary });
        const whole = (cost: StageCost) => cost.forwardFlop + cost.backwardFlop;
        const perBlock = stageCosts(model, { stages: 7, microbatchSize: 1, optimizer }).map(whole);
        const cut = stageCosts(model, { stages, microbatchSize: 1, optimizer });
        expect(Math.max(...cut.map(whole))).toBe(bottleneck(perBlock, stages));
        expect(cut.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(7);
        expect(Math.min(...cut.map(({ blocks }) => blocks))).toBeGreaterThan(0);
      }
    }
  });
});

test("costs and spec load no tensor library", () => {
  const dist = new URL("../dist/", import.meta.url).pathname;
  const script = `
    const { modelSpec, learningFields } = await import("${dist}spec.js");
    const { stageCosts } = await import("${dist}stage-costs.js");
    stageCosts(modelSpec.parse({ kind: "gpt" }), { stages: 2, microbatchSize: 1, optimizer: learningFields.optimizer.parse(undefined) });
    // tfjs-core leaves its engine there when it is loaded.
    console.log(JSON.stringify(globalThis._tfengine === undefined));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(JSON.parse(output)).toBe(true);
});
