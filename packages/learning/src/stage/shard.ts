/** What the holder of a stage holds: weights, the optimiser's memories, and the state to return to. */
import { createHash } from "node:crypto";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TrainingContext, UpdateScale } from "../training-context.ts";
import { EncoderMemories } from "./boundary.ts";
import { isProjected } from "./projection.ts";
import { readTensors } from "./read-tensors.ts";
import { settled } from "./settled.ts";
import type { ShardContents } from "./shard-file.ts";
import type { ShardLayout } from "./shard-layout.ts";
import { TensorSet } from "./tensor-set.ts";

/** Version v has seen the updates before v. */
interface ShardState {
  readonly version: number;
  /** In the order of the layout's parameters. */
  readonly weights: TensorSet;
  /** Of each parameter, one after the other. */
  readonly memories: TensorSet;
}

export class Shard {
  readonly layout: ShardLayout;
  readonly encoders = new EncoderMemories();
  private readonly context: TrainingContext;
  private state: ShardState;
  private marked: ShardState & { readonly encoders: ReadonlyMap<string, Float32Array> };

  constructor(context: TrainingContext, layout: ShardLayout, state: { version: number; tensors: ShardTensors }) {
    this.context = context;
    this.layout = layout;
    const weights = new TensorSet(state.tensors.weights);
    const memories = new TensorSet(state.tensors.memories);
    this.state = { version: state.version, weights, memories };
    this.marked = {
      version: state.version,
      weights: weights.retain(),
      memories: memories.retain(),
      encoders: new Map(),
    };
  }

  get version(): number {
    return this.state.version;
  }

  get weights(): TensorSet {
    return this.state.weights;
  }

  /** Whether a parameter keeps within the subspace of the boundary's compressor. */
  isProjected(parameter: number): boolean {
    return isProjected(this.layout.parameters[parameter], this.layout);
  }

  /** The optimiser's step with one finished gradient for each parameter. */
  apply(gradients: readonly Tensor[], scale: UpdateScale): void {
    const { context, layout, state } = this;
    const perParameter = context.optimizer.memories;
    const weights: Tensor[] = [];
    const memories: Tensor[] = [];
    try {
      layout.parameters.forEach((plan, index) => {
        const before = {
          weights: state.weights.tensors[index],
          memories: state.memories.tensors.slice(index * perParameter, (index + 1) * perParameter),
        };
        const step = { plan, state: before, gradient: gradients[index], isProjected: this.isProjected(index) };
        const after = context.stepped(step, scale);
        weights.push(after.weights);
        memories.push(...after.memories);
      });
    } catch (error) {
      context.backend.tf.dispose([...weights, ...memories]);
      throw error;
    }
    this.become({ version: scale.update + 1, weights: new TensorSet(weights), memories: new TensorSet(memories) });
  }

  mark(): void {
    const { version, weights, memories } = this.state;
    const marked = { version, weights: weights.retain(), memories: memories.retain(), encoders: this.encoders.copy() };
    this.marked.weights.release();
    this.marked.memories.release();
    this.marked = marked;
  }

  /** Returns to the marked state. */
  discard(): void {
    const { version, weights, memories, encoders } = this.marked;
    this.become({ version, weights: weights.retain(), memories: memories.retain() });
    this.encoders.reset(encoders);
  }

  /** SHA-256 of the weights, as float32 in the order of the parameters. */
  digest(): string | Promise<string> {
    return settled(readTensors(this.context.backend, this.state.weights.tensors), (all) => {
      const hash = createHash("sha256");
      for (const values of all) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return hash.digest("hex");
    });
  }

  contents(owner: string): ShardContents | Promise<ShardContents> {
    const { context, layout, state } = this;
    const encoders = this.encoders.copy();
    return settled(
      readTensors(context.backend, [...state.weights.tensors, ...state.memories.tensors]),
      (all): ShardContents => {
        const tensors = new Map<string, Float32Array>();
        const names = tensorNames(layout, context.optimizer.memories);
        for (const [index, name] of names.entries()) tensors.set(name, all[index]);
        for (const [name, memory] of encoders) tensors.set(`encoder ${name}`, memory);
        const { stage, stages } = layout;
        const optimizer = context.training.optimizer.kind;
        return { stage, stages, version: state.version, optimizer, owner, tensors };
      },
    );
  }

  dispose(): void {
    for (const { weights, memories } of [this.state, this.marked]) {
      weights.release();
      memories.release();
    }
  }

  private become(next: ShardState): void {
    this.state.weights.release();
    this.state.memories.release();
    this.state = next;
  }
}

export interface ShardTensors {
  readonly weights: readonly Tensor[];
  readonly memories: readonly Tensor[];
}

/** Weights in order, then memories in order. */
function tensorNames({ parameters }: ShardLayout, memories: number): string[] {
  return [
    ...parameters.map(({ name }) => `weights ${name}`),
    ...parameters.flatMap(({ name }) => Array.from({ length: memories }, (_, index) => `memory ${index} ${name}`)),
  ];
}

/** A shard as it begins. */
export function initialShard(context: TrainingContext, layout: ShardLayout): Shard {
  const { tf } = context.backend;
  const { parameters } = layout;
  const weights = parameters.map((plan) =>
    tf.tensor(context.initialWeights(plan, isProjected(plan, layout)), [...plan.shape]),
  );
  const memories = parameters.flatMap(({ shape }) =>
    Array.from({ length: context.optimizer.memories }, () => tf.zeros([...shape])),
  );
  return new Shard(context, layout, { version: 0, tensors: { weights, memories } });
}

/**
 * A shard from what another holder, or an earlier one, wrote.
 *
 * @param isOwn whether what the encoders remember is ours: that of another replica has yet to be sent by it.
 * @throws Error `unsuitable shard: ...` when it is of another stage, version, model or optimiser
 */
export function shardFrom(
  context: TrainingContext,
  layout: ShardLayout,
  source: { contents: ShardContents; version: number; isOwn: boolean },
): Shard {
  const { contents, version, isOwn } = source;
  const { stage, stages, parameters } = layout;
  if (contents.stage !== stage || contents.stages !== stages)
    throw new Error(`unsuitable shard: stage ${contents.stage} of ${contents.stages} (expected ${stage} of ${stages})`);
  if (contents.version !== version)
    throw new Error(`unsuitable shard: version ${contents.version} (expected ${version})`);
  const { kind } = context.training.optimizer;
  if (contents.optimizer !== kind)
    throw new Error(`unsuitable shard: optimizer ${contents.optimizer} (expected ${kind})`);
  const names = tensorNames(layout, context.optimizer.memories);
  const shapes = [...parameters, ...parameters.flatMap((plan) => new Array(context.optimizer.memories).fill(plan))];
  const values = names.map((name, index) => {
    const found = contents.tensors.get(name);
    const size = shapes[index].shape.reduce((product: number, extent: number) => product * extent, 1);
    if (found?.length !== size)
      throw new Error(`unsuitable shard: ${found?.length ?? "no"} elements of ${name} (expected ${size})`);
    return found as Float32Array;
  });
  const tensors = values.map((all, index) => context.backend.tf.tensor(all, [...shapes[index].shape]));
  const weights = tensors.slice(0, parameters.length);
  const shard = new Shard(context, layout, {
    version,
    tensors: { weights, memories: tensors.slice(parameters.length) },
  });
  const own = [...contents.tensors].filter(([name]) => isOwn && name.startsWith("encoder "));
  shard.encoders.reset(new Map(own.map(([name, memory]) => [name.slice("encoder ".length), memory])));
  shard.mark();
  return shard;
}
