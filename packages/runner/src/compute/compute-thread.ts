/** Entry of the computing thread: one task after the other, on the shard that its module holds. */
import { parentPort, workerData } from "node:worker_threads";
import type { StageCompute, TensorRef } from "@shardlab/contracts";
import { CheckpointFiles } from "../durable/checkpoint-files.ts";
import { oneLine } from "../one-line.ts";
import {
  type ComputeAnswer,
  type ComputeRequest,
  type ComputeStart,
  closeRequest,
  taskCells,
  taskTensors,
  threadSeconds,
  withTensors,
} from "./compute-exchange.ts";
import type { ComputeModule } from "./compute-module.ts";
import { TensorShelf } from "./tensor-shelf.ts";

const start = workerData as ComputeStart;
const store = new TensorShelf();
const cells = new Int32Array(start.cells);

function say(answer: ComputeAnswer, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(answer, transfer);
}

async function perform(compute: StageCompute, request: ComputeRequest): Promise<void> {
  const { sequence } = request;
  const cell = sequence % taskCells.count;
  if (Atomics.compareExchange(cells, cell, taskCells.waiting, taskCells.begun) !== taskCells.waiting) {
    say({ kind: "skipped", sequence });
    return;
  }
  const startSeconds = threadSeconds();
  const given = taskTensors(request.task);
  const refs = given.map(({ shape, digest }, index) =>
    store.putKnown(request.buffers[index] as Uint8Array, shape, digest),
  );
  try {
    const result = await compute.run(withTensors(request.task, refs));
    const buffer = result.output === undefined ? undefined : takeCopy(result.output);
    say(
      {
        kind: "done",
        sequence,
        result,
        ...(buffer === undefined ? {} : { buffer }),
        startSeconds,
        endSeconds: threadSeconds(),
      },
      buffer === undefined ? [] : [buffer.buffer],
    );
  } catch (error) {
    say({ kind: "failed", sequence, reason: reasonOf(error), startSeconds, endSeconds: threadSeconds() });
  } finally {
    for (const ref of refs) releaseIfThere(ref);
  }
}

/** The one copy on a tensor's way out: what a module puts may be a view of what it goes on computing with. */
function takeCopy(output: TensorRef): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(store.bytesOf(output));
  store.release(output);
  return bytes;
}

/** Memory that a buffer or a device could not be given is told in the same words. */
function reasonOf(error: unknown): string {
  const text = oneLine(error);
  const isMemory = /allocation failed|out of memory|failed to allocate|resource exhausted|\bOOM\b/i.test(text);
  return isMemory && !text.startsWith("out of memory") ? `out of memory: ${text}` : text;
}

function releaseIfThere(ref: TensorRef): void {
  try {
    store.release(ref);
  } catch {
    // A module that releases what it was given does no harm.
  }
}

async function open(): Promise<StageCompute> {
  const { createStageCompute } = (await import(start.module)) as ComputeModule;
  const { backend, device, threads, settings, checkpoints } = start;
  return createStageCompute(settings, {
    store,
    checkpoints: new CheckpointFiles(checkpoints.directory, checkpoints),
    owner: checkpoints.owner,
    backend,
    device,
    threads,
  });
}

async function close(compute: StageCompute): Promise<void> {
  compute.dispose();
  parentPort?.close();
}

try {
  const compute = await open();
  let last: Promise<void> = Promise.resolve();
  parentPort?.on("message", (request: ComputeRequest | typeof closeRequest) => {
    last = last.then(() => (request === closeRequest ? close(compute) : perform(compute, request)));
  });
  say({ kind: "ready" });
} catch (error) {
  say({ kind: "refused", reason: oneLine(error) });
}
