/** Entry point of a worker thread: takes batches of runs, makes them and writes them. */
import { parentPort, workerData } from "node:worker_threads";
import { loadSimulate } from "./load-simulate.ts";
import { performRun } from "./perform-run.ts";
import type { RunProgress } from "./run-progress.ts";
import type { Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts";

const { context, stop, simulator } = workerData as WorkerStart;
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

const simulate = await loadSimulate(context.plugins, simulator);

const onProgress = (progress: RunProgress): void => say({ kind: "progress", progress });

parentPort?.on("message", async (batch: Batch) => {
  for (const task of batch) {
    if (Atomics.load(stop, 0) === 1) break;
    say({ kind: "start" });
    say({ kind: "end", end: await performRun(task, context, simulate, { onProgress }) });
  }
  say({ kind: "batch-end" });
});
say({ kind: "ready" });
