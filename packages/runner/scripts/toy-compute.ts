/**
 * A model whose training comes out the same to the last bit in whatever order its sums are taken, because every number in
 * it is an integer: stage s adds its weights to what passes, the loss is half the mean squared distance to a target, and
 * an update moves each weight by its share of the mean gradient, rounded.
 */
import { createHash } from "node:crypto";
import type { ComputeResult, ComputeTask, MicrobatchId, Plain, StageCompute, TensorRef } from "@shardlab/contracts";
import type { ComputeContext } from "../src/compute/compute-module.ts";

/**
 * @property milliseconds that a pass takes.
 * @property refuse what opening fails with.
 * @property exhaust update at which stage 0 asks for all the memory there is: `heap` or `buffer`.
 */
export interface ToySettings {
  readonly elements: number;
  readonly milliseconds: number;
  readonly refuse?: string;
  readonly exhaust?: { readonly update: number; readonly what: "heap" | "buffer" };
  readonly [key: string]: Plain | undefined;
}

/** An integer from -50 to 50 for each element. */
function draw({ update, microbatch, split }: MicrobatchId, element: number, salt: number): number {
  let hash =
    Math.imul(update + 1, 0x9e3779b1) ^ Math.imul(microbatch + 7, 0x85ebca6b) ^ Math.imul(element + 3, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15) ^ salt ^ (split === "training" ? 0 : 77), 0x27d4eb2f);
  return ((hash >>> 8) % 101) - 50;
}

const initialWeight = (stage: number, element: number): number => ((stage + 1) * (element + 1)) % 13;

export const digestOf = (weights: Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(weights.buffer.slice(0)))
    .digest("hex");

/** Losses of updates and digests of each stage's weights after the last, by going through it all in one place. */
export function toyOracle({
  elements,
  stages,
  updates,
  microbatches,
}: {
  elements: number;
  stages: number;
  updates: number;
  microbatches: number;
}): { losses: number[]; digests: string[] } {
  const weights = Array.from({ length: stages }, (_, stage) =>
    new Float32Array(elements).map((_weight, element) => initialWeight(stage, element)),
  );
  const losses: number[] = [];
  for (let update = 0; update < updates; update++) {
    const gradient = new Float64Array(elements);
    let loss = 0;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      const id = { update, microbatch, split: "training" as const };
      let squares = 0;
      for (let element = 0; element < elements; element++) {
        const sum = weights.reduce((value, stage) => value + (stage[element] as number), draw(id, element, 1));
        const distance = sum - draw(id, element, 2);
        gradient[element] = (gradient[element] as number) + distance;
        squares += distance * distance;
      }
      loss += squares / 2 / elements;
    }
    losses.push(loss / microbatches);
    for (const stage of weights)
      for (let element = 0; element < elements; element++)
        stage[element] = (stage[element] as number) - Math.round((gradient[element] as number) / microbatches / stages);
  }
  return { losses, digests: weights.map(digestOf) };
}

interface Shard {
  stage: number;
  stages: number;
  version: number;
  weights: Float32Array;
}

export function createStageCompute(settings: ToySettings, context: ComputeContext): StageCompute {
  if (settings.refuse !== undefined) throw new Error(settings.refuse);
  return new ToyStage(settings, context);
}

class ToyStage implements StageCompute {
  private readonly settings: ToySettings;
  private readonly context: ComputeContext;
  private shard: Shard | undefined;
  private marked: { version: number; weights: Float32Array } | undefined;
  private gradients = new Map<number, Float32Array>();
  private readonly distances = new Map<string, Float32Array>();

  constructor(settings: ToySettings, context: ComputeContext) {
    this.settings = settings;
    this.context = context;
  }

  dispose(): void {}

  run(task: ComputeTask): ComputeResult {
    switch (task.kind) {
      case "open":
        return this.open(task);
      case "forward":
        return this.forward(task);
      case "backward":
        return this.backward(task);
      case "reduce-export":
        return this.answer(this.gradient(task.update).slice(task.firstElement, task.firstElement + task.elementCount));
      case "reduce-import":
        return this.importSlice(task);
      case "gradient-encode":
      case "tied-export":
        return this.answer(this.gradient(task.update).slice());
      case "gradient-decode":
        return this.decode(task.update, task.tensors);
      case "gradient-norm":
        return { flop: 0, squaredNorm: this.squaredNorm(task.update, task.divisor) };
      case "apply":
        return this.apply(task);
      default:
        return this.keep(task);
    }
  }

  private get held(): Shard {
    if (this.shard === undefined) throw new Error("no shard open");
    return this.shard;
  }

  private keep(task: ComputeTask): ComputeResult {
    const { held } = this;
    switch (task.kind) {
      case "mark":
        this.marked = { version: held.version, weights: held.weights.slice() };
        return { flop: 0 };
      case "discard":
        this.gradients.clear();
        this.distances.clear();
        if (this.marked !== undefined) Object.assign(held, { ...this.marked, weights: this.marked.weights.slice() });
        return { flop: 0, version: held.version };
      case "snapshot":
        return this.answer(held.weights.slice());
      case "checkpoint":
        return { flop: 0, ...this.context.checkpoints.write(held.stage, task.version, bytesOf(held.weights.slice())) };
      case "close":
        this.shard = undefined;
        return { flop: 0 };
      default:
        throw new Error(`not done by this toy: ${task.kind}`);
    }
  }

  private open({ stage, stages, source }: Extract<ComputeTask, { kind: "open" }>): ComputeResult {
    const { elements } = this.settings;
    const weights =
      source.from === "initial"
        ? new Float32Array(elements).map((_, element) => initialWeight(stage, element))
        : source.from === "checkpoint"
          ? floats(this.context.checkpoints.read(stage, source.version))
          : floats(this.context.store.bytesOf(source.tensor));
    const version = source.from === "initial" ? 0 : source.version;
    this.shard = { stage, stages, version, weights };
    this.marked = { version, weights: weights.slice() };
    this.gradients.clear();
    this.distances.clear();
    return { flop: 0, version, elementCount: elements, tiedElementCount: 0 };
  }

  private forward(task: Extract<ComputeTask, { kind: "forward" }>): ComputeResult {
    this.work();
    const { stage, stages, weights } = this.held;
    const { exhaust } = this.settings;
    if (exhaust !== undefined && exhaust.update === task.update && stage === 0) exhaustMemory(exhaust.what);
    const input = task.input === undefined ? undefined : floats(this.context.store.bytesOf(task.input));
    const output = weights.map((weight, element) => weight + (input?.[element] ?? draw(task, element, 1)));
    const flop = weights.length;
    if (stage < stages - 1) return { ...this.answer(output), flop };
    const distances = output.map((value, element) => value - draw(task, element, 2));
    if (task.split === "training") this.distances.set(`${task.update}/${task.microbatch}`, distances);
    const squares = distances.reduce((sum, distance) => sum + distance * distance, 0);
    return { flop, loss: squares / 2 / weights.length, tokens: weights.length };
  }

  private backward(task: Extract<ComputeTask, { kind: "backward" }>): ComputeResult {
    this.work();
    const key = `${task.update}/${task.microbatch}`;
    const given =
      task.gradient === undefined ? this.distances.get(key) : floats(this.context.store.bytesOf(task.gradient));
    if (given === undefined) throw new Error(`no forward pass: ${key}`);
    this.distances.delete(key);
    const gradient = this.gradient(task.update);
    for (const [element, value] of given.entries()) gradient[element] = (gradient[element] as number) + value;
    return this.held.stage === 0 ? { flop: 1 } : { ...this.answer(given.slice()), flop: 2 * given.length };
  }

  private importSlice({
    update,
    mode,
    firstElement,
    tensor,
  }: Extract<ComputeTask, { kind: "reduce-import" }>): ComputeResult {
    const gradient = this.gradient(update);
    for (const [index, value] of floats(this.context.store.bytesOf(tensor)).entries()) {
      const at = firstElement + index;
      gradient[at] = mode === "add" ? (gradient[at] as number) + value : value;
    }
    return { flop: 0 };
  }

  private decode(update: number, tensors: readonly TensorRef[]): ComputeResult {
    const sum = new Float32Array(this.settings.elements);
    for (const tensor of tensors)
      for (const [element, value] of floats(this.context.store.bytesOf(tensor)).entries())
        sum[element] = (sum[element] as number) + value;
    this.gradients.set(update, sum);
    return { flop: 0 };
  }

  private squaredNorm(update: number, divisor: number): number {
    return this.gradient(update).reduce((sum, value) => sum + (value / divisor) ** 2, 0);
  }

  private apply({ update, divisor, digest }: Extract<ComputeTask, { kind: "apply" }>): ComputeResult {
    const { held } = this;
    if (held.version !== update) throw new Error(`apply update ${update}: shard has version ${held.version}`);
    const gradient = this.gradient(update);
    held.weights = held.weights.map(
      (weight, element) => weight - Math.round((gradient[element] as number) / divisor / held.stages),
    );
    held.version = update + 1;
    this.gradients.delete(update);
    return { flop: 0, version: held.version, ...(digest ? { digest: digestOf(held.weights) } : {}) };
  }

  private gradient(update: number): Float32Array {
    const found = this.gradients.get(update) ?? new Float32Array(this.settings.elements);
    this.gradients.set(update, found);
    return found;
  }

  private answer(values: Float32Array): ComputeResult {
    return { flop: 0, output: this.context.store.put(bytesOf(values), [values.length]) };
  }

  private work(): void {
    const { milliseconds } = this.settings;
    if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const floats = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);

function exhaustMemory(what: "heap" | "buffer"): void {
  if (what === "buffer") {
    new ArrayBuffer(2 ** 46);
    return;
  }
  const held: number[][] = [];
  for (;;) held.push(new Array(1e5).fill(held.length));
}
