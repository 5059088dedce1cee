/** A small transformer over bytes that is trained whole, then frozen, and extended by private layers. */
import type { Streams } from "@shardlab/random";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import type { Batch } from "../data/data-source.ts";
import { type Saved, tidied } from "../layers/layer.ts";
import { type GptSpec, gpt } from "../models/gpt.ts";
import type { ParameterPlan } from "../models/model-plan.ts";
import { learningRateAt, type Optimizer, type StepSizes } from "../optimizers/optimizer.ts";
import { createOptimizer, type OptimizerSpec } from "../optimizers/registry.ts";
import { gptParts } from "../parts/gpt-parts.ts";
import { type BatchTensors, type PartInput, type Parts, uploadBatch } from "../parts/part.ts";
import { initialWeights } from "../stage/initial-weights.ts";
import type { LayerService, PrivateLayer } from "./private-layer.ts";

/** @property batch of an update, counted from 0. */
export interface TextTraining {
  readonly optimizer: OptimizerSpec;
  readonly updates: number;
  readonly batch: (update: number) => Batch;
}

/** @property saved of each part. */
interface ModelPass {
  readonly loss: Tensor;
  readonly saved: readonly Saved[];
}

/** @property layerPasses of the private layer, at each block. */
interface LayeredPass {
  readonly pass: ModelPass;
  readonly layerPasses: readonly { readonly y: Tensor; readonly saved: Saved }[];
  readonly input: Omit<PartInput, "x">;
}

export class TextModel {
  readonly spec: GptSpec;
  private readonly backend: Backend;
  private readonly parts: Parts;
  private readonly plans: readonly (readonly ParameterPlan[])[];
  /** Of each part. */
  private weights: (readonly Tensor[])[];

  /** @throws Error `tied head: ...`, because a part is trained by itself here. */
  constructor(backend: Backend, spec: GptSpec, streams: Streams) {
    if (spec.head === "tied") throw new Error("tied head: not supported (expected head: untied)");
    this.backend = backend;
    this.spec = spec;
    this.parts = gptParts(spec, backend);
    this.plans = gpt(spec).parts.map(({ parameters }) => parameters);
    this.weights = this.plans.map((parameters) =>
      parameters.map((plan) => backend.tf.tensor(initialWeights(plan, streams, undefined), [...plan.shape])),
    );
  }

  /** Trains all weights. */
  train({ optimizer: spec, updates, batch }: TextTraining): void {
    const { tf } = this.backend;
    const optimizer = createOptimizer(spec);
    let memories = this.weights.map((part) =>
      part.map(({ shape }) => Array.from({ length: optimizer.memories }, () => tf.zeros(shape))),
    );
    for (let update = 0; update < updates; update++) {
      const input = this.inputOf(uploadBatch(this.backend, batch(update)));
      const pass = this.forward(input);
      const gradients = this.backward(pass, input);
      const before = [this.weights, memories];
      const states = this.weights.map((part, index) =>
        part.map((weights, parameter) => {
          const state = { weights, memories: memories[index][parameter] };
          const sizes = stepSizes(spec, update, updates, this.plans[index][parameter].shape.length);
          return tidied(this.backend, () => optimizer.step(tf, state, gradients[index][parameter], sizes));
        }),
      );
      this.weights = states.map((part) => part.map(({ weights }) => weights));
      memories = states.map((part) => part.map((state) => [...state.memories]));
      tf.dispose([before, pass, gradients, input.batch] as never);
    }
    tf.dispose(memories as never);
  }

  /** Trains a private layer of a contributor on this model, which stays as it is. */
  trainLayer(layer: PrivateLayer, { optimizer: spec, updates, batch }: TextTraining): void {
    const { tf } = this.backend;
    const optimizer: Optimizer = createOptimizer(spec);
    for (let update = 0; update < updates; update++) {
      const input = this.inputOf(uploadBatch(this.backend, batch(update)));
      const layerPasses: { readonly y: Tensor; readonly saved: Saved }[] = [];
      const extend = (block: number, hidden: Tensor2D): Tensor2D => {
        layerPasses[block] = layer.passForward(block, hidden);
        return tf.add(hidden, layerPasses[block].y);
      };
      const pass = this.forward(input, extend);
      const gradients = this.backwardThroughLayer(layer, { pass, layerPasses, input });
      layer.step(optimizer, gradients, stepSizes(spec, update, updates, 2));
      tf.dispose([pass, layerPasses, gradients, input.batch] as never);
    }
  }

  /** Mean loss, in nats per byte, with the layers of `services` added to each block. */
  async loss(batch: Batch, services: readonly LayerService[] = []): Promise<number> {
    const { tf } = this.backend;
    const input = this.inputOf(uploadBatch(this.backend, batch));
    const pass = this.forward(input, (block, hidden) =>
      tf.tidy(() => services.reduce((sum, service) => tf.add(sum, service.answer(block, hidden)), tf.clone(hidden))),
    );
    const [loss] = await this.backend.read(pass.loss);
    tf.dispose([pass, input.batch] as never);
    return loss;
  }

  dispose(): void {
    this.backend.tf.dispose(this.weights as never);
    this.parts.dispose();
  }

  private inputOf(batch: BatchTensors): Omit<PartInput, "x"> & { readonly batch: BatchTensors } {
    return { batch, frozen: undefined };
  }

  /** Passes through all parts; `extend` makes of a block's output what the next part takes. */
  private forward(input: Omit<PartInput, "x">, extend?: (block: number, hidden: Tensor2D) => Tensor2D): ModelPass {
    const last = this.parts.parts.length - 1;
    const saved: Saved[] = [];
    let x: Tensor | undefined;
    for (const [index, part] of this.parts.parts.entries()) {
      const pass = part.forward(this.weights[index], { ...input, x });
      saved.push(pass.saved);
      x?.dispose();
      x = pass.y;
      if (extend === undefined || index === 0 || index === last) continue;
      x = extend(index - 1, pass.y as Tensor2D);
      pass.y.dispose();
    }
    return { loss: x as Tensor, saved };
  }

  /** Gradients of each part. */
  private backward({ saved }: ModelPass, input: Omit<PartInput, "x">): (readonly Tensor[])[] {
    const all: (readonly Tensor[])[] = new Array(saved.length);
    let dy: Tensor | undefined;
    for (let index = saved.length - 1; index >= 0; index--) {
      const part = this.parts.parts[index];
      const { dx, gradients } = part.backward(this.weights[index], dy, { saved: saved[index], input });
      dy?.dispose();
      dy = dx;
      all[index] = gradients;
    }
    return all;
  }

  /** Gradients of the layer at each block. Below the first block's layer nobody needs any. */
  private backwardThroughLayer(layer: PrivateLayer, { pass, layerPasses, input }: LayeredPass): (readonly Tensor[])[] {
    const { tf } = this.backend;
    const { saved } = pass;
    const all: (readonly Tensor[])[] = new Array(layerPasses.length);
    let dy: Tensor | undefined;
    for (let index = saved.length - 1; index > 0; index--) {
      if (dy !== undefined) {
        const { dx, gradients } = layer.passBack(index - 1, dy, layerPasses[index - 1].saved);
        const both: Tensor = tf.add(dy, dx);
        tf.dispose([dy, dx]);
        all[index - 1] = gradients;
        dy = both;
        if (index === 1) break;
      }
      const back = this.parts.parts[index].backward(this.weights[index], dy, { saved: saved[index], input });
      tf.dispose([...back.gradients, ...(dy === undefined ? [] : [dy])]);
      dy = back.dx;
    }
    dy?.dispose();
    return all;
  }
}

/** Sizes of the step of an update, of a parameter of this rank: matrices decay. */
function stepSizes(spec: OptimizerSpec, update: number, updates: number, rank: number): StepSizes {
  return {
    step: update + 1,
    rate: learningRateAt(spec, update, updates),
    weightDecay: rank > 1 ? spec.weightDecay : 0,
  };
}
