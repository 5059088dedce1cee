/** Runs tasks on worker threads. A worker that dies fails the run that it was making, and is replaced. */
import { Worker } from "node:worker_threads";
import type { RunContext, RunEnd } from "./perform-run.ts";
import type { RunTask } from "./run-task.ts";
import type { Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts";

export interface PoolOptions {
  readonly context: RunContext;
  /** Number of workers, at least 1. */
  readonly jobs: number;
  readonly workerUrl: URL;
  /** Heap of one worker; a run that needs more fails. Node's own limit unless given. */
  readonly heapMegabytes?: number;
  readonly simulator?: string;
  readonly signal?: AbortSignal;
  readonly onEnd: (task: RunTask, end: RunEnd) => void;
}

/** Batches are small, so that workers end together and little is lost when one dies, yet not one message a run. */
const largestBatch = 16;
const batchesPerWorker = 8;

/**
 * Makes every run, calling `onEnd` for each, in whatever order they end. When the signal aborts, runs that have started
 * are finished and written, and the others are left.
 *
 * @throws Error `worker did not start: ...` when a worker dies before it has loaded the world.
 */
export async function runOnWorkers(tasks: readonly RunTask[], options: PoolOptions): Promise<void> {
  const { jobs, signal } = options;
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const halt = (): void => void Atomics.store(stop, 0, 1);
  if (signal?.aborted) return;
  signal?.addEventListener("abort", halt);
  const queue = [...tasks];
  const batchSize = Math.min(largestBatch, Math.max(1, Math.floor(tasks.length / (jobs * batchesPerWorker))));
  const next = (): RunTask[] => (signal?.aborted ? [] : queue.splice(0, batchSize));
  try {
    const slot = async (): Promise<void> => {
      try {
        await serve(next, queue, stop, options);
      } catch (error) {
        halt();
        throw error;
      }
    };
    const settled = await Promise.allSettled(Array.from({ length: Math.min(jobs, tasks.length) }, slot));
    const failure = settled.find((ended) => ended.status === "rejected");
    if (failure) throw failure.reason;
  } finally {
    signal?.removeEventListener("abort", halt);
  }
}

/** One place in the pool: a worker, and its successors, until there is nothing left to do. */
async function serve(
  next: () => RunTask[],
  queue: RunTask[],
  stop: Int32Array<SharedArrayBuffer>,
  options: PoolOptions,
): Promise<void> {
  let worker: Worker | undefined;
  try {
    for (let batch = next(); batch.length > 0 && Atomics.load(stop, 0) === 0; batch = next()) {
      worker ??= await startWorker(stop, options);
      const { death, unfinished } = await runBatch(worker, batch, options.onEnd);
      if (death === undefined) continue;
      worker = undefined;
      const [victim, ...others] = unfinished;
      if (victim) options.onEnd(victim, { ok: false, message: death, isFatal: false });
      queue.unshift(...others);
    }
  } finally {
    await worker?.terminate();
  }
}

function startWorker(stop: Int32Array<SharedArrayBuffer>, options: PoolOptions): Promise<Worker> {
  const { context, simulator, workerUrl, heapMegabytes } = options;
  const resourceLimits = heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: heapMegabytes };
  const start: WorkerStart = { context, stop, ...(simulator !== undefined && { simulator }) };
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: start, resourceLimits });
    let death: string | undefined;
    worker.once("message", () => {
      stopListening(worker);
      resolve(worker);
    });
    worker.on("error", (error) => {
      death = error.message;
    });
    worker.on("exit", (code) => reject(new Error(`worker did not start: ${death ?? `exit code ${code}`}`)));
  });
}

/** By name: without one, Node's own listeners would go as well, and with them every later message. */
function stopListening(worker: Worker): void {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
}

/** How a batch ended: which runs were not made, and what the worker died of if it did. */
interface BatchEnd {
  readonly death?: string;
  readonly unfinished: readonly RunTask[];
}

/** Messages that a worker sent before its death arrive before its `exit`, so that the first run left is the culprit. */
function runBatch(worker: Worker, batch: Batch, onEnd: PoolOptions["onEnd"]): Promise<BatchEnd> {
  return new Promise((resolve) => {
    const unfinished = [...batch];
    let death: string | undefined;
    const finish = (end: BatchEnd): void => {
      stopListening(worker);
      resolve(end);
    };
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "batch-end") return finish({ unfinished });
      const task = message.kind === "run" ? unfinished.shift() : undefined;
      if (task && message.kind === "run") onEnd(task, message.end);
    });
    worker.on("error", (error) => {
      death = error.message;
    });
    worker.on("exit", (code) => finish({ death: `worker died: ${death ?? `exit code ${code}`}`, unfinished }));
    worker.postMessage(batch);
  });
}
