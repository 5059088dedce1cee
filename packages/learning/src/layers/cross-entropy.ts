/**
 * Softmax and cross-entropy: the mean over rows of log(sum exp(logits)) - logit of the target, in nats. The gradient of a row's
 * logits is (softmax - one at the target) / rows.
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Tfjs } from "../backends/backend.ts";

export interface CrossEntropy {
  /** Scalar. */
  readonly loss: Tensor;
  /** Softmax of the logits, [rows, classes]. */
  readonly shares: Tensor2D;
}

/** Of logits [rows, classes] and int32 targets [rows]. */
export function crossEntropy(tf: Tfjs, logits: Tensor2D, targets: Tensor1D): CrossEntropy {
  const [rows, classes] = logits.shape;
  const shifted: Tensor2D = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const sums = tf.sum(exponentials, 1, true);
  const first = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, row) => row * classes),
    "int32",
  );
  const ofTargets = tf.gather(tf.reshape(shifted, [rows * classes]), tf.add(first, targets));
  return {
    loss: tf.mean(tf.sub(tf.log(tf.reshape(sums, [rows])), ofTargets)),
    shares: tf.div(exponentials, sums),
  };
}

/** Gradient of the loss with respect to the logits. */
export function crossEntropyGradient(tf: Tfjs, shares: Tensor2D, targets: Tensor1D): Tensor2D {
  const [rows, classes] = shares.shape;
  // One-hot rows of float32 come out as zeros in WebAssembly, those of int32 do not.
  const isTarget = tf.cast(tf.oneHot(targets, classes), "float32");
  return tf.mul(tf.sub(shares, isTarget), 1 / rows);
}
