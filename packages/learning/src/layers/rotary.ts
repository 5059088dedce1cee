/**
 * Rotary positions (Su et al., "RoFormer", arXiv 2104.09864): elements i and i + d/2 of a head of width d at position p turn
 * by the angle p 10000^(-2 i / d).
 */
import { cos, exp, log, sin } from "@shardlab/numerics";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tfjs } from "../backends/backend.ts";

const base = 10_000;

/**
 * @property cosines [positions, 2, d/2].
 * @property sines the same, with the sign that the other half enters with: minus in the first half, plus in the second.
 * @property backSines for the turn back.
 */
export interface RotaryTables {
  readonly cosines: Tensor;
  readonly sines: Tensor;
  readonly backSines: Tensor;
}

/** Tables for positions from 0 on; what is turned is also multiplied by `scale`. */
export function rotaryTables(tf: Tfjs, sizes: { positions: number; headWidth: number; scale: number }): RotaryTables {
  const { positions, headWidth, scale } = sizes;
  const half = headWidth / 2;
  const cosines = new Float32Array(positions * headWidth);
  const sines = new Float32Array(positions * headWidth);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * exp((-2 * i * log(base)) / headWidth);
      const first = position * headWidth + i;
      cosines[first] = scale * cos(angle);
      cosines[first + half] = scale * cos(angle);
      sines[first] = -scale * sin(angle);
      sines[first + half] = scale * sin(angle);
    }
  }
  const shape: [number, number, number] = [positions, 2, half];
  return {
    cosines: tf.tensor3d(cosines, shape),
    sines: tf.tensor3d(sines, shape),
    backSines: tf.tensor3d(
      sines.map((sine) => -sine),
      shape,
    ),
  };
}

/** Turns x [..., positions, d], by the angles or back by them. */
export function rotate(tf: Tfjs, x: Tensor, tables: RotaryTables, direction: "on" | "back"): Tensor {
  const [positions, , half] = tables.cosines.shape;
  const halves = tf.reshape(x, [-1, positions, 2, half]);
  const sines = direction === "on" ? tables.sines : tables.backSines;
  const turned = tf.add(tf.mul(halves, tables.cosines), tf.mul(tf.reverse(halves, 2), sines));
  return tf.reshape(turned, x.shape);
}
