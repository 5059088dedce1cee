/** Entry point of a worker thread: takes batches of runs, makes them and writes them. */
import { parentPort, workerData } from "node:worker_threads";
import { performRun } from "./perform-run.ts";
import type { Simulate } from "./simulate.ts";
import type { Batch, WorkerMessage, WorkerStart } from "./worker-protocol.ts";

const { context, stop, simulator } = workerData as WorkerStart;
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

const { simulate } = (await (simulator === undefined ? import("./simulate.ts") : import(simulator))) as {
  simulate: Simulate;
};

parentPort?.on("message", (batch: Batch) => {
  for (const task of batch) {
    if (Atomics.load(stop, 0) === 1) break;
    say({ kind: "start" });
    say({ kind: "end", end: performRun(task, context, simulate) });
  }
  say({ kind: "batch-end" });
});
say({ kind: "ready" });
