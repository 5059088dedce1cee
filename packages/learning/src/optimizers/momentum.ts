/**
 * Gradient descent with momentum: v <- mu v + g; w <- w - rate v, or with Nesterov's look-ahead w - rate (g + mu v)
 * (Sutskever, Martens, Dahl and Hinton, ICML 2013, in the form in which the rate multiplies v last).
 */
import { z } from "zod";
import { decayed, type Optimizer, optimizerFields } from "./optimizer.ts";

export const momentumSpec = z
  .strictObject({
    kind: z.literal("momentum"),
    momentum: z.number().min(0).lt(1).default(0.9).describe("share of the velocity that is kept"),
    lookAhead: z.boolean().default(false).describe("Nesterov's form"),
    ...optimizerFields,
  })
  .describe("gradient descent with momentum");
export type MomentumSpec = z.output<typeof momentumSpec>;

export function momentum({ momentum, lookAhead }: MomentumSpec): Optimizer {
  return {
    memories: 1,
    step: (tf, { weights, memories }, gradient, sizes) => {
      const velocity = tf.add(tf.mul(memories[0], momentum), gradient);
      const direction = lookAhead ? tf.add(tf.mul(velocity, momentum), gradient) : velocity;
      return { weights: tf.sub(decayed(tf, weights, sizes), tf.mul(direction, sizes.rate)), memories: [velocity] };
    },
  };
}
