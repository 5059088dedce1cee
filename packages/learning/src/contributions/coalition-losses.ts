/**
 * What contributors are worth to a model, measured: the held-out loss of every coalition of them, by training real,
 * small models.
 *
 * - Layers: a base model is trained on public text and frozen; each contributor trains a private layer on its own
 *   text, mixed with as much public text, without knowing of the others; then every set of layers is stacked and
 *   evaluated. The host scales the sum of the answers of k layers by k^(-1/2), because answers learnt apart add up
 *   like independent vectors.
 * - Data: a model is trained anew from the same first weights on the texts of every set of providers, each time for
 *   the same number of updates, so that who adds bad text takes updates away from good one (Ghorbani and Zou, "Data
 *   Shapley", ICML 2019, whose characteristic function this is; Koh and Liang, ICML 2017, approximate its
 *   leave-one-out values without training anew). Nobody's data is the untrained model.
 *
 * Losses are in nats per byte. Index S of a result is a bit mask, bit i for contributor i. Results repeat bit for bit
 * on one backend.
 */
import { createStreams, type RandomStream } from "@shardlab/random";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import type { Batch } from "../data/data-source.ts";
import type { GptSpec } from "../models/gpt.ts";
import type { OptimizerSpec } from "../optimizers/registry.ts";
import { type LayerService, PrivateLayer } from "./private-layer.ts";
import { TextModel } from "./text-model.ts";
import { drawWindows, evenWindows, type TextBytes } from "./text-windows.ts";

/**
 * What both measurements need.
 *
 * @property contributors the text of each.
 * @property heldOut texts that nobody trains on; each has the same weight in the loss.
 * @property evaluationWindows windows of held-out text, over all texts.
 * @property windows of a training batch.
 */
export interface CoalitionPlan {
  readonly backend: Backend;
  readonly model: GptSpec;
  readonly seed: number;
  readonly contributors: readonly TextBytes[];
  readonly heldOut: readonly TextBytes[];
  readonly evaluationWindows: number;
  readonly windows: number;
  readonly optimizer: OptimizerSpec;
}

/** @property publicText the base model's, and half of what each layer is trained on. */
export interface LayerPlan extends CoalitionPlan {
  readonly publicText: TextBytes;
  readonly baseUpdates: number;
  readonly layerUpdates: number;
  readonly layerOptimizer: OptimizerSpec;
  readonly innerWidth: number;
}

export interface DataPlan extends CoalitionPlan {
  readonly updates: number;
}

const mostContributors = 12;

function checkContributors({ contributors }: CoalitionPlan): void {
  const { length } = contributors;
  if (length < 1 || length > mostContributors)
    throw new Error(`invalid contributors: ${length} (expected 1 to ${mostContributors}, all of whose sets are tried)`);
}

/** Layers of a coalition, as the host stacks them: the sum of k answers times k^(-1/2). */
export function stackedLayers(backend: Backend, layers: readonly LayerService[]): readonly LayerService[] {
  const { tf } = backend;
  const scale = 1 / Math.sqrt(layers.length);
  if (layers.length < 2) return layers;
  return layers.map((layer) => ({
    answer: (block, hidden) => tf.tidy(() => tf.mul(layer.answer(block, hidden), scale) as Tensor2D),
  }));
}

/** Those of `all` whose bits are in the mask. */
export const membersOf = <T>(all: readonly T[], coalition: number): T[] =>
  all.filter((_, index) => (coalition & (1 << index)) !== 0);

/** A base model and a private layer of each contributor. @throws Error `invalid contributors: ...`, `text too short: ...` */
export function trainLayers(plan: LayerPlan): { readonly base: TextModel; readonly layers: readonly PrivateLayer[] } {
  checkContributors(plan);
  const { backend, model, contributors, publicText } = plan;
  const streams = createStreams(plan.seed);
  const base = new TextModel(backend, model, streams);
  const baseDraws = streams.stream("public text");
  base.train({ optimizer: plan.optimizer, updates: plan.baseUpdates, batch: batches(plan, [publicText], baseDraws) });
  const layers = contributors.map((text, index) => {
    const draws = streams.stream("private text", index);
    const stream = `private layer ${index}`;
    const sizes = { blocks: model.layers, width: model.width, innerWidth: plan.innerWidth, stream };
    const layer = new PrivateLayer(backend, sizes, streams);
    const batch = batches(plan, [text, publicText], draws);
    base.trainLayer(layer, { optimizer: plan.layerOptimizer, updates: plan.layerUpdates, batch });
    return layer;
  });
  return { base, layers };
}

function batches({ windows, model }: CoalitionPlan, texts: readonly TextBytes[], draws: RandomStream): () => Batch {
  return () => drawWindows({ texts, context: model.context, windows }, draws);
}

const evaluationBatch = ({ heldOut, model, evaluationWindows }: CoalitionPlan): Batch =>
  evenWindows({ texts: heldOut, context: model.context, windows: evaluationWindows });

/** The loss of the base with every set of layers on it; index 0 is the base alone. @throws as `trainLayers` */
export async function layerCoalitionLosses(plan: LayerPlan): Promise<Float64Array> {
  const { base, layers } = trainLayers(plan);
  const batch = evaluationBatch(plan);
  const losses = new Float64Array(1 << layers.length);
  for (let coalition = 0; coalition < losses.length; coalition++)
    losses[coalition] = await base.loss(batch, stackedLayers(plan.backend, membersOf(layers, coalition)));
  for (const layer of layers) layer.dispose();
  base.dispose();
  return losses;
}

/** The loss of a model trained on the texts of every set of providers. @throws Error `invalid contributors: ...`, `text too short: ...` */
export async function dataCoalitionLosses(plan: DataPlan): Promise<Float64Array> {
  checkContributors(plan);
  const losses = new Float64Array(1 << plan.contributors.length);
  for (let coalition = 0; coalition < losses.length; coalition++)
    losses[coalition] = await dataCoalitionLoss(plan, coalition);
  return losses;
}

/** The loss of a model trained on the texts of one set of providers, a bit mask. @throws Error `text too short: ...` */
export async function dataCoalitionLoss(plan: DataPlan, coalition: number): Promise<number> {
  const { backend, model, optimizer, updates } = plan;
  const streams = createStreams(plan.seed);
  const trained = new TextModel(backend, model, streams);
  const draws = streams.stream("training text");
  const texts = membersOf(plan.contributors, coalition);
  if (texts.length > 0) trained.train({ optimizer, updates, batch: batches(plan, texts, draws) });
  const loss = await trained.loss(evaluationBatch(plan));
  trained.dispose();
  return loss;
}
