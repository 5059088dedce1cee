/** A stage that is held: the tasks that need its weights, and what is under way. */
import type { ComputeResult, ComputeTask, ComputeTaskKind, TensorRef } from "@shardlab/contracts";
import { type StageCost, stageCost } from "../stage-costs.ts";
import type { TrainingContext } from "../training-context.ts";
import { Boundary } from "./boundary.ts";
import { finishedGradients, squaredNormOf } from "./finished-gradient.ts";
import { bytesOfFloats, floatsOfBytes } from "./float-bytes.ts";
import { decodeGradients, encodeGradient } from "./gradient-exchange.ts";
import { digestOf } from "./memory-tensor-store.ts";
import { finallyDo, settled } from "./settled.ts";
import type { Shard } from "./shard.ts";
import { writeShard } from "./shard-file.ts";
import type { GradientSlot, ShardLayout } from "./shard-layout.ts";
import type { StageComputeOptions } from "./stage-options.ts";
import { freePass, type StagePass, StagePasses } from "./stage-passes.ts";
import { UpdateGradient } from "./update-gradient.ts";

export type Answer = ComputeResult | Promise<ComputeResult>;
export type Task<K extends ComputeTaskKind> = Extract<ComputeTask, { kind: K }>;

const passName = ({ update, microbatch }: { update: number; microbatch: number }): string =>
  `microbatch ${microbatch} of update ${update}`;

export class HeldStage {
  private readonly options: StageComputeOptions;
  private readonly context: TrainingContext;
  private readonly shard: Shard;
  private readonly layout: ShardLayout;
  private readonly cost: StageCost;
  private readonly passes: StagePasses;
  private readonly boundary: Boundary;
  private readonly underWay = new Map<string, StagePass>();
  private readonly gradients = new Map<number, UpdateGradient>();

  constructor(options: StageComputeOptions, context: TrainingContext, shard: Shard) {
    const { backend, store, activations: compressor } = options;
    this.options = options;
    this.context = context;
    this.shard = shard;
    this.layout = shard.layout;
    const { microbatchSize, optimizer, recompute = false } = options.training;
    const costOptions = { stages: this.layout.stages, microbatchSize, optimizer, recompute };
    this.cost = stageCost(context.plan, this.layout.range, costOptions);
    this.passes = new StagePasses(context, shard, recompute);
    this.boundary = new Boundary({ backend, store, compressor, shape: [context.rows, context.plan.boundaryWidth] });
  }

  opened(): ComputeResult {
    const { tiedSlot, elementCount } = this.layout;
    return { flop: 0, version: this.shard.version, elementCount, tiedElementCount: tiedSlot?.elementCount ?? 0 };
  }

  forward({ input, update, microbatch, split }: Task<"forward">): Answer {
    const { stage, isLast, isFirst } = this.layout;
    const { backend } = this.context;
    const id = { split, update: split === "training" ? update : 0, microbatch };
    const name = passName(id);
    if (split === "training" && this.underWay.has(name)) throw new Error(`already under way: ${name}`);
    if ((input === undefined) !== isFirst) throw new Error(`${isFirst ? "unexpected" : "missing"} input: ${name}`);
    const arrived = input && this.boundary.receive(input, { number: stage - 1, role: "activation", split });
    const { y, tokens, pass } = this.passes.forward({ x: arrived?.tensor, tokens: arrived?.tokens, id });
    const flop = this.cost.forwardFlop;
    const answer = (): Answer => {
      if (isLast) return settled(backend.read(y), ([loss]) => ({ flop, loss, tokens: this.context.rows }));
      const crossing = { number: stage, role: "activation", split } as const;
      const sent = this.boundary.send(y, crossing, { encoders: this.shard.encoders, tokens });
      return settled(sent, (output) => ({ flop, output }));
    };
    return this.keeping(pass, name, () => finallyDo(answer, () => y.dispose()));
  }

  /** Counts a pass as under way once its answer is there, and forgets it where none comes. */
  private keeping(pass: StagePass | undefined, name: string, answer: () => Answer): Answer {
    const keep = (result: ComputeResult): ComputeResult => {
      if (pass !== undefined) this.underWay.set(name, pass);
      return result;
    };
    const drop = (error: unknown): never => {
      if (pass !== undefined) freePass(this.context, pass);
      throw error;
    };
    try {
      const result = answer();
      return result instanceof Promise ? result.then(keep, drop) : keep(result);
    } catch (error) {
      return drop(error);
    }
  }

  backward({ gradient, update, microbatch, split }: Task<"backward">): Answer {
    const { stage, isLast } = this.layout;
    const name = passName({ update, microbatch });
    const pass = this.underWay.get(name);
    if (pass === undefined || split !== "training") throw new Error(`not under way: ${name}`);
    if ((gradient === undefined) !== isLast) throw new Error(`${isLast ? "unexpected" : "missing"} gradient: ${name}`);
    const arrived = gradient && this.boundary.receive(gradient, { number: stage, role: "activation-gradient", split });
    const { dx, gradients } = finallyDo(
      () => this.passes.backward(pass, arrived?.tensor),
      () => arrived?.tensor.dispose(),
    ) as ReturnType<StagePasses["backward"]>;
    const drop = (error: unknown): never => {
      this.context.backend.tf.dispose(gradients);
      throw error;
    };
    const finish = (output?: TensorRef): ComputeResult => {
      try {
        this.gradientOf(update).add(gradients);
      } catch (error) {
        if (output !== undefined) this.options.store.release(output);
        return drop(error);
      }
      this.underWay.delete(name);
      freePass(this.context, pass);
      const flop = this.cost.backwardFlop;
      return output === undefined ? { flop } : { flop, output };
    };
    if (dx === undefined) return finish();
    const crossing = { number: stage - 1, role: "activation-gradient", split } as const;
    const send = () => this.boundary.send(dx, crossing, { encoders: this.shard.encoders, tokens: pass.tokens });
    let sent: TensorRef | Promise<TensorRef>;
    try {
      sent = finallyDo(send, () => dx.dispose());
    } catch (error) {
      return drop(error);
    }
    return sent instanceof Promise ? sent.then(finish, drop) : finish(sent);
  }

  reduceExport({ update, firstElement, elementCount }: Task<"reduce-export">): Answer {
    this.checkSlice(firstElement, elementCount);
    return this.exported(update, { firstElement, elementCount });
  }

  reduceImport({ update, firstElement, elementCount, mode, tensor }: Task<"reduce-import">): Answer {
    this.checkSlice(firstElement, elementCount);
    return this.imported(update, { firstElement, elementCount }, { mode, tensor });
  }

  tiedExport({ update }: Task<"tied-export">): Answer {
    return this.exported(update, this.tiedSlot());
  }

  tiedImport({ update, tensor }: Task<"tied-import">): Answer {
    return this.imported(update, this.tiedSlot(), { mode: "add", tensor });
  }

  gradientEncode({ update }: Task<"gradient-encode">): Answer {
    const { gradients: compressor, store } = this.options;
    return settled(this.gradientOf(update).read(), (flat) => {
      const bytes = encodeGradient(flat, this.layout, { compressor, encoders: this.shard.encoders });
      return { flop: 0, output: store.put(bytes, [this.layout.elementCount]) };
    });
  }

  gradientDecode({ update, tensors }: Task<"gradient-decode">): Answer {
    const { gradients: compressor, store } = this.options;
    const encoded = tensors.map((tensor) => store.bytesOf(tensor));
    this.gradientOf(update).replace(decodeGradients(encoded, this.layout, compressor));
    return { flop: 0 };
  }

  gradientNorm({ update, divisor }: Task<"gradient-norm">): Answer {
    const { context, shard } = this;
    const gradients = finishedGradients(context, shard, this.gradientOf(update));
    const norm = finallyDo(
      () => squaredNormOf(context, shard, { gradients, divisor }),
      () => context.backend.tf.dispose(gradients),
    );
    return settled(norm, (squaredNorm) => ({ flop: 0, squaredNorm }));
  }

  apply({ update, divisor, squaredNorm, digest }: Task<"apply">): Answer {
    const { context, shard } = this;
    if (update !== shard.version) throw new Error(`wrong update: ${update} (the shard has seen ${shard.version})`);
    const gradients = finishedGradients(context, shard, this.gradientOf(update));
    try {
      shard.apply(gradients, { update, divisor, squaredNorm });
    } finally {
      context.backend.tf.dispose(gradients);
    }
    this.gradients.get(update)?.dispose();
    this.gradients.delete(update);
    const { version } = shard;
    if (!digest) return { flop: 0, version };
    return settled(shard.digest(), (text) => ({ flop: 0, version, digest: text }));
  }

  mark(): Answer {
    this.shard.mark();
    return { flop: 0, version: this.shard.version };
  }

  discard(): Answer {
    this.dropUnderWay();
    this.shard.discard();
    return { flop: 0, version: this.shard.version };
  }

  snapshot(): Answer {
    return settled(this.shard.contents(this.options.owner ?? ""), (contents) => {
      const bytes = writeShard(contents);
      const output = this.options.store.put(bytes, [this.layout.elementCount]);
      return { flop: 0, output, version: contents.version, bytes: bytes.length };
    });
  }

  checkpoint({ version }: Task<"checkpoint">): Answer {
    if (version !== this.shard.version)
      throw new Error(`wrong version: ${version} (the shard has seen ${this.shard.version})`);
    const { stage, stages } = this.layout;
    return settled(this.shard.contents(this.options.owner ?? ""), (contents) => {
      const bytes = writeShard(contents);
      const written = this.options.checkpoints.write({ stage, stages, version }, bytes);
      return settled(written, () => ({ flop: 0, version, bytes: bytes.length, digest: digestOf(bytes) }));
    });
  }

  dispose(): void {
    this.dropUnderWay();
    this.shard.dispose();
  }

  private dropUnderWay(): void {
    for (const pass of this.underWay.values()) freePass(this.context, pass);
    for (const gradient of this.gradients.values()) gradient.dispose();
    this.underWay.clear();
    this.gradients.clear();
  }

  private gradientOf(update: number): UpdateGradient {
    const known = this.gradients.get(update);
    if (known !== undefined) return known;
    const gradient = new UpdateGradient(this.context.backend, this.layout);
    this.gradients.set(update, gradient);
    return gradient;
  }

  private exported(update: number, slice: Pick<GradientSlot, "firstElement" | "elementCount">): Answer {
    return settled(this.gradientOf(update).read(), (flat) => {
      const values = flat.subarray(slice.firstElement, slice.firstElement + slice.elementCount);
      return { flop: 0, output: this.options.store.put(bytesOfFloats(values), [slice.elementCount]) };
    });
  }

  private imported(
    update: number,
    { firstElement, elementCount }: Pick<GradientSlot, "firstElement" | "elementCount">,
    { mode, tensor }: { mode: "add" | "replace"; tensor: TensorRef },
  ): Answer {
    const values = floatsOfBytes(this.options.store.bytesOf(tensor), elementCount);
    const edit = (flat: Float32Array): void => {
      if (mode === "replace") flat.set(values, firstElement);
      else for (let i = 0; i < elementCount; i++) flat[firstElement + i] += values[i];
    };
    return settled(this.gradientOf(update).change(edit), () => ({ flop: 0 }));
  }

  private checkSlice(firstElement: number, elementCount: number): void {
    const isWhole = Number.isInteger(firstElement) && Number.isInteger(elementCount);
    const isInside = firstElement >= 0 && elementCount >= 0 && firstElement + elementCount <= this.layout.elementCount;
    if (!isWhole || !isInside)
      throw new Error(`invalid slice: ${elementCount} elements from ${firstElement} of ${this.layout.elementCount}`);
  }

  private tiedSlot(): GradientSlot {
    const { tiedSlot, stage } = this.layout;
    if (tiedSlot === undefined) throw new Error(`no shared matrix: stage ${stage}`);
    return tiedSlot;
  }
}
