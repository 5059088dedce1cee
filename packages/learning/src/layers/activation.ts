/**
 * What a feed-forward network bends its inputs by. All three are x sigmoid(g(x)): SiLU with g(x) = x; GELU (Hendrycks and Gimpel,
 * arXiv 1606.08415) in its tanh form with g(x) = 2 sqrt(2 / pi) (x + 0.044715 x^3), because (1 + tanh u) / 2 = sigmoid(2 u);
 * and SwiGLU, the SiLU of a gate times a second input.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tfjs } from "../backends/backend.ts";
import type { Saved } from "./layer.ts";

interface SavedActivation extends Saved {
  readonly x: Tensor;
  readonly sigmoid: Tensor;
  readonly y: Tensor;
}

export interface Activation {
  forward(tf: Tfjs, x: Tensor): { y: Tensor; saved: Saved };
  backward(tf: Tfjs, dy: Tensor, saved: Saved): Tensor;
}

/** 2 sqrt(2 / pi). */
const linear = 1.5957691216057308;
const cubic = linear * 0.044715;

/** g and its derivative, of x. */
interface Argument {
  value(tf: Tfjs, x: Tensor): Tensor;
  derivative(tf: Tfjs, x: Tensor): Tensor | undefined;
}

const geluArgument: Argument = {
  value: (tf, x) => tf.mul(x, tf.add(tf.mul(tf.square(x), cubic), linear)),
  derivative: (tf, x) => tf.add(tf.mul(tf.square(x), 3 * cubic), linear),
};

const siluArgument: Argument = { value: (_tf, x) => x, derivative: () => undefined };

/** y = x s with s = sigmoid(g(x)); dy/dx = s + y (1 - s) g'(x). */
function sigmoidWeighted({ value, derivative }: Argument) {
  return {
    forward: (tf: Tfjs, x: Tensor) => {
      const sigmoid = tf.sigmoid(value(tf, x));
      const y = tf.mul(x, sigmoid);
      return { y, saved: { x: tf.clone(x), sigmoid, y: tf.clone(y) } };
    },
    backward: (tf: Tfjs, dy: Tensor, saved: Saved) => {
      const { x, sigmoid, y } = saved as SavedActivation;
      const slope = tf.mul(y, tf.sub(1, sigmoid));
      const inner = derivative(tf, x);
      return tf.mul(dy, tf.add(sigmoid, inner === undefined ? slope : tf.mul(slope, inner)));
    },
  };
}

const gelu = sigmoidWeighted(geluArgument);
const silu = sigmoidWeighted(siluArgument);

interface SavedGate extends Saved {
  readonly gate: Saved;
  readonly gated: Tensor;
  readonly up: Tensor;
}

/** Of x [rows, 2 n]: the gate is the first half of the columns. */
const swiglu: Activation = {
  forward: (tf, x) => {
    const half = x.shape[1] as number;
    const [gate, up] = tf.split(x, [half / 2, half / 2], 1);
    const { y: gated, saved } = silu.forward(tf, gate);
    return { y: tf.mul(gated, up), saved: { gate: saved, gated, up } };
  },
  backward: (tf, dy, saved) => {
    const { gate, gated, up } = saved as SavedGate;
    return tf.concat([silu.backward(tf, tf.mul(dy, up), gate), tf.mul(dy, gated)], 1);
  },
};

export const activations: Readonly<Record<"gelu" | "silu" | "swiglu", Activation>> = { gelu, silu, swiglu };
