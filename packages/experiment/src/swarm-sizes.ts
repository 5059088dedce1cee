/** What the compressors of a swarm declare of its tensors. */
import type { Compressor } from "@shardlab/contracts";
import type { SwarmScenario } from "@shardlab/scenario";
import { stageSizes } from "@shardlab/simulation";

/** Whether what replicas exchange arrives bit for bit, for every parameter of every stage. */
export function gradientsAreLossless(
  { model, training }: SwarmScenario,
  { activations, gradients }: { readonly activations: Compressor; readonly gradients: Compressor },
): boolean {
  const { optimizer, microbatchSize, parallelism } = training;
  const { stages } = parallelism;
  const sizes = stageSizes({ model, optimizer, microbatchSize, stages, activations, gradients });
  return sizes.every(({ gradients: tensors }) => tensors.every((tensor) => gradients.isLossless(tensor)));
}
