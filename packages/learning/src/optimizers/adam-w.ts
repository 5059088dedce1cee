/**
 * AdamW: Adam (Kingma and Ba, ICLR 2015) with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).
 *
 * m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w (1 - rate decay) - rate m' / (sqrt(v') + epsilon), with
 * m' = m / (1 - b1^t) and v' = v / (1 - b2^t). Both corrections are folded into the rate and epsilon, in double precision.
 */
import { pow } from "@shardlab/numerics";
import { z } from "zod";
import { decayed, type Optimizer, optimizerFields } from "./optimizer.ts";

export const adamWSpec = z
  .strictObject({
    kind: z.literal("adam-w"),
    beta1: z.number().min(0).lt(1).default(0.9).describe("share of the mean that is kept"),
    beta2: z.number().min(0).lt(1).default(0.999).describe("share of the mean square that is kept"),
    epsilon: z.number().positive().max(1).default(1e-8),
    ...optimizerFields,
  })
  .describe("Adam with decoupled weight decay");
export type AdamWSpec = z.output<typeof adamWSpec>;

export function adamW({ beta1, beta2, epsilon }: AdamWSpec): Optimizer {
  return {
    memories: 2,
    step: (tf, { weights, memories }, gradient, sizes) => {
      const mean = tf.add(tf.mul(memories[0], beta1), tf.mul(gradient, 1 - beta1));
      const meanSquare = tf.add(tf.mul(memories[1], beta2), tf.mul(tf.square(gradient), 1 - beta2));
      // m' / (sqrt(v') + epsilon) = root / (1 - b1^t) m / (sqrt(v) + epsilon root), where root = sqrt(1 - b2^t).
      const root = Math.sqrt(1 - pow(beta2, sizes.step));
      const rate = (sizes.rate * root) / (1 - pow(beta1, sizes.step));
      const direction = tf.div(mean, tf.add(tf.sqrt(meanSquare), epsilon * root));
      return {
        weights: tf.sub(decayed(tf, weights, sizes), tf.mul(direction, rate)),
        memories: [mean, meanSquare],
      };
    },
  };
}
