/** Gives one role of the protocol what it asks for: messages, tasks, timers and a journal. */
import type {
  ComputeResult,
  ComputeTask,
  Message,
  NodeId,
  Plain,
  Role,
  RoleHost,
  TensorRef,
  TrainingRecord,
} from "@shardlab/contracts";
import type { TensorShelf } from "../compute/tensor-shelf.ts";
import type { Outgoing } from "../transport/connection.ts";
import type { Frame } from "../transport/frame.ts";
import type { RunClock } from "./run-clock.ts";

/** The longest that a timer of Node takes. */
const longestTimerMilliseconds = 2 ** 31 - 1;

/** What hands over tasks; a coordinator has none. */
export interface TaskQueue {
  run(task: ComputeTask): void;
  cancel(): number;
}

export interface ProcessHostOptions {
  readonly node: NodeId;
  readonly clock: RunClock;
  readonly shelf: TensorShelf;
  readonly journal: { append(entry: Plain): void };
  readonly tasks?: TaskQueue;
  /** Frames to other nodes. */
  readonly post: (to: NodeId, outgoing: Outgoing) => void;
  /** @param seconds when the role was told what it records something of: what it does in one call, it does at one moment. */
  readonly onRecord: (record: TrainingRecord, seconds: number) => void;
  readonly onFinish: (reason: string) => void;
}

export class ProcessHost implements RoleHost {
  private readonly options: ProcessHostOptions;
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private role: Role | undefined;
  private isFinished = false;
  private latestSeconds = 0;
  private callSeconds: number | undefined;

  constructor(options: ProcessHostOptions) {
    this.options = options;
  }

  /** The role whose wishes these are; nothing is told to it before. */
  attach(role: Role): void {
    this.role = role;
  }

  get nowSeconds(): number {
    this.latestSeconds = Math.max(this.latestSeconds, this.options.clock.now());
    return this.latestSeconds;
  }

  get node(): NodeId {
    return this.options.node;
  }

  send(to: NodeId, message: Message): void {
    const { shelf, post, node } = this.options;
    const { tensor, ...rest } = message;
    if (to === node) {
      this.sendToSelf(message);
      return;
    }
    if (tensor === undefined) {
      post(to, { frame: { type: "message", body: rest } });
      return;
    }
    const { shape, digest } = tensor;
    shelf.hold(tensor);
    post(to, {
      frame: { type: "message", body: rest, tensor: { shape, digest }, bytes: shelf.bytesOf(tensor) },
      settled: () => shelf.release(tensor),
    });
  }

  compute(task: ComputeTask): void {
    if (this.options.tasks === undefined) throw new Error(`nothing computes at node ${this.node}: ${task.kind}`);
    this.options.tasks.run(task);
  }

  cancelCompute(): number {
    return this.options.tasks?.cancel() ?? 0;
  }

  setTimer(name: string, delaySeconds: number): void {
    clearTimeout(this.timers.get(name));
    const milliseconds = Math.min(longestTimerMilliseconds, Math.max(0, delaySeconds * 1000));
    this.timers.set(
      name,
      setTimeout(() => {
        this.timers.delete(name);
        this.tell((role) => role.timer(name));
      }, milliseconds),
    );
  }

  cancelTimer(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  release(tensor: TensorRef): void {
    this.options.shelf.release(tensor);
  }

  persist(entry: Plain): void {
    this.options.journal.append(entry);
  }

  record(record: TrainingRecord): void {
    this.options.onRecord(record, this.callSeconds ?? this.nowSeconds);
  }

  finish(reason: string): void {
    if (this.isFinished) return;
    this.silence();
    setImmediate(() => this.options.onFinish(reason));
  }

  /** Tells the role nothing more. */
  silence(): void {
    this.isFinished = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  start(): void {
    this.tell((role) => role.start());
  }

  /** A message frame of another node, already checked. */
  receive(from: NodeId, frame: Frame): void {
    const message = frame.body as Message;
    if (frame.tensor === undefined || frame.bytes === undefined) {
      this.tell((role) => role.receive(from, message));
      return;
    }
    const { shape, digest } = frame.tensor;
    const tensor = this.options.shelf.putKnown(frame.bytes, shape, digest);
    if (this.isFinished) this.options.shelf.release(tensor);
    else this.tell((role) => role.receive(from, { ...message, tensor }));
  }

  computed(task: ComputeTask, result: ComputeResult): void {
    if (this.isFinished && result.output !== undefined) this.options.shelf.release(result.output);
    this.tell((role) => role.computed(task, result));
  }

  computeFailed(task: ComputeTask, reason: string): void {
    this.tell((role) => role.computeFailed(task, reason));
  }

  disconnected(node: NodeId): void {
    this.tell((role) => role.disconnected(node));
  }

  private tell(say: (role: Role) => void): void {
    if (this.role === undefined || this.isFinished) return;
    this.callSeconds = this.nowSeconds;
    try {
      say(this.role);
    } finally {
      this.callSeconds = undefined;
    }
  }

  private sendToSelf(message: Message): void {
    const { shelf } = this.options;
    const { tensor } = message;
    if (tensor !== undefined) shelf.hold(tensor);
    setImmediate(() => {
      if (this.isFinished && tensor !== undefined) shelf.release(tensor);
      this.tell((role) => role.receive(this.node, message));
    });
  }
}
