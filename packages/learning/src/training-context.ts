/** What all trainers of a run share: sizes, parts on the backend, data, random streams and the optimiser. */
import type { SubspaceConstraint } from "@shardlab/contracts";
import { createStreams, type Streams } from "@shardlab/random";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "./backends/backend.ts";
import type { Batch, BatchId, DataSource } from "./data/data-source.ts";
import { createDataSource } from "./data/registry.ts";
import type { ModelPlan, ParameterPlan } from "./models/model-plan.ts";
import { type ModelSpec, planModel } from "./models/registry.ts";
import { clipFactor, learningRateAt, type Optimizer, type ParameterState } from "./optimizers/optimizer.ts";
import { createOptimizer } from "./optimizers/registry.ts";
import { openParts } from "./parts/model-parts.ts";
import type { Parts } from "./parts/part.ts";
import type { LearningSpec } from "./spec.ts";
import { initialWeights } from "./stage/initial-weights.ts";
import { type Projection, projectionOf, projectTensor } from "./stage/projection.ts";
import { createTokenizer } from "./tokenizers/registry.ts";

/**
 * @property training data, tokenizer, microbatchSize and optimizer as in a scenario, and how many updates its schedule covers.
 * @property seed of the run: data and initial weights are drawn from it.
 * @property constraint that the compressor at stage boundaries asks of the model.
 */
export interface LearningOptions {
  readonly backend: Backend;
  readonly model: ModelSpec;
  readonly training: LearningSpec & { readonly updates: number };
  readonly seed: number | bigint;
  readonly constraint?: SubspaceConstraint | undefined;
}

/** One step of the optimiser for one parameter. */
export interface ParameterStep {
  readonly plan: ParameterPlan;
  readonly state: ParameterState;
  readonly gradient: Tensor;
  readonly isProjected: boolean;
}

/** Of an update: what its gradient is divided by, and the squared norm of the quotient over the whole model. */
export interface UpdateScale {
  readonly update: number;
  readonly divisor: number;
  readonly squaredNorm: number;
}

export class TrainingContext {
  readonly backend: Backend;
  readonly training: LearningOptions["training"];
  readonly plan: ModelPlan;
  readonly parts: Parts;
  readonly optimizer: Optimizer;
  /** [vocabulary, width], added to the token embedding; undefined without a constraint. */
  readonly frozen: Tensor | undefined;
  private readonly projection: Projection | undefined;
  private readonly basis: Tensor2D | undefined;
  private readonly streams: Streams;
  private source: DataSource | undefined;

  constructor({ backend, model, training, seed, constraint }: LearningOptions) {
    this.backend = backend;
    this.training = training;
    this.plan = planModel(model);
    this.projection = constraint && projectionOf(this.plan, constraint);
    this.optimizer = createOptimizer(training.optimizer);
    this.streams = createStreams(seed);
    this.parts = openParts(model, backend);
    const { boundaryWidth: width, vocabulary } = this.plan;
    this.frozen = constraint && backend.tf.tensor2d(constraint.frozenEmbedding.slice(), [vocabulary, width]);
    this.basis = constraint && backend.tf.tensor2d(constraint.basis.slice(), [width, constraint.rank]);
  }

  /** Rows of a tensor between parts. */
  get rows(): number {
    return this.training.microbatchSize * this.plan.rowsPerExample;
  }

  /** Drawn from the data. */
  batch(id: BatchId): Batch {
    return this.data().batch(id);
  }

  /** The least expected loss on the data, in nats per target, where it is known. */
  get lossFloor(): number | undefined {
    return this.data().lossFloor;
  }

  /** Read when first asked for: stages in the middle need none. */
  private data(): DataSource {
    const { data, tokenizer, microbatchSize } = this.training;
    const { vocabulary } = this.plan;
    this.source ??= createDataSource(data, {
      ...{ plan: this.plan, microbatchSize, streams: this.streams },
      tokenizer: (sample) => createTokenizer(tokenizer, { vocabulary, sample }),
    });
    return this.source;
  }

  initialWeights(plan: ParameterPlan, isProjected: boolean): Float32Array {
    return initialWeights(plan, this.streams, isProjected ? this.projection : undefined);
  }

  /** The gradient as the optimiser sees it: a tensor of its own. */
  finished(gradient: Tensor, isProjected: boolean): Tensor {
    return isProjected && this.basis !== undefined
      ? this.backend.tf.tidy(() => projectTensor(this.backend, gradient, this.basis as Tensor2D))
      : this.backend.tf.clone(gradient);
  }

  /** Weights and memories after the optimiser's step with a finished gradient. */
  stepped({ plan, state, gradient, isProjected }: ParameterStep, scale: UpdateScale): ParameterState {
    const { backend, optimizer, training, basis } = this;
    const { update, divisor, squaredNorm } = scale;
    const { clip, weightDecay } = training.optimizer;
    const sizes = {
      step: update + 1,
      rate: learningRateAt(training.optimizer, update, training.updates),
      weightDecay: plan.shape.length > 1 ? weightDecay : 0,
    };
    return backend.tf.tidy(() => {
      const scaled = backend.tf.mul(gradient, clipFactor(clip, squaredNorm) / divisor);
      const next = optimizer.step(backend.tf, state, scaled, sizes);
      if (!isProjected || basis === undefined) return next as never;
      return { weights: projectTensor(backend, next.weights, basis), memories: next.memories } as never;
    }) as ParameterState;
  }

  dispose(): void {
    this.parts.dispose();
    this.frozen?.dispose();
    this.basis?.dispose();
  }
}
