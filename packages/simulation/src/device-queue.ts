/** The tasks of one worker: one after the other, each as long as its device takes. */
import type { ComputeResult, ComputeTask, StageCompute, TensorRef } from "@shardlab/contracts";
import type { EventHandle, EventLoop } from "@shardlab/des";
import { type DeviceModel, type TaskWork, taskSeconds } from "./device-model.ts";
import type { StageSizes } from "./stage-sizes.ts";
import type { SwarmTensors } from "./swarm-tensors.ts";
import { eachTensorOf, writeTaskWork } from "./task-work.ts";

export interface DeviceQueueOptions {
  readonly loop: EventLoop;
  readonly device: DeviceModel;
  readonly compute: StageCompute;
  readonly sizes: readonly StageSizes[];
  readonly tensors: SwarmTensors;
  /** Passed to `handleEnd` when a task ends. */
  readonly payload: number;
  readonly handleEnd: (payload: number) => void;
  /** A task computes outside virtual time: the loop has to stand still until the promise is kept. */
  readonly waitFor: (settled: Promise<void>) => void;
}

/** A task that has ended: `result`, or why it failed. Read it before the next one ends. */
export interface EndedTask {
  task: ComputeTask;
  result: ComputeResult | undefined;
  failure: string;
  /** Of the shard that it was done on, or -1. */
  stage: number;
  startSeconds: number;
}

/** Removed from the front of the queue once this many tasks of it are done. */
const sweepLength = 64;
const noStage = -1;
const noEvent = -1;
const idleTask: ComputeTask = { kind: "mark" };

/**
 * Real numbers are computed when a task starts, and are the role's when its time is over. A slowdown lengthens what is left of
 * the running task too.
 */
export class DeviceQueue {
  readonly ended: EndedTask = { task: idleTask, result: undefined, failure: "", stage: noStage, startSeconds: 0 };
  private readonly options: DeviceQueueOptions;
  private readonly work: TaskWork = { flop: 0, movedBytes: 0, codedBytes: 0, diskBytes: 0 };
  private readonly releaseTensor: (tensor: TensorRef) => void;
  private queue: ComputeTask[] = [];
  private head = 0;
  private running: ComputeTask | undefined;
  private result: ComputeResult | undefined;
  private failure = "";
  private stage = noStage;
  private startSeconds = 0;
  private endSeconds = 0;
  private endEvent: EventHandle = noEvent;
  private slowdown = 1;
  private isClosed = false;

  constructor(options: DeviceQueueOptions) {
    this.options = options;
    this.releaseTensor = (tensor) => options.tensors.release(tensor);
  }

  push(task: ComputeTask): void {
    if (this.running === undefined) this.start(task);
    else this.queue.push(task);
  }

  /** Forgets what has not begun, and releases its tensors; answers with how many tasks that were. */
  cancelQueued(): number {
    const { queue, head } = this;
    for (let i = head; i < queue.length; i++) eachTensorOf(queue[i], this.releaseTensor);
    this.queue = [];
    this.head = 0;
    return queue.length - head;
  }

  /** Takes the task that has ended out, into `ended`, and begins the next one. */
  end(): EndedTask {
    const { ended } = this;
    // Called when the event of a running task falls due.
    ended.task = this.running as ComputeTask;
    ended.result = this.result;
    ended.failure = this.failure;
    ended.stage = this.stage;
    ended.startSeconds = this.startSeconds;
    this.forget();
    eachTensorOf(ended.task, this.releaseTensor);
    if (this.head < this.queue.length) {
      const next = this.queue[this.head++];
      if (this.head >= sweepLength) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      this.start(next);
    }
    return ended;
  }

  /** From now on everything takes `factor` times as long as on a healthy device. */
  setSlowdown(factor: number): void {
    const { loop, handleEnd, payload } = this.options;
    const left = this.endSeconds - loop.now;
    if (this.endEvent !== noEvent && factor !== this.slowdown) {
      loop.cancel(this.endEvent);
      const seconds = (left * factor) / this.slowdown;
      this.endSeconds = loop.now + seconds;
      this.endEvent = loop.schedule(seconds, handleEnd, payload);
    }
    this.slowdown = factor;
  }

  /** The worker is gone, and everything that it held with it. */
  close(): void {
    this.isClosed = true;
    this.cancelQueued();
    if (this.endEvent !== noEvent) this.options.loop.cancel(this.endEvent);
    if (this.running !== undefined) eachTensorOf(this.running, this.releaseTensor);
    if (this.result?.output !== undefined) this.releaseTensor(this.result.output);
    this.forget();
    this.options.compute.dispose();
  }

  private forget(): void {
    this.running = undefined;
    this.result = undefined;
    this.failure = "";
    this.endEvent = noEvent;
  }

  private start(task: ComputeTask): void {
    this.running = task;
    this.startSeconds = this.options.loop.now;
    try {
      if (task.kind === "open") this.checkMemory(task.stage);
      const answer = this.options.compute.run(task);
      if (answer instanceof Promise) this.options.waitFor(this.settled(answer));
      else this.succeed(answer);
    } catch (error) {
      this.fail(error);
    }
  }

  private async settled(answer: Promise<ComputeResult>): Promise<void> {
    try {
      const result = await answer;
      if (!this.isClosed) this.succeed(result);
      else if (result.output !== undefined) this.releaseTensor(result.output);
    } catch (error) {
      if (!this.isClosed) this.fail(error);
    }
  }

  private succeed(result: ComputeResult): void {
    const { running: task, work } = this;
    if (task === undefined) return;
    if (task.kind === "open") this.stage = task.stage;
    this.result = result;
    const { device, sizes } = this.options;
    if (this.stage === noStage) this.endAfter(device.overheadSeconds);
    else {
      writeTaskWork(task, result, sizes[this.stage], work);
      this.endAfter(taskSeconds(device, work));
    }
  }

  /** A failure takes no longer than a task without work. */
  private fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
    this.endAfter(this.options.device.overheadSeconds);
  }

  private endAfter(healthySeconds: number): void {
    const { loop, handleEnd, payload } = this.options;
    const seconds = healthySeconds * this.slowdown;
    this.endSeconds = loop.now + seconds;
    this.endEvent = loop.schedule(seconds, handleEnd, payload);
  }

  private checkMemory(stage: number): void {
    const { sizes, device } = this.options;
    const needed = sizes[stage]?.memoryBytes ?? 0;
    if (needed <= device.memoryBytes) return;
    throw new Error(`out of memory: stage ${stage} takes ${needed} of ${device.memoryBytes} bytes`);
  }
}
