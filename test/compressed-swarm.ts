/** Stages and replicas in one process with compressors between them, and a record of the bytes that pass. */
import { type CompressorSpec, compressorSpec, createCompressor } from "@shardlab/compressors";
import type {
  Compressor,
  CompressorContext,
  ComputeResult,
  ComputeTask,
  MicrobatchId,
  ShardSource,
  StageCompute,
  TensorRef,
} from "@shardlab/contracts";
import {
  type Backend,
  type CheckpointStore,
  createStageCompute,
  type LearningSpec,
  MemoryCheckpointStore,
  MemoryTensorStore,
  type ModelSpec,
  modelSpec,
  optimizerSpec,
  readShard,
  type ShardContents,
  writeShard,
} from "@shardlab/learning";

export interface CompressedOptions {
  readonly backend: Backend;
  readonly model?: object;
  readonly stages?: number;
  readonly replicas?: number;
  readonly microbatches?: number;
  readonly optimizer?: object;
  /** Specifications of compressors. */
  readonly activations?: object;
  readonly gradients?: object;
  /** Where each replica keeps its checkpoints; its encoders' memories are among them. */
  readonly checkpoints?: readonly CheckpointStore[];
  /** Changes the compressor at boundaries. */
  readonly change?: (compressor: Compressor) => Compressor;
}

export const seed = 12;
export const microbatchSize = 3;
export const sizes = { layers: 4, width: 16, heads: 2, vocabulary: 11, context: 7 };

export const modelOf = (options: object = {}): ModelSpec => modelSpec.parse({ kind: "gpt", ...sizes, ...options });

export const trainingOf = (optimizer: object = {}): LearningSpec & { updates: number } => ({
  data: { kind: "markov", alphabet: 11, order: 1, concentration: 0.2 },
  tokenizer: { kind: "bytes" },
  microbatchSize,
  optimizer: optimizerSpec.parse({ kind: "adam-w", learningRate: 0.01, clip: 1, ...optimizer }),
  updates: 1000,
});

export const compressorOf = (
  spec: object = { kind: "identity" },
  context: Partial<CompressorContext> = {},
): Compressor =>
  createCompressor(compressorSpec.parse(spec) as CompressorSpec, { width: 16, vocabulary: 11, seed, ...context });

/** Weights by name, in the order of the gradient. */
export const weightsOf = ({ tensors }: ShardContents): [string, Float32Array][] =>
  [...tensors].flatMap(([name, values]) => (name.startsWith("weights ") ? [[name.slice(8), values]] : []));

export class CompressedSwarm {
  readonly store = new MemoryTensorStore();
  /** By replica and stage. */
  readonly grid: StageCompute[][];
  /** Bytes of each tensor that left a stage: activations, their gradients, gradients between replicas. */
  readonly sent = { activation: [] as number[], "activation-gradient": [] as number[], gradient: [] as number[] };
  private readonly options: Required<Pick<CompressedOptions, "stages" | "replicas" | "microbatches">>;

  constructor(options: CompressedOptions) {
    const { backend, model, optimizer, activations, gradients, change = (compressor) => compressor } = options;
    const { stages = 4, replicas = 1, microbatches = 2 } = options;
    this.options = { stages, replicas, microbatches };
    const checkpoints = options.checkpoints ?? Array.from({ length: replicas }, () => new MemoryCheckpointStore());
    const worker = (replica: number) =>
      createStageCompute({
        ...{ backend, model: modelOf(model), training: trainingOf(optimizer), seed },
        ...{ store: this.store, checkpoints: checkpoints[replica] },
        ...{ activations: change(compressorOf(activations)), gradients: compressorOf(gradients) },
      });
    this.grid = Array.from({ length: replicas }, (_, replica) => Array.from({ length: stages }, () => worker(replica)));
  }

  async open(source: ShardSource = { from: "initial" }): Promise<void> {
    const { stages } = this.options;
    for (const { compute, stage } of this.workers()) await compute.run({ kind: "open", stage, stages, source });
  }

  /** Gives a worker these weights instead, at the version that they are of. */
  async reopen(replica: number, stage: number, contents: ShardContents): Promise<void> {
    const tensor = this.store.put(writeShard(contents), []);
    const source = { from: "snapshot", version: contents.version, tensor } as const;
    await this.grid[replica][stage].run({ kind: "open", stage, stages: this.options.stages, source });
    this.store.release(tensor);
  }

  /** The same task at every worker, one after the other. */
  async everywhere(task: ComputeTask): Promise<void> {
    for (const { compute } of this.workers()) await compute.run(task);
  }

  /** Loss of a microbatch. */
  async forward(replica: number, id: MicrobatchId): Promise<number> {
    let input: TensorRef | undefined;
    let last: ComputeResult = { flop: 0 };
    for (const compute of this.grid[replica]) {
      last = await this.run(compute, { kind: "forward", ...(input && { input }), ...id });
      input = last.output;
      if (input !== undefined) this.sent.activation.push(input.bytes);
    }
    return last.loss ?? Number.NaN;
  }

  async backward(replica: number, id: MicrobatchId): Promise<void> {
    let gradient: TensorRef | undefined;
    for (const compute of this.grid[replica].toReversed()) {
      gradient = (await this.run(compute, { kind: "backward", ...(gradient && { gradient }), ...id })).output;
      if (gradient !== undefined) this.sent["activation-gradient"].push(gradient.bytes);
    }
  }

  /** All microbatches of an update, forward and back; the mean loss. */
  async passes(update: number): Promise<number> {
    const { microbatches, replicas } = this.options;
    let loss = 0;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      const id = { update, microbatch, split: "training" } as const;
      loss += (await this.forward(microbatch % replicas, id)) / microbatches;
      await this.backward(microbatch % replicas, id);
    }
    return loss;
  }

  /** Every replica encodes, and decodes what all encoded, in the order of their ranks. */
  async exchange(update: number): Promise<void> {
    for (let stage = 0; stage < this.options.stages; stage++) {
      const encoded: TensorRef[] = [];
      for (const row of this.grid) {
        const { output } = await this.run(row[stage], { kind: "gradient-encode", update });
        if (output === undefined) throw new Error("nothing encoded");
        encoded.push(output);
        this.sent.gradient.push(output.bytes);
      }
      for (const row of this.grid) await row[stage].run({ kind: "gradient-decode", update, tensors: encoded });
      for (const tensor of encoded) this.store.release(tensor);
    }
  }

  async exchangeTied(update: number): Promise<void> {
    for (const row of this.grid) {
      const ends = [row[0], row[row.length - 1]];
      const [ofFirst, ofLast] = [
        await ends[0].run({ kind: "tied-export", update }),
        await ends[1].run({ kind: "tied-export", update }),
      ];
      if (ofFirst.output === undefined || ofLast.output === undefined) throw new Error("no shared matrix");
      await this.run(ends[0], { kind: "tied-import", update, tensor: ofLast.output });
      await this.run(ends[1], { kind: "tied-import", update, tensor: ofFirst.output });
    }
  }

  /** The optimiser's step; digests of the weights by replica and stage. */
  async apply(update: number): Promise<string[][]> {
    const divisor = this.options.microbatches;
    const digests: string[][] = [];
    for (const row of this.grid) {
      let squaredNorm = 0;
      for (const compute of row) {
        squaredNorm += (await this.run(compute, { kind: "gradient-norm", update, divisor })).squaredNorm ?? Number.NaN;
      }
      const own: string[] = [];
      for (const compute of row) {
        const { digest = "" } = await this.run(compute, { kind: "apply", update, divisor, squaredNorm, digest: true });
        await this.run(compute, { kind: "mark" });
        own.push(digest);
      }
      digests.push(own);
    }
    return digests;
  }

  /** A whole update; the mean loss before it. */
  async update(update: number): Promise<{ loss: number; digests: string[][] }> {
    const loss = await this.passes(update);
    if (this.options.replicas > 1) await this.exchange(update);
    return { loss, digests: await this.apply(update) };
  }

  async heldOut(microbatches = 4): Promise<number> {
    let loss = 0;
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      loss += (await this.forward(0, { update: 0, microbatch, split: "held-out" })) / microbatches;
    }
    return loss;
  }

  /** What a worker holds. */
  async contents(replica: number, stage: number): Promise<ShardContents> {
    const { output } = await this.run(this.grid[replica][stage], { kind: "snapshot" });
    if (output === undefined) throw new Error("no snapshot");
    const contents = readShard(this.store.bytesOf(output));
    this.store.release(output);
    return contents;
  }

  /** The gradient summed so far, of all parameters of a stage in their order. */
  async gradientOf(replica: number, stage: number, update: number): Promise<Float32Array> {
    const elementCount = weightsOf(await this.contents(replica, stage)).reduce(
      (sum, [, { length }]) => sum + length,
      0,
    );
    const task = { kind: "reduce-export", update, firstElement: 0, elementCount } as const;
    const { output } = await this.run(this.grid[replica][stage], task);
    if (output === undefined) throw new Error("no gradient");
    const bytes = this.store.bytesOf(output).slice();
    this.store.release(output);
    return new Float32Array(bytes.buffer);
  }

  *workers(): Generator<{ compute: StageCompute; replica: number; stage: number }> {
    for (const [replica, row] of this.grid.entries()) {
      for (const [stage, compute] of row.entries()) yield { compute, replica, stage };
    }
  }

  dispose(): void {
    for (const { compute } of this.workers()) compute.dispose();
  }

  /** Runs a task and releases the tensor that it took. */
  private async run(compute: StageCompute, task: ComputeTask): Promise<ComputeResult> {
    const result = await compute.run(task);
    if (task.kind === "forward" && task.input !== undefined) this.store.release(task.input);
    if (task.kind === "backward" && task.gradient !== undefined) this.store.release(task.gradient);
    if (task.kind === "tied-import") this.store.release(task.tensor);
    return result;
  }
}
