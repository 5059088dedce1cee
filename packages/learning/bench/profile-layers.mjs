// How long each kind of layer takes, forward and backward, over all layers of a model.
import { attention, attentionTables } from "../dist/layers/attention.js";
import { crossEntropy, crossEntropyGradient } from "../dist/layers/cross-entropy.js";
import { feedForward } from "../dist/layers/feed-forward.js";
import { rmsNorm } from "../dist/layers/normalization.js";
import { tokenEmbedding } from "../dist/layers/token-embedding.js";
import { gptSizes } from "../dist/models/gpt.js";
import { createOptimizer } from "../dist/optimizers/registry.js";
import { optimizerSpec } from "../dist/spec.js";

const repeats = 5;

export async function profileLayers({ backend, model, microbatchSize, nowSeconds }) {
  const { tf } = backend;
  const { layers, width, context, vocabulary } = model;
  const { heads, keyValueHeads, headWidth, feedForwardWidth, feedForwardInputs } = gptSizes(model);
  const rows = context * microbatchSize;
  const random = (...shape) => tf.randomNormal(shape, 0, 0.1);
  const sizes = { heads, keyValueHeads, headWidth, context, positions: model.positions };
  const found = [];
  const time = async (name, count, compute) => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const begin = nowSeconds();
      const result = tf.tidy(compute);
      // Waits for what was only queued.
      await backend.read(result.at(-1));
      fastest = Math.min(fastest, nowSeconds() - begin);
      tf.dispose(result);
    }
    found.push({ name, seconds: fastest * count });
  };
  const x = random(rows, width);
  const layer = async (name, count, { weights, layer }) => {
    await time(`${name} forward`, count, () => [layer.forward(weights, x).y]);
    const { saved } = tf.tidy(() => layer.forward(weights, x));
    await time(`${name} backward`, count, () => [layer.backward(weights, x, saved).dx]);
  };
  const matrices = [random(width, (heads + 2 * keyValueHeads) * headWidth), random(width, width)];
  await layer("attention", layers, {
    weights: matrices,
    layer: attention(backend, sizes, attentionTables(backend, sizes)),
  });
  const networks = [random(width, feedForwardInputs), random(feedForwardWidth, width)];
  await layer("feed-forward", layers, { weights: networks, layer: feedForward(backend, model.activation) });
  await layer("norm", 2 * layers + 1, { weights: [random(width)], layer: rmsNorm(backend) });
  const ids = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, i) => i % vocabulary),
    "int32",
  );
  const embedding = tokenEmbedding(backend, false);
  const table = [random(vocabulary, width)];
  await time("embedding forward", 1, () => [embedding.forward(table, ids, undefined)]);
  await time("embedding backward", 1, () => embedding.backward(table, x, ids));
  await time("head and loss", 1, () => {
    const { loss, shares } = crossEntropy(tf, backend.matMul(x, table[0], false, true), ids);
    const dLogits = crossEntropyGradient(tf, shares, ids);
    return [loss, backend.matMul(dLogits, table[0]), backend.matMul(dLogits, x, true, false)];
  });
  const optimizer = createOptimizer(optimizerSpec.parse({ kind: "adam-w" }));
  const all = [...Array.from({ length: layers }, () => [...matrices, ...networks]).flat(), table[0], table[0]];
  const start = nowSeconds();
  for (const weights of all) {
    const after = tf.tidy(() => {
      const step = optimizer.step(tf, { weights, memories: [weights, tf.square(weights)] }, weights, {
        step: 3,
        rate: 1e-3,
        weightDecay: 0,
      });
      return [step.weights, ...step.memories];
    });
    await backend.read(after[0]);
    tf.dispose(after);
  }
  found.push({ name: "optimiser", seconds: nowSeconds() - start });
  return found;
}
