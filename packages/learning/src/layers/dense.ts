/** Dense layers: relu(x W + b), or without relu. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { columnSums } from "./column-sums.ts";
import type { FirstLayer, Saved } from "./layer.ts";

interface SavedDense extends Saved {
  readonly x: Tensor2D;
  readonly y: Tensor;
}

/** Weights: matrix [inputs, outputs], bias [outputs]. */
export function dense(backend: Backend, isRectified: boolean): FirstLayer<SavedDense> {
  const { tf } = backend;
  const linearGradient = (dy: Tensor, y: Tensor) =>
    isRectified ? rectifiedGradient(backend, dy, y) : (dy as Tensor2D);
  const gradients = (dLinear: Tensor2D, x: Tensor2D) => [
    backend.matMul(x, dLinear, true, false),
    columnSums(backend, dLinear),
  ];
  return {
    weights: 2,
    forward: ([matrix, bias], x) => {
      const linear = tf.add(backend.matMul(x as Tensor2D, matrix as Tensor2D), bias);
      const y = isRectified ? tf.relu(linear) : linear;
      return { y, saved: { x: tf.clone(x as Tensor2D), y: tf.clone(y) } };
    },
    backward: ([matrix], dy, { x, y }) => {
      const dLinear = linearGradient(dy, y);
      return { dx: backend.matMul(dLinear, matrix as Tensor2D, false, true), gradients: gradients(dLinear, x) };
    },
    gradients: (_weights, dy, { x, y }) => gradients(linearGradient(dy, y), x),
  };
}

/** dy where y = relu(x) is above 0, else 0. */
export const rectifiedGradient = ({ tf }: Backend, dy: Tensor, y: Tensor): Tensor2D => tf.mul(dy, tf.step(y));
