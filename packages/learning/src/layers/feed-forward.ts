/** Two matrices with an activation between them. */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { activations } from "./activation.ts";
import type { Layer, Saved } from "./layer.ts";

interface SavedFeedForward extends Saved {
  readonly x: Tensor2D;
  readonly activation: Saved;
  readonly inner: Tensor2D;
}

/** Weights: in [width, inner width, twice with swiglu], out [inner width, width]. */
export function feedForward(backend: Backend, kind: keyof typeof activations): Layer<SavedFeedForward> {
  const { tf } = backend;
  const activation = activations[kind];
  return {
    weights: 2,
    forward: ([into, out], x) => {
      const projected = backend.matMul(x as Tensor2D, into as Tensor2D);
      const { y, saved } = activation.forward(tf, projected);
      const inner = y as Tensor2D;
      return {
        y: backend.matMul(inner, out as Tensor2D),
        saved: { x: tf.clone(x as Tensor2D), activation: saved, inner },
      };
    },
    backward: ([into, out], dy, { x, activation: savedActivation, inner }) => {
      const dInner = backend.matMul(dy as Tensor2D, out as Tensor2D, false, true);
      const dProjected = activation.backward(tf, dInner, savedActivation) as Tensor2D;
      return {
        dx: backend.matMul(dProjected, into as Tensor2D, false, true),
        gradients: [backend.matMul(x, dProjected, true, false), backend.matMul(inner, dy as Tensor2D, true, false)],
      };
    },
  };
}
