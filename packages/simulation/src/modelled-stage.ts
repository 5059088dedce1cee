/** Computing without numbers: the sizes of what a shard would answer. */
import type { ComputeResult, ComputeTask, NodeId, StageCompute } from "@shardlab/contracts";
import type { Disk } from "./disk.ts";
import { elementBytes, type StageSizes, type WireTensor } from "./stage-sizes.ts";
import type { SwarmTensors } from "./swarm-tensors.ts";

export interface ModelledStageOptions {
  readonly sizes: readonly StageSizes[];
  readonly tensors: SwarmTensors;
  readonly node: NodeId;
  readonly disk: Disk;
}

type TaskOf<Kind extends ComputeTask["kind"]> = Extract<ComputeTask, { readonly kind: Kind }>;

const none: ComputeResult = { flop: 0 };
const closed = -1;

/** Losses and norms are NaN: nothing is known of them. Versions are kept as a real shard keeps them. */
export class ModelledStage implements StageCompute {
  private readonly options: ModelledStageOptions;
  private stage = closed;
  private version = 0;
  private markedVersion = 0;

  constructor(options: ModelledStageOptions) {
    this.options = options;
  }

  run(task: ComputeTask): ComputeResult {
    if (task.kind === "open") return this.open(task);
    if (this.stage === closed) throw new Error(`no shard: ${task.kind}`);
    switch (task.kind) {
      case "close":
        this.stage = closed;
        return none;
      case "forward":
        return this.forward();
      case "backward":
        return this.backward();
      case "reduce-export":
        return this.answer(elements(task.elementCount), "slice");
      case "gradient-encode":
        return this.answer(this.wholeGradient(), "gradient");
      case "tied-export":
        return this.answer(elements(this.sizes.cost.tiedElementCount), "tied");
      case "gradient-norm":
        return { flop: 0, squaredNorm: Number.NaN };
      case "apply":
        return this.apply(task);
      case "mark":
        this.markedVersion = this.version;
        return none;
      case "discard":
        this.version = this.markedVersion;
        return { flop: 0, version: this.version };
      case "snapshot":
        return this.answer(this.shard(), this.weightsDigest());
      case "checkpoint":
        this.options.disk.mark(this.keyOf(task.version));
        return { flop: 0, bytes: this.sizes.snapshotBytes, digest: this.weightsDigest() };
      case "reduce-import":
      case "gradient-decode":
      case "tied-import":
        return none;
    }
  }

  dispose(): void {
    this.stage = closed;
  }

  private get sizes(): StageSizes {
    return this.options.sizes[this.stage];
  }

  private open({ stage, stages, source }: TaskOf<"open">): ComputeResult {
    const { sizes, disk } = this.options;
    if (stages !== sizes.length || !(stage >= 0 && stage < stages))
      throw new Error(`unknown stage: ${stage} of ${stages}`);
    if (source.from === "checkpoint") disk.check({ stage, stages, version: source.version });
    this.stage = stage;
    this.version = source.from === "initial" ? 0 : source.version;
    this.markedVersion = this.version;
    const { gradientElementCount, tiedElementCount } = sizes[stage].cost;
    return { flop: 0, version: this.version, elementCount: gradientElementCount, tiedElementCount };
  }

  private forward(): ComputeResult {
    const { cost, activation, tokens } = this.sizes;
    const isLast = this.stage === this.options.sizes.length - 1;
    if (isLast) return { flop: cost.forwardFlop, loss: Number.NaN, tokens };
    return this.answer(activation, "activation", cost.forwardFlop);
  }

  private backward(): ComputeResult {
    const { cost, activationGradient } = this.sizes;
    if (this.stage === 0) return { flop: cost.backwardFlop };
    return this.answer(activationGradient, "activation-gradient", cost.backwardFlop);
  }

  private wholeGradient(): WireTensor {
    const { gradientBytes, cost } = this.sizes;
    return { bytes: gradientBytes, shape: [cost.gradientElementCount] };
  }

  private shard(): WireTensor {
    const { snapshotBytes, cost } = this.sizes;
    return { bytes: snapshotBytes, shape: [cost.parameterCount] };
  }

  private apply({ update, digest }: TaskOf<"apply">): ComputeResult {
    this.version = update + 1;
    return digest
      ? { flop: 0, version: this.version, digest: this.weightsDigest() }
      : { flop: 0, version: this.version };
  }

  private keyOf(version: number) {
    return { stage: this.stage, stages: this.options.sizes.length, version };
  }

  private weightsDigest(): string {
    return `modelled ${this.stage}/${this.version}`;
  }

  /** `digest` stands for bytes that nobody has. */
  private answer({ bytes, shape }: WireTensor, digest: string, flop = 0): ComputeResult {
    const { tensors, node } = this.options;
    return { flop, output: tensors.putSize(node, { bytes, shape, digest }) };
  }
}

const elements = (count: number): WireTensor => ({ bytes: elementBytes * count, shape: [count] });
