/** What the shards of a model weigh: operations, bytes in memory and bytes on the wire, from declared sizes alone. */
import type { Compressor, TensorDescription } from "@shardlab/contracts";
import { type ModelSpec, type OptimizerSpec, planModel } from "@shardlab/learning/spec";
import { matrixShapeOf } from "@shardlab/learning/stage/update-gradient";
import { microbatchTokensOf, type StageCost, stageCosts } from "@shardlab/learning/stage-costs";
import { cutIntoStages } from "@shardlab/learning/stage-cut";

/** The part of a compressor that sizes need. */
export type DeclaredBytes = Pick<Compressor, "encodedBytes">;

export interface SizedTraining {
  readonly model: ModelSpec;
  readonly optimizer: OptimizerSpec;
  readonly microbatchSize: number;
  /** Whether passes back compute the forward passes anew. */
  readonly recompute?: boolean | undefined;
  readonly stages: number;
  /** Between stages. */
  readonly activations: DeclaredBytes;
  /** Between replicas. */
  readonly gradients: DeclaredBytes;
}

/** A tensor that crosses the wire. */
export interface WireTensor {
  readonly shape: readonly number[];
  readonly bytes: number;
}

/**
 * @property activation what a microbatch sends on to the next stage; of no bytes at the last one.
 * @property activationGradient what it sends back to the stage before; of no bytes at the first one.
 * @property gradients the parameters' gradients, as compressors know them.
 * @property gradientBytes of the whole gradient as replicas exchange it when they do so whole.
 * @property snapshotBytes of weights and optimiser state.
 * @property memoryBytes of weights, their gradient and the optimiser's state.
 * @property tokens of a microbatch.
 */
export interface StageSizes {
  readonly cost: StageCost;
  readonly activation: WireTensor;
  readonly activationGradient: WireTensor;
  readonly gradients: readonly TensorDescription[];
  readonly gradientBytes: number;
  readonly snapshotBytes: number;
  readonly memoryBytes: number;
  readonly tokens: number;
}

/** Bytes of an element of weights and of gradients that are not compressed. */
export const elementBytes = 4;

const nothing: WireTensor = { shape: [0], bytes: 0 };

/** Of each stage, in order. @throws Error `too many stages: ...` */
export function stageSizes(training: SizedTraining): StageSizes[] {
  const { model, optimizer, microbatchSize, recompute, stages, activations, gradients } = training;
  const plan = planModel(model);
  const cuts = cutIntoStages(plan, stages);
  const tokens = microbatchTokensOf(model, microbatchSize);
  const shape = [tokens, plan.boundaryWidth];
  const boundary = (stage: number, role: "activation" | "activation-gradient"): WireTensor => {
    const description: TensorDescription = { name: `${role} ${stage}`, role, shape };
    return { shape, bytes: activations.encodedBytes(description) };
  };
  return stageCosts(model, { stages, microbatchSize, optimizer, recompute }).map((cost, stage) => {
    const parts = plan.parts.slice(cuts[stage].firstPart, cuts[stage].endPart);
    const described = parts.flatMap(({ parameters }) =>
      parameters.map(({ name, shape: size }): TensorDescription => {
        return { name, role: "gradient", shape: matrixShapeOf(size) };
      }),
    );
    const heldBytes = elementBytes * cost.parameterCount + cost.optimizerStateBytes;
    return {
      cost,
      activation: stage < stages - 1 ? boundary(stage, "activation") : nothing,
      activationGradient: stage > 0 ? boundary(stage - 1, "activation-gradient") : nothing,
      gradients: described,
      gradientBytes: described.reduce((sum, description) => sum + gradients.encodedBytes(description), 0),
      snapshotBytes: heldBytes,
      memoryBytes: heldBytes + elementBytes * cost.gradientElementCount,
      tokens,
    };
  });
}
