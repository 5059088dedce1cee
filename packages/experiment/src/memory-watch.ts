/** Keeps an eye on what worker threads use beside their heap, which V8 limits by itself. */

export const mebibyte = 2 ** 20;
const watchMilliseconds = 200;

/** What a thread takes before it runs anything: code, world, buffers; measured, rounded up. */
const idleWorkerBytes = 120e6;

/** A worker as the watch sees it. */
export interface WatchedWorker {
  /** What runs now; undefined when nothing does. */
  readonly task: unknown;
  usedBytes(): Promise<number | undefined>;
  stopRun(message: string): void;
}

const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / mebibyte)} MiB`;

/**
 * Ends runs whose worker uses more than `limitBytes` of heap and typed arrays. Returns what stops the watch.
 *
 * Where Node tells what a busy thread uses (22.16 and later), each worker is judged by its own heap and external memory,
 * which counts typed arrays and not memory shared between threads. Older versions tell the resident memory of the whole
 * process alone. There, when it has grown by more than all workers may use together (and what idle ones take), the run
 * that began first is ended: it has had most time to grow. With one worker that is the culprit; with several it may not be.
 */
export function watchMemory(limitBytes: number, workers: () => readonly WatchedWorker[]): () => void {
  const baseBytes = process.memoryUsage.rss();
  const look = async (): Promise<void> => {
    const busy = workers().filter(({ task }) => task !== undefined);
    const used = await Promise.all(busy.map((worker) => worker.usedBytes()));
    for (const [index, bytes] of used.entries()) {
      if (bytes === undefined || bytes <= limitBytes) continue;
      busy[index].stopRun(
        `memory limit of a run exceeded: ${inMebibytes(bytes)} of heap and typed arrays (limit ${inMebibytes(limitBytes)})`,
      );
    }
    if (busy.length === 0 || used.some((bytes) => bytes !== undefined)) return;
    const grownBytes = process.memoryUsage.rss() - baseBytes;
    const count = workers().length;
    if (grownBytes <= count * (limitBytes + idleWorkerBytes)) return;
    const all = count === 1 ? "its worker" : `${count} workers together, of which this run began first,`;
    busy[0].stopRun(
      `memory limit of a run exceeded: ${all} took ${inMebibytes(grownBytes)} (limit ${inMebibytes(limitBytes)} each)`,
    );
  };
  const timer = setInterval(() => void look(), watchMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
