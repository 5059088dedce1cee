/** Gradients as the optimiser takes them: one for each parameter, within the subspace where the parameter keeps to one. */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TrainingContext } from "../training-context.ts";
import { readTensors } from "./read-tensors.ts";
import { settled } from "./settled.ts";
import type { Shard } from "./shard.ts";
import type { UpdateGradient } from "./update-gradient.ts";

/** Tensors of the caller's. Where two slots belong to a parameter they are added, the first part's and the last part's. */
export function finishedGradients(context: TrainingContext, shard: Shard, gradient: UpdateGradient): Tensor[] {
  const { tf } = context.backend;
  const sums = gradient.onBackend();
  return tf.tidy(() =>
    shard.layout.parameters.map((_, parameter) => {
      const own = sums.filter((_sum, slot) => shard.layout.slots[slot].parameter === parameter);
      return context.finished(
        own.reduce((sum, next) => tf.add(sum, next)),
        shard.isProjected(parameter),
      );
    }),
  );
}

/**
 * The squared norm of the gradients divided by `divisor`, in double precision: by parameter, added up in their order. The copy that the
 * last stage has of a matrix of the first one is left out.
 */
export function squaredNormOf(
  context: TrainingContext,
  shard: Shard,
  { gradients, divisor }: { gradients: readonly Tensor[]; divisor: number },
): number | Promise<number> {
  const { parameters, isLast, tiedSlot } = shard.layout;
  const counted = parameters.map(({ isTied }) => !(isTied && isLast && tiedSlot !== undefined));
  return settled(readTensors(context.backend, gradients), (all) => {
    let total = 0;
    all.forEach((values, parameter) => {
      if (counted[parameter]) total += sumOfSquares(values);
    });
    return total / (divisor * divisor);
  });
}

export function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
