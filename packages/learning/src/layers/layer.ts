/**
 * Layers with forward and backward passes written by hand. A layer owns neither its weights nor its arguments, and answers
 * with tensors of its own; what it saves for the way back never contains its input.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";

/** What a forward pass leaves for the backward pass. */
export interface Saved {
  readonly [name: string]: Tensor | Saved;
}

export interface Forward<S extends Saved = Saved> {
  readonly y: Tensor;
  readonly saved: S;
}

/** @property gradients of the weights, in their order. */
export interface Backward {
  readonly dx: Tensor;
  readonly gradients: readonly Tensor[];
}

/** @property weights how many weights the layer has. */
export interface Layer<S extends Saved = Saved> {
  readonly weights: number;
  forward(weights: readonly Tensor[], x: Tensor): Forward<S>;
  backward(weights: readonly Tensor[], dy: Tensor, saved: S): Backward;
}

/** A layer that may be the first of a model, where nobody asks for dx. */
export interface FirstLayer<S extends Saved = Saved> extends Layer<S> {
  /** The gradients of `backward` alone. */
  gradients(weights: readonly Tensor[], dy: Tensor, saved: S): readonly Tensor[];
}

/** Runs `compute` and frees all tensors that it made but does not return. */
export const tidied = <T>({ tf }: Backend, compute: () => T): T =>
  tf.tidy(compute as unknown as () => Tensor) as unknown as T;

interface SavedOfTwo extends Saved {
  readonly first: Saved;
  readonly second: Saved;
}

/** `second(first(x))`. */
function composed(backend: Backend, first: Layer, second: Layer): Layer<SavedOfTwo> {
  const cut = first.weights;
  return {
    weights: first.weights + second.weights,
    forward: (weights, x) => {
      const before = tidied(backend, () => first.forward(weights.slice(0, cut), x));
      const after = tidied(backend, () => second.forward(weights.slice(cut), before.y));
      return { y: after.y, saved: { first: before.saved, second: after.saved } };
    },
    backward: (weights, dy, saved) => {
      const after = tidied(backend, () => second.backward(weights.slice(cut), dy, saved.second));
      const before = tidied(backend, () => first.backward(weights.slice(0, cut), after.dx, saved.first));
      return { dx: before.dx, gradients: [...before.gradients, ...after.gradients] };
    },
  };
}

/** The layers one after the other. */
export const sequence = (backend: Backend, layers: readonly [Layer, ...Layer[]]): Layer =>
  layers.slice(1).reduce((before, layer) => composed(backend, before, layer), layers[0]);

/** `x + layer(x)`. */
export function residual(backend: Backend, layer: Layer): Layer {
  const { tf } = backend;
  return {
    weights: layer.weights,
    forward: (weights, x) => {
      const { y, saved } = layer.forward(weights, x);
      return { y: tf.add(x, y), saved };
    },
    backward: (weights, dy, saved) => {
      const { dx, gradients } = layer.backward(weights, dy, saved);
      return { dx: tf.add(dy, dx), gradients };
    },
  };
}
