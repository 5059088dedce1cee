/** A worker's numbers: every task of `StageCompute`, on a backend, with compressors at the boundaries and between replicas. */
import type { ComputeTask, ComputeTaskKind, StageCompute } from "@shardlab/contracts";
import { TrainingContext } from "../training-context.ts";
import { type Answer, HeldStage, type Task } from "./held-stage.ts";
import { settled } from "./settled.ts";
import { initialShard, shardFrom } from "./shard.ts";
import { readShard } from "./shard-file.ts";
import { shardLayout } from "./shard-layout.ts";
import type { StageComputeOptions } from "./stage-options.ts";

/** Tasks of a stage that is held. */
const heldTasks: {
  readonly [K in Exclude<ComputeTaskKind, "open" | "close">]: (held: HeldStage, task: Task<K>) => Answer;
} = {
  forward: (held, task) => held.forward(task),
  backward: (held, task) => held.backward(task),
  "reduce-export": (held, task) => held.reduceExport(task),
  "reduce-import": (held, task) => held.reduceImport(task),
  "gradient-encode": (held, task) => held.gradientEncode(task),
  "gradient-decode": (held, task) => held.gradientDecode(task),
  "tied-export": (held, task) => held.tiedExport(task),
  "tied-import": (held, task) => held.tiedImport(task),
  "gradient-norm": (held, task) => held.gradientNorm(task),
  apply: (held, task) => held.apply(task),
  mark: (held) => held.mark(),
  discard: (held) => held.discard(),
  snapshot: (held) => held.snapshot(),
  checkpoint: (held, task) => held.checkpoint(task),
};

class StageTrainer implements StageCompute {
  private readonly options: StageComputeOptions;
  private readonly context: TrainingContext;
  private held: HeldStage | undefined;
  /** The last task, while it has not ended. */
  private pending: Promise<void> | undefined;

  constructor(options: StageComputeOptions) {
    this.options = options;
    this.context = new TrainingContext({ ...options, constraint: options.activations.constraint });
  }

  run(task: ComputeTask): Answer {
    const answer = this.pending === undefined ? this.begin(task) : this.pending.then(() => this.begin(task));
    if (answer instanceof Promise) this.await(answer);
    return answer;
  }

  dispose(): void {
    this.close();
    this.context.dispose();
  }

  private begin(task: ComputeTask): Answer {
    try {
      if (task.kind === "open") return this.open(task);
      if (task.kind === "close") return this.close();
      if (this.held === undefined) throw new Error(`no shard: ${task.kind}`);
      const work: (held: HeldStage, task: never) => Answer = heldTasks[task.kind];
      const answer = work(this.held, task as never);
      return answer instanceof Promise ? answer.catch(refuse) : answer;
    } catch (error) {
      return refuse(error);
    }
  }

  /** Lets the next task wait for this one. */
  private await(answer: Promise<unknown>): void {
    const ended: Promise<void> = answer
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.pending === ended) this.pending = undefined;
      });
    this.pending = ended;
  }

  private open({ stage, stages, source }: Task<"open">): Answer {
    const { options, context } = this;
    const layout = shardLayout(context.plan, stage, stages);
    const become = (shard: ReturnType<typeof initialShard>) => {
      this.held?.dispose();
      this.held = new HeldStage(options, context, shard);
      return this.held.opened();
    };
    if (source.from === "initial") return become(initialShard(context, layout));
    const { version } = source;
    const isCheckpoint = source.from === "checkpoint";
    const bytes = isCheckpoint
      ? options.checkpoints.read({ stage, stages, version })
      : options.store.bytesOf(source.tensor);
    return settled(bytes, (all) => {
      const contents = readShard(all);
      const isOwn = isCheckpoint && contents.owner === (options.owner ?? "");
      return become(shardFrom(context, layout, { contents, version, isOwn }));
    });
  }

  private close(): Answer {
    this.held?.dispose();
    this.held = undefined;
    return { flop: 0 };
  }
}

/** Passes an error on; those of backends that want of memory caused, in our words. */
function refuse(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  const isIt = /out of memory|\boom\b|resource ?exhausted|allocation failed|cannot allocate/i.test(text);
  throw isIt && !text.startsWith("out of memory: ") ? new Error(`out of memory: ${text}`) : error;
}

/**
 * The compute port of a worker.
 * @throws Error `unsuitable constraint: ...` when the compressor asks what the model cannot obey
 */
export const createStageCompute = (options: StageComputeOptions): StageCompute => new StageTrainer(options);
