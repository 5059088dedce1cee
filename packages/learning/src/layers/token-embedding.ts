/** Rows of a matrix by token id, with learned positions added where there are any, and a part that is never trained. */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";

export interface TokenEmbedding {
  /** [rows, width] of int32 ids [rows]; `frozen` [vocabulary, width] is added to the matrix. */
  forward(weights: readonly Tensor[], tokens: Tensor1D, frozen: Tensor | undefined): Tensor;
  /** Gradients of the weights. */
  backward(weights: readonly Tensor[], dy: Tensor, tokens: Tensor1D): Tensor[];
}

/** Weights: tokens [vocabulary, width] and, with `hasPositions`, positions [context, width]. */
export function tokenEmbedding(backend: Backend, hasPositions: boolean): TokenEmbedding {
  const { tf } = backend;
  return {
    forward: ([matrix, positions], tokens, frozen) => {
      const rows = tf.gather(matrix, tokens);
      const embedded = frozen === undefined ? rows : tf.add(rows, tf.gather(frozen, tokens));
      if (!hasPositions) return embedded;
      const [context, width] = positions.shape as [number, number];
      return tf.reshape(tf.add(tf.reshape(embedded, [-1, context, width]), positions), [-1, width]);
    },
    backward: ([matrix, positions], dy, tokens) => {
      const [vocabulary, width] = matrix.shape as [number, number];
      const gradient = sumByToken(backend, dy as Tensor2D, tokens, vocabulary);
      if (!hasPositions) return [gradient];
      const [context] = positions.shape as [number, number];
      return [gradient, tf.sum(tf.reshape(dy, [-1, context, width]), 0)];
    },
  };
}

/**
 * [vocabulary, width]: the sum of the rows of dy that belong to each token. Scattering adds them in their order on processors;
 * on GPUs it adds them in any order, so there a product with one row per token, all zeros but for a one, does it.
 */
function sumByToken(backend: Backend, dy: Tensor2D, tokens: Tensor1D, vocabulary: number): Tensor {
  const { tf } = backend;
  const [rows, width] = dy.shape;
  if (backend.device.startsWith("cpu")) return tf.scatterND(tf.reshape(tokens, [rows, 1]), dy, [vocabulary, width]);
  const isToken = tf.cast(tf.oneHot(tokens, vocabulary), "float32") as Tensor2D;
  return backend.matMul(isToken, dy, true, false);
}
