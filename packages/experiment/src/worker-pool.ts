/** Makes runs on worker threads. A worker that dies fails the run that it was making, and is replaced. */
import { watchMemory } from "./memory-watch.ts";
import type { RunEnd } from "./perform-run.ts";
import { PoolWorker, type PoolWorkerOptions } from "./pool-worker.ts";
import type { RunQueue } from "./run-queue.ts";
import type { RunTask } from "./run-task.ts";

export interface PoolOptions extends Omit<PoolWorkerOptions, "stop" | "number"> {
  /** Number of workers, at least 1. */
  readonly jobs: number;
  readonly queue: RunQueue;
  readonly signal: AbortSignal;
}

/**
 * Runs are handed out so many at a time that a message costs little beside them, yet so few that workers end together,
 * little is lost when one dies, and little is claimed ahead.
 */
const batchSeconds = 0.1;
const largestBatch = 16;

/** How long runs have taken so far. */
class Pace {
  private runs = 0;
  private seconds = 0;

  ended(end: RunEnd): void {
    this.runs += 1;
    this.seconds += end.seconds;
  }

  get batchSize(): number {
    if (this.runs === 0) return 1;
    return Math.max(1, Math.min(largestBatch, Math.floor((batchSeconds * this.runs) / Math.max(this.seconds, 1e-9))));
  }
}

/**
 * Makes every run of the queue, telling of each, in whatever order they end. When the signal aborts, runs that have started
 * are finished and written, and the others are left.
 *
 * @throws Error `worker did not start: ...` when a worker dies before it has loaded the world.
 * @throws ResultsError when claims cannot be written.
 */
export async function runOnWorkers(options: PoolOptions): Promise<void> {
  const { jobs, signal, limits } = options;
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const halt = (): void => void Atomics.store(stop, 0, 1);
  if (signal.aborted) return;
  signal.addEventListener("abort", halt);
  const pace = new Pace();
  const onEnd = (task: RunTask, end: RunEnd, worker: number): void => {
    pace.ended(end);
    options.onEnd(task, end, worker);
  };
  const slots = Array.from({ length: jobs }, (_, index) => new Slot({ ...options, onEnd, stop, number: index + 1 }));
  const workers = (): PoolWorker[] => slots.flatMap(({ worker }) => worker ?? []).sort(byAge);
  const memoryBytes = limits?.memoryBytes;
  const unwatch = memoryBytes === undefined ? undefined : watchMemory(memoryBytes, workers);
  try {
    const settled = await Promise.allSettled(
      slots.map(async (slot) => {
        try {
          await slot.serve(options.queue, pace, stop);
        } catch (error) {
          halt();
          throw error;
        }
      }),
    );
    const failure = settled.find((ended) => ended.status === "rejected");
    if (failure) throw failure.reason;
  } finally {
    unwatch?.();
    signal.removeEventListener("abort", halt);
  }
}

const byAge = (left: PoolWorker, right: PoolWorker): number => right.runSeconds - left.runSeconds;

/** One place in the pool: a worker, and its successors, until there is nothing left to do. */
class Slot {
  worker: PoolWorker | undefined;
  private readonly options: PoolWorkerOptions;

  constructor(options: PoolWorkerOptions) {
    this.options = options;
  }

  async serve(queue: RunQueue, pace: Pace, stop: Int32Array): Promise<void> {
    try {
      for (;;) {
        const batch = await queue.next(pace.batchSize);
        if (batch.length === 0 || Atomics.load(stop, 0) === 1) return;
        this.worker ??= await PoolWorker.start(this.options);
        const { unfinished, isDead } = await this.worker.run(batch);
        queue.putBack(unfinished);
        if (isDead) this.worker = undefined;
      }
    } finally {
      await this.worker?.terminate();
      this.worker = undefined;
    }
  }
}
