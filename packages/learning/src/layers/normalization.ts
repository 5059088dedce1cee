/**
 * Normalisation of rows: by their root mean square (Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019), or
 * by mean and standard deviation (Ba, Kiros and Hinton, arXiv 1607.06450).
 *
 * With n = (x - mean) r (without mean for the former) and y = n gain + bias: dx = r (dn - mean(dn) - n mean(dn n)), dn = dy gain.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { columnSums } from "./column-sums.ts";
import type { Layer, Saved } from "./layer.ts";

export const normEpsilon = 1e-5;

interface SavedNorm extends Saved {
  /** n, [rows, width]. */
  readonly normalized: Tensor;
  /** r, [rows, 1]. */
  readonly reciprocal: Tensor;
}

/** Weights: gain [width]. */
export function rmsNorm(backend: Backend): Layer<SavedNorm> {
  const { tf } = backend;
  return {
    weights: 1,
    forward: ([gain], x) => {
      const reciprocal = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), normEpsilon));
      const normalized = tf.mul(x, reciprocal);
      return { y: tf.mul(normalized, gain), saved: { normalized, reciprocal } };
    },
    backward: ([gain], dy, { normalized, reciprocal }) => {
      const dn = tf.mul(dy, gain);
      const projection = tf.mean(tf.mul(dn, normalized), 1, true);
      const dx = tf.mul(tf.sub(dn, tf.mul(normalized, projection)), reciprocal);
      return { dx, gradients: [columnSums(backend, tf.mul(dy, normalized))] };
    },
  };
}

/** Weights: gain [width], bias [width]. */
export function layerNorm(backend: Backend): Layer<SavedNorm> {
  const { tf } = backend;
  return {
    weights: 2,
    forward: ([gain, bias], x) => {
      const centred = tf.sub(x, tf.mean(x, 1, true));
      const reciprocal = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), normEpsilon));
      const normalized = tf.mul(centred, reciprocal);
      return { y: tf.add(tf.mul(normalized, gain), bias), saved: { normalized, reciprocal } };
    },
    backward: ([gain], dy, { normalized, reciprocal }) => {
      const dn = tf.mul(dy, gain);
      const projection = tf.mean(tf.mul(dn, normalized), 1, true);
      const centred = tf.sub(dn, tf.mean(dn, 1, true));
      const dx = tf.mul(tf.sub(centred, tf.mul(normalized, projection)), reciprocal);
      return { dx, gradients: [columnSums(backend, tf.mul(dy, normalized)), columnSums(backend, dy)] };
    },
  };
}
