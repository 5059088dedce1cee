/** Sums over rows, as a product with a row of ones: the fastest way on every backend, and many times so in WebAssembly. */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";

/** [columns] of x [rows, columns]. */
export function columnSums(backend: Backend, x: Tensor): Tensor {
  const { tf } = backend;
  const [rows, columns] = x.shape as [number, number];
  return tf.reshape(backend.matMul(tf.ones([1, rows]) as Tensor2D, x as Tensor2D), [columns]);
}
