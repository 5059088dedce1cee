/** The I/O thread's side of the computing thread. */
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { ComputeResult, ComputeTask } from "@shardlab/contracts";
import { oneLine } from "../one-line.ts";
import {
  type ComputeAnswer,
  type ComputeRequest,
  type ComputeStart,
  closeRequest,
  taskCells,
  tasksAhead,
  taskTensors,
} from "./compute-exchange.ts";
import type { TensorShelf } from "./tensor-shelf.ts";

/** How long a task under way may take before the thread is stopped in it. */
const closeMilliseconds = 1000;

export interface TaskTimes {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface ComputePortHandlers {
  onComputed(task: ComputeTask, result: ComputeResult, times: TaskTimes): void;
  onFailed(task: ComputeTask, reason: string, times: TaskTimes): void;
  /** The thread is gone, and with it the shard. */
  onDeath(reason: string): void;
}

export interface ComputePortOptions {
  /** The file that runs as the computing thread. */
  readonly entry: URL;
  readonly start: Omit<ComputeStart, "cells">;
  readonly shelf: TensorShelf;
  readonly heapBytes?: number;
  readonly handlers: ComputePortHandlers;
}

/** Tasks in the order in which they were asked for; their tensors go over and come back without being copied. */
export class ComputePort {
  private readonly options: ComputePortOptions;
  private readonly worker: Worker;
  private readonly cells = new Int32Array(new SharedArrayBuffer(taskCells.count * 4));
  /** Not handed over yet. */
  private readonly queue: ComputeTask[] = [];
  /** Handed over, by sequence. */
  private readonly ahead = new Map<number, ComputeTask>();
  private sequence = 0;
  private isClosing = false;
  private isDead = false;
  readonly ready: Promise<void>;

  constructor(options: ComputePortOptions) {
    this.options = options;
    const heap = options.heapBytes === undefined ? undefined : Math.floor(options.heapBytes / 2 ** 20);
    this.worker = new Worker(options.entry, {
      workerData: { ...options.start, cells: this.cells.buffer } satisfies ComputeStart,
      ...(heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap } }),
      // Libraries read the process's environment, not a copy that a thread has.
      env: SHARE_ENV,
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on("message", (answer: ComputeAnswer) => {
        if (answer.kind === "ready") resolve();
        else if (answer.kind === "refused") reject(new Error(answer.reason));
        else this.settle(answer);
      });
      this.worker.on("error", (error: NodeJS.ErrnoException) => {
        const reason =
          error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "out of memory: heap of the computing thread" : oneLine(error);
        reject(new Error(reason));
        this.die(reason);
      });
      this.worker.on("exit", (code) => this.die(`computing thread ended: exit code ${code}`));
    });
    // Whoever waits for it hears of it; nobody need.
    this.ready.catch(() => {});
  }

  run(task: ComputeTask): void {
    this.queue.push(task);
    this.handOver();
  }

  /** Forgets tasks that have not begun, and answers how many; their tensors are released. */
  cancel(): number {
    let forgotten = 0;
    for (const task of this.queue.splice(0)) {
      for (const ref of taskTensors(task)) this.options.shelf.release(ref);
      forgotten++;
    }
    for (const sequence of [...this.ahead.keys()]) {
      const cell = sequence % taskCells.count;
      if (Atomics.compareExchange(this.cells, cell, taskCells.waiting, taskCells.forgotten) !== taskCells.waiting)
        continue;
      this.ahead.delete(sequence);
      forgotten++;
    }
    return forgotten;
  }

  /** Lets the task under way end, if it does so soon, and the module free its device. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.cancel();
    const ended = new Promise((resolve) => this.worker.once("exit", resolve));
    this.worker.postMessage(closeRequest);
    const timer = setTimeout(() => void this.worker.terminate(), closeMilliseconds);
    if (!this.isDead) await ended;
    clearTimeout(timer);
  }

  private handOver(): void {
    while (this.queue.length > 0 && this.ahead.size < tasksAhead && !this.isDead) {
      const task = this.queue.shift() as ComputeTask;
      const sequence = this.sequence++;
      Atomics.store(this.cells, sequence % taskCells.count, taskCells.waiting);
      this.ahead.set(sequence, task);
      const buffers = taskTensors(task).map((ref) => this.options.shelf.takeOut(ref));
      const request: ComputeRequest = { sequence, task, buffers };
      this.worker.postMessage(
        request,
        buffers.map(({ buffer }) => buffer),
      );
    }
  }

  private settle(answer: Exclude<ComputeAnswer, { kind: "ready" | "refused" }>): void {
    const task = this.ahead.get(answer.sequence);
    this.ahead.delete(answer.sequence);
    this.handOver();
    if (answer.kind === "skipped" || task === undefined) return;
    const { handlers, shelf } = this.options;
    if (answer.kind === "failed") {
      handlers.onFailed(task, answer.reason, answer);
      return;
    }
    const { output, ...rest } = answer.result;
    if (output === undefined || answer.buffer === undefined) handlers.onComputed(task, rest, answer);
    else
      handlers.onComputed(
        task,
        { ...rest, output: shelf.putKnown(answer.buffer, output.shape, output.digest) },
        answer,
      );
  }

  private die(reason: string): void {
    if (this.isDead) return;
    this.isDead = true;
    if (!this.isClosing) this.options.handlers.onDeath(reason);
  }
}
