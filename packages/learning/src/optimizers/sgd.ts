/** Gradient descent: w <- w - rate g. */
import { z } from "zod";
import { decayed, type Optimizer, optimizerFields } from "./optimizer.ts";

export const sgdSpec = z.strictObject({ kind: z.literal("sgd"), ...optimizerFields }).describe("gradient descent");
export type SgdSpec = z.output<typeof sgdSpec>;

export function sgd(_spec: SgdSpec): Optimizer {
  return {
    memories: 0,
    step: (tf, { weights }, gradient, sizes) => ({
      weights: tf.sub(decayed(tf, weights, sizes), tf.mul(gradient, sizes.rate)),
      memories: [],
    }),
  };
}
