/** Parts of a model as they run on a backend; see `ModelPlan` for what they are in numbers. */
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import type { Batch } from "../data/data-source.ts";
import { type FirstLayer, type Layer, type Saved, tidied } from "../layers/layer.ts";

/** A microbatch on the backend. */
export interface BatchTensors {
  /** int32 [rows]; of no elements where examples are vectors. */
  readonly tokens: Tensor1D;
  /** [examples, features]; of no elements where examples are tokens. */
  readonly features: Tensor;
  /** int32 [rows]. */
  readonly targets: Tensor1D;
}

export function uploadBatch({ tf }: Backend, batch: Batch): BatchTensors {
  const { tokens, features, targets } = batch;
  const examples = targets.length;
  return {
    tokens: tf.tensor1d(tokens, "int32"),
    features: tf.tensor2d(features, [examples, features.length / examples]),
    targets: tf.tensor1d(targets, "int32"),
  };
}

/** @property frozen [vocabulary, width], added to the token embedding and never trained. */
export interface PartInput {
  readonly x: Tensor | undefined;
  readonly batch: BatchTensors | undefined;
  readonly frozen: Tensor | undefined;
}

/**
 * A part: tensors that it answers with are the caller's, and all others that it made are freed. The first part takes the batch
 * for x, the last one answers with the loss for y.
 */
export interface Part {
  forward(weights: readonly Tensor[], input: PartInput): { readonly y: Tensor; readonly saved: Saved };
  /** `dy` is undefined for the last part, `dx` for the first; `input` is that of the forward pass, without x. */
  backward(
    weights: readonly Tensor[],
    dy: Tensor | undefined,
    pass: { readonly saved: Saved; readonly input: Omit<PartInput, "x"> },
  ): { readonly dx: Tensor | undefined; readonly gradients: readonly Tensor[] };
}

/** @property dispose frees what the parts share. */
export interface Parts {
  readonly parts: readonly Part[];
  dispose(): void;
}

/** @throws Error `missing input: ...` */
export function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`missing input: ${what}`);
  return value;
}

/** A layer between others as a part. */
export function innerPart(backend: Backend, layer: Layer): Part {
  return {
    forward: (weights, { x }) => tidied(backend, () => layer.forward(weights, given(x, "activation"))),
    backward: (weights, dy, { saved }) =>
      tidied(backend, () => layer.backward(weights, given(dy, "activation gradient"), saved)),
  };
}

/** A layer that reads the features of the batch. */
export function featurePart(backend: Backend, layer: FirstLayer): Part {
  return {
    forward: (weights, { batch }) => tidied(backend, () => layer.forward(weights, given(batch, "batch").features)),
    backward: (weights, dy, { saved }) => ({
      dx: undefined,
      gradients: tidied(backend, () => layer.gradients(weights, given(dy, "activation gradient"), saved)),
    }),
  };
}
