/**
 * The whole model in one process, without stages, wire or compressors: what a sharded run is compared with. Its sums have the order of
 * such a run: each replica adds up its microbatches in ascending order, then the replicas are added.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Saved } from "./layers/layer.ts";
import { elementsOf, type ParameterPlan } from "./models/model-plan.ts";
import { type BatchTensors, uploadBatch } from "./parts/part.ts";
import { modelParameters } from "./stage-costs.ts";
import { cutIntoStages } from "./stage-cut.ts";
import { type LearningOptions, TrainingContext } from "./training-context.ts";

/** One flattened gradient of a part for each replica, in; their sum in the order of a reduction, out (may be one of them). */
export type ReplicaSum = (replicas: readonly Float32Array[]) => Float32Array;

/** Replica 0 + replica 1 + replica 2 and so on. */
export const sumInOrder: ReplicaSum = (replicas) =>
  replicas.slice(1).reduce((sum, next) => sum.map((value, i) => value + next[i]), replicas[0]);

/**
 * @property microbatches of an update, over all replicas.
 * @property replicas microbatch m belongs to replica m mod replicas.
 * @property sum how a reduction adds replicas up; a gradient of a stage at a time.
 * @property stages of the run that this one is compared with: it says which weights a constraint binds, and how gradients are cut for `sum`.
 * @property delays of each stage: how many updates its weights are behind when a microbatch passes, as in an asynchronous pipeline.
 */
export interface UnshardedOptions extends LearningOptions {
  readonly microbatches: number;
  readonly replicas?: number | undefined;
  readonly sum?: ReplicaSum | undefined;
  readonly stages?: number | undefined;
  readonly delays?: readonly number[] | undefined;
}

export interface UnshardedUpdate {
  /** Mean over the microbatches, nats per target. */
  readonly loss: number;
  readonly gradientNorm: number;
}

interface WholeModel {
  readonly weights: readonly Tensor[];
  readonly memories: readonly (readonly Tensor[])[];
}

export class UnshardedTrainer {
  private readonly options: UnshardedOptions;
  private readonly context: TrainingContext;
  private readonly parameters: readonly ParameterPlan[];
  /** Stage of each part. */
  private readonly stageOfPart: readonly number[];
  /** The newest last; older ones for stages that lag behind. */
  private history: WholeModel[];
  private nextUpdate = 0;

  constructor(options: UnshardedOptions) {
    this.options = options;
    this.context = new TrainingContext(options);
    const { plan, optimizer, backend } = this.context;
    this.parameters = modelParameters(plan);
    this.stageOfPart = cutIntoStages(plan, options.stages ?? 1).flatMap(({ firstPart, endPart }, stage) =>
      new Array<number>(endPart - firstPart).fill(stage),
    );
    const weights = this.parameters.map((parameter) =>
      backend.tf.tensor(this.context.initialWeights(parameter, this.isBound(parameter)), [...parameter.shape]),
    );
    const memories = this.parameters.map(({ shape }) =>
      Array.from({ length: optimizer.memories }, () => backend.tf.zeros([...shape])),
    );
    this.history = [{ weights, memories }];
  }

  /** Trains on one update, which come one after the other from 0. */
  async update(update: number): Promise<UnshardedUpdate> {
    if (update !== this.nextUpdate) throw new Error(`wrong update: ${update} (expected ${this.nextUpdate})`);
    const { microbatches, replicas = 1, sum = sumInOrder } = this.options;
    // A replica without a microbatch adds nothing.
    const sums = Array.from({ length: replicas }, (_, replica) => (replica < microbatches ? [] : this.zeros()));
    let loss = 0;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      const pass = await this.pass(update, microbatch);
      loss += pass.loss / microbatches;
      const own = sums[microbatch % replicas];
      pass.gradients.forEach((gradient, index) => {
        own[index] =
          own[index] === undefined ? gradient : own[index].map((value, i) => Math.fround(value + gradient[i]));
      });
    }
    const reduced = this.reduced(sums, sum);
    const gradientNorm = await this.step(update, reduced);
    this.nextUpdate += 1;
    return { loss, gradientNorm };
  }

  /** Mean loss over `microbatches` of held-out data, from the one numbered `first` on. */
  async heldOutLoss(microbatches: number, first = 0): Promise<number> {
    const { backend, parts, frozen } = this.context;
    let loss = 0;
    for (let microbatch = first; microbatch < first + microbatches; microbatch++) {
      const batch = uploadBatch(backend, this.context.batch({ split: "held-out", update: 0, microbatch }));
      let y: Tensor | undefined;
      for (const [index, part] of parts.parts.entries()) {
        const result = part.forward(this.weightsOf(index, this.newest()), { x: y, batch, frozen });
        backend.tf.dispose([y, result.saved] as never);
        y = result.y;
      }
      loss += (await backend.read(y as Tensor))[0] / microbatches;
      backend.tf.dispose([y, batch] as never);
    }
    return loss;
  }

  /** The weights of a parameter by its name, such as `blocks.0.attention.out`. @throws Error `unknown parameter: ...` */
  async weights(name: string): Promise<Float32Array> {
    const index = this.parameters.findIndex((parameter) => parameter.name === name);
    if (index < 0) throw new Error(`unknown parameter: ${name}`);
    return (await this.context.backend.read(this.newest().weights[index])).slice();
  }

  get parameterNames(): readonly string[] {
    return this.parameters.map(({ name }) => name);
  }

  /** The least expected loss on the data, in nats per target, where it is known. */
  get lossFloor(): number | undefined {
    return this.context.lossFloor;
  }

  dispose(): void {
    for (const { weights, memories } of this.history) this.context.backend.tf.dispose([weights, memories] as never);
    this.history = [];
    this.context.dispose();
  }

  private newest(): WholeModel {
    return this.history[this.history.length - 1];
  }

  /** Whether a parameter keeps within the subspace: what writes to a stream that crosses a boundary later on. */
  private isBound(parameter: ParameterPlan): boolean {
    const { plan } = this.context;
    const part = plan.parts.findIndex(({ parameters }) => parameters.some(({ name }) => name === parameter.name));
    return parameter.writesToResidual && this.stageOfPart[part] < this.stageOfPart[this.stageOfPart.length - 1];
  }

  private indexOf = (name: string): number => this.parameters.findIndex((parameter) => parameter.name === name);

  private weightsOf(part: number, { weights }: WholeModel): Tensor[] {
    return this.context.plan.parts[part].parameters.map(({ name }) => weights[this.indexOf(name)]);
  }

  /** Loss of a microbatch and, for each part and parameter in order, its gradient. */
  private async pass(update: number, microbatch: number): Promise<{ loss: number; gradients: Float32Array[] }> {
    const {
      backend,
      parts: { parts },
      frozen,
    } = this.context; // prettier-ignore
    const batch: BatchTensors = uploadBatch(backend, this.context.batch({ split: "training", update, microbatch }));
    const input = { batch, frozen };
    const used = parts.map((_, index) => this.weightsOf(index, this.seenBy(index)));
    const saved: Saved[] = [];
    let y: Tensor | undefined;
    for (const [index, part] of parts.entries()) {
      const result = part.forward(used[index], { ...input, x: y });
      y?.dispose();
      y = result.y;
      saved.push(result.saved);
    }
    const [loss] = await backend.read(y as Tensor);
    y?.dispose();
    let dy: Tensor | undefined;
    const gradients: Float32Array[] = [];
    for (let index = parts.length - 1; index >= 0; index--) {
      const result = parts[index].backward(used[index], dy, { saved: saved[index], input });
      dy?.dispose();
      dy = result.dx;
      const own = await Promise.all(result.gradients.map((gradient) => backend.read(gradient)));
      gradients.unshift(...own.map((values) => values.slice()));
      backend.tf.dispose([...result.gradients]);
    }
    backend.tf.dispose([saved, batch] as never);
    return { loss, gradients };
  }

  /** The model as the stage of a part sees it: some updates behind, in an asynchronous pipeline. */
  private seenBy(part: number): WholeModel {
    const delay = this.options.delays?.[this.stageOfPart[part]] ?? 0;
    return this.history[Math.max(0, this.history.length - 1 - delay)];
  }

  /** Adds replicas up stage by stage, then the two gradients of a matrix that the first and the last part share. */
  private reduced(replicas: readonly (readonly Float32Array[])[], sum: ReplicaSum): Float32Array[] {
    const names = this.context.plan.parts.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    const stages = this.context.plan.parts.flatMap(({ parameters }, part) =>
      parameters.map(() => this.stageOfPart[part]),
    );
    const totals: Float32Array[] = new Array(this.parameters.length);
    for (const stage of new Set(stages)) {
      const own = names.flatMap((_, slot) => (stages[slot] === stage ? [slot] : []));
      const flat = replicas.map((gradients) => concatenated(own.map((slot) => gradients[slot])));
      const total = sum(flat);
      let first = 0;
      for (const slot of own) {
        const { length } = replicas[0][slot];
        const values = total.slice(first, first + length);
        first += length;
        const index = this.indexOf(names[slot]);
        totals[index] = totals[index] === undefined ? values : totals[index].map((value, i) => value + values[i]);
      }
    }
    return totals;
  }

  /** As many zeros as the gradients of a pass have elements. */
  private zeros(): Float32Array[] {
    return this.context.plan.parts.flatMap(({ parameters }) =>
      parameters.map(({ shape }) => new Float32Array(elementsOf(shape))),
    );
  }

  private async step(update: number, gradients: readonly Float32Array[]): Promise<number> {
    const { backend, optimizer } = this.context;
    const { microbatches: divisor, delays = [] } = this.options;
    const before = this.newest();
    const finished = gradients.map((values, index) => {
      const plan = this.parameters[index];
      return backend.tf.tidy(() =>
        this.context.finished(backend.tf.tensor(values, [...plan.shape]), this.isBound(plan)),
      );
    });
    let squaredNorm = 0;
    const norms = await this.norms(finished, divisor);
    for (const sum of norms) squaredNorm += sum;
    const after = finished.map((gradient, index) => {
      const plan = this.parameters[index];
      const state = { weights: before.weights[index], memories: before.memories[index].slice(0, optimizer.memories) };
      const step = { plan, state, gradient, isProjected: this.isBound(plan) };
      return this.context.stepped(step, { update, divisor, squaredNorm });
    });
    backend.tf.dispose(finished);
    this.history.push({
      weights: after.map(({ weights }) => weights),
      memories: after.map(({ memories }) => memories),
    });
    while (this.history.length > 1 + Math.max(0, ...delays)) {
      const { weights, memories } = this.history.shift() as WholeModel;
      backend.tf.dispose([weights, memories] as never);
    }
    return Math.sqrt(squaredNorm);
  }

  /** Squared norms stage by stage, as stages answer them: parameters in order, each stage divided by itself. */
  private async norms(finished: readonly Tensor[], divisor: number): Promise<number[]> {
    const { plan, backend } = this.context;
    const sums = new Array<number>(this.stageOfPart[this.stageOfPart.length - 1] + 1).fill(0);
    for (const [index, { name }] of this.parameters.entries()) {
      const part = plan.parts.findIndex(({ parameters }) => parameters.some((parameter) => parameter.name === name));
      let sum = 0;
      for (const value of await backend.read(finished[index])) sum += value * value;
      sums[this.stageOfPart[part]] += sum;
    }
    return sums.map((sum) => sum / (divisor * divisor));
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let first = 0;
  for (const part of parts) {
    all.set(part, first);
    first += part.length;
  }
  return all;
}
