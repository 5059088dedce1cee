/** The loss of whole models in double precision, layer by layer: what training is checked against. */
import type { Batch } from "../data/data-source.ts";
import type { ConvolutionalSpec } from "../models/convolutional.ts";
import { type GptSpec, gptSizes } from "../models/gpt.ts";
import type { MlpSpec } from "../models/mlp.ts";
import type { ModelKind, ModelSpec } from "../models/registry.ts";
import {
  attentionOf,
  convolutionOf,
  crossEntropyOf,
  denseOf,
  embedded,
  feedForwardOf,
  normalizedRows,
  product,
  transposed,
} from "./layers.ts";

/** Weights by the name of their parameter. */
export type WeightsByName = (name: string) => Float64Array;

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]);

function gptLoss(spec: GptSpec, weights: WeightsByName, { tokens, targets }: Batch): number {
  const { heads, keyValueHeads, headWidth, feedForwardWidth: inner } = gptSizes(spec);
  const norm = (x: Float64Array, name: string) =>
    normalizedRows(x, weights(`${name}.gain`), spec.norm === "layer" ? weights(`${name}.bias`) : undefined);
  const positions = spec.positions === "learned" ? { positions: weights("embedding.positions") } : {};
  let x: Float64Array = embedded(tokens, weights("embedding.tokens"), { width: spec.width, ...positions });
  for (let block = 0; block < spec.layers; block++) {
    const name = `blocks.${block}`;
    const matrices = [weights(`${name}.attention.query-key-value`), weights(`${name}.attention.out`)];
    const sizes = { heads, keyValueHeads, headWidth, context: spec.context, positions: spec.positions };
    x = plus(x, attentionOf(norm(x, `${name}.attention.norm`), matrices, sizes));
    const network = [weights(`${name}.feed-forward.in`), weights(`${name}.feed-forward.out`)];
    x = plus(x, feedForwardOf(norm(x, `${name}.feed-forward.norm`), network, { kind: spec.activation, inner }));
  }
  const head = weights(spec.head === "tied" ? "embedding.tokens" : "head.weights");
  return crossEntropyOf(product(norm(x, "head.norm"), transposed(head, spec.width), spec.width), targets);
}

const pair = (weights: WeightsByName, name: string) => [weights(`${name}.weights`), weights(`${name}.bias`)];

function mlpLoss({ layers }: MlpSpec, weights: WeightsByName, { features, targets }: Batch): number {
  let x: Float64Array = denseOf(Float64Array.from(features), pair(weights, "input"), true);
  for (let block = 0; block < layers; block++) x = denseOf(x, pair(weights, `blocks.${block}`), true);
  return crossEntropyOf(denseOf(x, pair(weights, "head"), false), targets);
}

function convolutionalLoss(spec: ConvolutionalSpec, weights: WeightsByName, { features, targets }: Batch): number {
  const { imageSize, imageChannels, layers, channels } = spec;
  let x: Float64Array = convolutionOf(Float64Array.from(features), pair(weights, "input"), {
    imageSize,
    inputs: imageChannels,
  });
  for (let block = 0; block < layers; block++)
    x = plus(x, convolutionOf(x, pair(weights, `blocks.${block}`), { imageSize, inputs: channels }));
  return crossEntropyOf(denseOf(x, pair(weights, "head"), false), targets);
}

const losses: {
  [K in ModelKind]: (spec: Extract<ModelSpec, { kind: K }>, weights: WeightsByName, batch: Batch) => number;
} = { convolutional: convolutionalLoss, gpt: gptLoss, mlp: mlpLoss };

/** Mean loss of a microbatch, nats per target. */
export function modelLoss<K extends ModelKind>(
  spec: Extract<ModelSpec, { kind: K }>,
  weights: WeightsByName,
  batch: Batch,
): number {
  const loss: (spec: Extract<ModelSpec, { kind: K }>, weights: WeightsByName, batch: Batch) => number =
    losses[spec.kind as K];
  return loss(spec, weights, batch);
}
