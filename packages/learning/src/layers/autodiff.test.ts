/** Layers against tfjs's own derivatives of the same functions, written with other operations. */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStreams } from "@shardlab/random";
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, openBackend } from "../backends/index.ts";
import { attention, attentionTables } from "./attention.ts";
import { convolution } from "./convolution.ts";
import { crossEntropy, crossEntropyGradient } from "./cross-entropy.ts";
import { feedForward } from "./feed-forward.ts";
import type { Layer } from "./layer.ts";
import { layerNorm, rmsNorm } from "./normalization.ts";

/** tfjs-core registers no derivatives under Node; they are in a file of it, which Node cannot import as it is. */
async function registerGradients(folder: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const core = require.resolve("@tensorflow/tfjs-core/package.json").replace(/package\.json$/, "");
  const outfile = join(folder, "gradients.cjs");
  await build({
    ...{
      entryPoints: [`${core}dist/register_all_gradients.js`],
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
    },
    logLevel: "silent",
  });
  require(outfile);
}

describe("derivatives by tfjs", () => {
  let backend: Backend;
  const folder = mkdtempSync(join(tmpdir(), "shardlab-gradients-"));
  beforeAll(async () => {
    backend = await openBackend({ kind: "cpu" });
    await registerGradients(folder);
  });
  afterAll(() => {
    backend.dispose();
    rmSync(folder, { recursive: true });
  });

  const draw = (name: string, shapes: readonly (readonly number[])[]): Tensor[] => {
    const stream = createStreams(21).stream(name);
    return shapes.map((shape) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return backend.tf.tensor(
        Float32Array.from({ length: size }, () => stream.normal(0, 0.7)),
        [...shape],
      );
    });
  };

  function expectAlike(found: readonly Tensor[], expected: readonly Tensor[]): void {
    expect(found.length).toBe(expected.length);
    for (const [index, tensor] of found.entries()) {
      const [own, other] = [tensor.dataSync(), expected[index].dataSync()];
      expect(own.length).toBe(other.length);
      const scale = Math.max(...other.map(Math.abs), 1e-3);
      own.forEach((value, i) => {
        expect(Math.abs(value - other[i])).toBeLessThan(1e-4 * scale);
      });
    }
  }

  /** A layer of inputs [x, ...weights] against the derivatives of `formula`, both for the same gradient of the output. */
  function compare(
    name: string,
    layer: Layer,
    inputs: readonly Tensor[],
    formula: (...inputs: Tensor[]) => Tensor,
  ): void {
    const { tf } = backend;
    const [x, ...weights] = inputs;
    const { y, saved } = layer.forward(weights, x);
    const [dy] = draw(`${name} dy`, [y.shape]);
    const { dx, gradients } = layer.backward(weights, dy, saved);
    const { grads, value } = tf.valueAndGrads((...all: Tensor[]) => formula(...all))([...inputs], dy);
    expectAlike([y, dx, ...gradients], [value, ...grads]);
  }

  test("normalisation", () => {
    const { tf } = backend;
    compare("rms", rmsNorm(backend), draw("rms", [[5, 7], [7]]), (x, gain) =>
      tf.div(tf.mul(x, gain), tf.sqrt(tf.add(tf.div(tf.sum(tf.mul(x, x), 1, true), 7), 1e-5))),
    );
    compare("layer", layerNorm(backend), draw("layer", [[5, 7], [7], [7]]), (x, gain, bias) => {
      const mean = tf.div(tf.sum(x, 1, true), 7);
      const variance = tf.sub(tf.mean(tf.mul(x, x), 1, true), tf.mul(mean, mean));
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gain), bias);
    });
  });

  test("feed-forward networks", () => {
    const { tf } = backend;
    compare(
      "gelu",
      feedForward(backend, "gelu"),
      draw("gelu", [
        [4, 5],
        [5, 9],
        [9, 5],
      ]),
      (x, into, out) => {
        const h = tf.matMul(x as Tensor2D, into as Tensor2D);
        const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(h, tf.mul(0.044715, tf.mul(h, tf.mul(h, h)))));
        return tf.matMul(tf.mul(tf.mul(0.5, h), tf.add(1, tf.tanh(inner))) as Tensor2D, out as Tensor2D);
      },
    ); // prettier-ignore
    compare(
      "swiglu",
      feedForward(backend, "swiglu"),
      draw("swiglu", [
        [4, 5],
        [5, 12],
        [6, 5],
      ]),
      (x, into, out) => {
        const gate = tf.matMul(x as Tensor2D, tf.slice(into as Tensor2D, [0, 0], [5, 6]));
        const up = tf.matMul(x as Tensor2D, tf.slice(into as Tensor2D, [0, 6], [5, 6]));
        return tf.matMul(tf.mul(tf.mul(gate, tf.sigmoid(gate)), up) as Tensor2D, out as Tensor2D);
      },
    ); // prettier-ignore
  });

  test("attention, head by head", () => {
    const { tf } = backend;
    const sizes = { heads: 4, keyValueHeads: 2, headWidth: 4, context: 6, positions: "rotary" } as const;
    const layer = attention(backend, sizes, attentionTables(backend, sizes));
    // Rotation as a product with a matrix of its own for each position.
    const rotation = (position: number) => {
      const matrix = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
      for (const i of [0, 1]) {
        const angle = position * 10_000 ** (-i / 2);
        matrix[i][i] = matrix[i + 2][i + 2] = Math.cos(angle);
        matrix[i][i + 2] = Math.sin(angle);
        matrix[i + 2][i] = -Math.sin(angle);
      }
      return tf.tensor2d(matrix);
    };
    const rotated = (x: Tensor2D) =>
      tf.concat(
        Array.from({ length: 6 }, (_, position) => tf.matMul(tf.slice(x, [position, 0], [1, 4]), rotation(position))),
        0,
      ); // prettier-ignore
    const look = tf.linalg.bandPart(tf.ones([6, 6]), -1, 0);
    const inputs = draw("attention", [
      [12, 8],
      [8, 32],
      [16, 8],
    ]); // prettier-ignore
    compare("attention", layer, inputs, (x, into, out) => {
      const sequences = [0, 1].map((sequence) => {
        const own = tf.matMul(tf.slice(x as Tensor2D, [6 * sequence, 0], [6, 8]), into as Tensor2D);
        const head = (index: number) => tf.slice(own, [0, 4 * index], [6, 4]) as Tensor2D;
        const mixed = [0, 1, 2, 3].map((index) => {
          const group = Math.floor(index / 2);
          const scores = tf.div(tf.matMul(rotated(head(index)), rotated(head(4 + group)), false, true), 2);
          const weights = tf.mul(tf.exp(scores), look);
          return tf.matMul(tf.div(weights, tf.sum(weights, 1, true)), head(6 + group));
        });
        return tf.matMul(tf.concat(mixed, 1), out as Tensor2D);
      });
      return tf.concat(sequences, 0);
    });
  });

  test("convolutions", () => {
    const { tf } = backend;
    const layer = convolution(backend, { imageSize: 4, inputs: 2 });
    compare("convolution", layer, draw("convolution", [[3, 32], [18, 5], [5]]), (x, kernel, bias) => {
      const images = tf.reshape(x, [3, 4, 4, 2]) as Tensor4D;
      const filter = tf.reshape(kernel, [3, 3, 2, 5]) as Tensor4D;
      return tf.reshape(tf.relu(tf.add(tf.conv2d(images, filter, 1, "same"), bias)), [3, 80]);
    });
  });

  test("cross-entropy", () => {
    const { tf } = backend;
    const [logits] = draw("logits", [[6, 5]]);
    const targets = tf.tensor1d([0, 4, 2, 2, 1, 3], "int32");
    const { loss, shares } = crossEntropy(tf, logits as Tensor2D, targets);
    const { value, grads } = tf.valueAndGrads((x: Tensor) =>
      tf.mul(-1 / 6, tf.sum(tf.mul(tf.logSoftmax(x), tf.cast(tf.oneHot(targets, 5), "float32")))),
    )([logits]);
    expectAlike([loss, crossEntropyGradient(tf, shares, targets)], [value, ...grads]);
  });
});
