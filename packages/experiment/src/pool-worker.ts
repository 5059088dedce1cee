/** One worker thread and what it is doing. */
import { Worker } from "node:worker_threads";
import { mebibyte } from "./memory-watch.ts";
import type { RunContext, RunEnd } from "./perform-run.ts";
import type { RunProgress } from "./run-progress.ts";
import type { RunTask } from "./run-task.ts";
import { startStopwatch } from "./stopwatch.ts";
import type { Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts";

/**
 * What one run may use.
 *
 * @property seconds of wall clock. Where it is exceeded, the worker is ended with its run.
 * @property memoryBytes of one worker, see `watchMemory`.
 */
export interface RunLimits {
  readonly seconds?: number;
  readonly memoryBytes?: number;
}

export interface PoolWorkerOptions {
  readonly context: RunContext;
  readonly workerUrl: URL;
  readonly simulator?: string;
  readonly limits?: RunLimits;
  readonly stop: Int32Array<SharedArrayBuffer>;
  /** Counts from 1. */
  readonly number: number;
  readonly onStart: (task: RunTask, worker: number) => void;
  readonly onEnd: (task: RunTask, end: RunEnd, worker: number) => void;
  readonly onProgress?: (task: RunTask, progress: RunProgress) => void;
}

/** How a batch ended: the runs that were not made, and whether the worker can take another. */
export interface BatchEnd {
  readonly unfinished: readonly RunTask[];
  readonly isDead: boolean;
}

interface CurrentRun {
  readonly task: RunTask;
  readonly elapsed: ReturnType<typeof startStopwatch>;
}

/** Newer versions of Node tell what a thread uses while it is busy. */
type MeasuredWorker = Worker & {
  getHeapStatistics?: () => Promise<{ readonly used_heap_size: number; readonly external_memory: number }>;
};

export class PoolWorker {
  private readonly worker: MeasuredWorker;
  private readonly options: PoolWorkerOptions;
  private current: CurrentRun | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Why we ended it, or what it died of. */
  private cause: { readonly message: string; readonly isOurs: boolean } | undefined;
  private isDead = false;
  private hear: (message: WorkerMessage | "death") => void = () => undefined;

  private constructor(options: PoolWorkerOptions) {
    const { context, stop, simulator, limits, workerUrl } = options;
    this.options = options;
    const memoryBytes = limits?.memoryBytes;
    const heap = memoryBytes === undefined ? {} : { maxOldGenerationSizeMb: Math.ceil(memoryBytes / mebibyte) };
    const start: WorkerStart = { context, stop, ...(simulator !== undefined && { simulator }) };
    this.worker = new Worker(workerUrl, { workerData: start, resourceLimits: heap });
    this.worker.on("message", (message: WorkerMessage) => this.hear(message));
    this.worker.on("error", (error) => {
      this.cause ??= { message: this.causeOf(error), isOurs: false };
    });
    this.worker.on("exit", (code) => {
      this.isDead = true;
      this.cause ??= { message: `worker died: exit code ${code}`, isOurs: false };
      this.hear("death");
    });
  }

  /** A worker that has loaded its world. @throws Error `worker did not start: ...`. */
  static async start(options: PoolWorkerOptions): Promise<PoolWorker> {
    const worker = new PoolWorker(options);
    await new Promise<void>((resolve, reject) => {
      worker.hear = (message) => {
        if (message !== "death") return resolve();
        reject(new Error(`worker did not start: ${worker.cause?.message.replace("worker died: ", "")}`));
      };
    });
    return worker;
  }

  /** The run in progress. */
  get task(): RunTask | undefined {
    return this.current?.task;
  }

  /** Seconds since the run in progress began; 0 without one. */
  get runSeconds(): number {
    return this.current?.elapsed().wallSeconds ?? 0;
  }

  /** Bytes of heap and typed arrays that the thread uses now; undefined where Node does not tell or nothing runs. */
  async usedBytes(): Promise<number | undefined> {
    if (this.current === undefined || this.worker.getHeapStatistics === undefined) return undefined;
    try {
      const { used_heap_size: heap, external_memory: external } = await this.worker.getHeapStatistics();
      return heap + external;
    } catch {
      return undefined; // it has just ended
    }
  }

  /** Makes runs one after the other. When the worker dies, the run in progress has failed and the others are handed back. */
  run(batch: Batch): Promise<BatchEnd> {
    const unfinished = [...batch];
    return new Promise((resolve) => {
      const finish = (isDead: boolean): void => {
        // From here on a death concerns no run: the worker is being ended, or dies before it is asked for more.
        this.hear = () => undefined;
        resolve({ unfinished, isDead });
      };
      this.hear = (message) => {
        if (message === "death") {
          this.blame(unfinished);
          finish(true);
        } else if (message.kind === "batch-end") {
          finish(false);
        } else if (message.kind === "progress") {
          if (unfinished[0]) this.options.onProgress?.(unfinished[0], message.progress);
        } else if (message.kind === "start") {
          this.begin(unfinished[0]);
        } else if (message.kind === "end") {
          this.endRun();
          const task = unfinished.shift();
          if (task) this.options.onEnd(task, message.end, this.options.number);
        }
      };
      if (this.isDead) this.hear("death");
      else this.worker.postMessage(batch);
    });
  }

  /** Ends the worker; its run fails with this message. */
  stopRun(message: string): void {
    this.cause ??= { message, isOurs: true };
    void this.worker.terminate();
  }

  async terminate(): Promise<void> {
    clearTimeout(this.timer);
    await this.worker.terminate();
  }

  private begin(task: RunTask | undefined): void {
    if (task === undefined) return;
    this.current = { task, elapsed: startStopwatch() };
    this.options.onStart(task, this.options.number);
    const seconds = this.options.limits?.seconds;
    if (seconds === undefined) return;
    const milliseconds = Math.min(1000 * seconds, longestTimerMilliseconds);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stopRun(`time limit of a run exceeded: ${seconds} s`), milliseconds);
  }

  private endRun(): void {
    clearTimeout(this.timer);
    this.current = undefined;
  }

  /**
   * Messages that a worker sent before its death arrive before its `exit`, so that the run in progress is the culprit. One
   * that dies by itself between two runs takes the next one with it, lest it die of it for ever.
   */
  private blame(unfinished: RunTask[]): void {
    const seconds = this.current?.elapsed().wallSeconds ?? 0;
    const isBlamed = this.current !== undefined || this.cause?.isOurs === false;
    this.endRun();
    const victim = isBlamed ? unfinished.shift() : undefined;
    const message = this.cause?.message ?? "worker died";
    if (victim) this.options.onEnd(victim, { ok: false, seconds, message, isFatal: false }, this.options.number);
  }

  private causeOf(error: Error): string {
    const limit = this.options.limits?.memoryBytes;
    const isHeapFull = (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
    if (!isHeapFull || limit === undefined) return `worker died: ${error.message}`;
    return `memory limit of a run exceeded: heap of ${Math.ceil(limit / mebibyte)} MiB is full`;
  }
}

/** Node's timers hold 31 bits; longer than that (25 days) is as good as no limit, but must not fire at once. */
const longestTimerMilliseconds = 2 ** 31 - 1;
