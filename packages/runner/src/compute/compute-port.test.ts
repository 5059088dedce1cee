import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComputeResult, ComputeTask } from "@shardlab/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BundledEntries, bundleEntries } from "../../scripts/bundle-entries.ts";
import type { ToySettings } from "../../scripts/toy-compute.ts";
import { ComputePort } from "./compute-port.ts";
import { TensorShelf } from "./tensor-shelf.ts";

let entries: BundledEntries;
let folder: string;
const ports: ComputePort[] = [];
beforeAll(async () => {
  entries = await bundleEntries("compute");
});
afterAll(() => entries.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "compute-"));
});
afterEach(async () => {
  for (const port of ports.splice(0)) await port.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly task: ComputeTask;
  readonly result?: ComputeResult;
  readonly reason?: string;
}

function open(settings: Partial<ToySettings> = {}, heapBytes?: number) {
  const shelf = new TensorShelf();
  const ended: Ended[] = [];
  const deaths: string[] = [];
  const port = new ComputePort({
    entry: entries.computeThread,
    start: {
      module: entries.toyCompute.href,
      settings: { elements: 4, milliseconds: 0, ...settings },
      backend: "cpu",
      device: "cpu",
      threads: 1,
      checkpoints: { directory: folder, owner: "worker-0", keep: 2 },
    },
    shelf,
    ...(heapBytes === undefined ? {} : { heapBytes }),
    handlers: {
      onComputed: (task, result) => ended.push({ task, result }),
      onFailed: (task, reason) => ended.push({ task, reason }),
      onDeath: (reason) => deaths.push(reason),
    },
  });
  ports.push(port);
  return { shelf, ended, deaths, port };
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let wait = 0; wait < 1000 && !isSo(); wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
};

const openStage: ComputeTask = { kind: "open", stage: 1, stages: 3, source: { from: "initial" } };
const forward = (shelf: TensorShelf, microbatch: number): ComputeTask => ({
  kind: "forward",
  update: 0,
  microbatch,
  split: "training",
  input: shelf.put(new Uint8Array(new Float32Array([microbatch, 0, 0, 0]).buffer), [4]),
});

describe("a computing thread", () => {
  it("does tasks in their order, and takes and gives tensors without keeping any", async () => {
    const { port, shelf, ended } = open();
    port.run(openStage);
    for (let microbatch = 0; microbatch < 20; microbatch++) port.run(forward(shelf, microbatch));
    await until(() => ended.length === 21);
    const outputs = ended.slice(1).map(({ result }) => {
      const output = result?.output as NonNullable<ComputeResult["output"]>;
      const [first] = new Float32Array(shelf.bytesOf(output).slice().buffer);
      shelf.release(output);
      return first;
    });
    // Stage 1 begins with weights 2, 4, 6, 8 (see the toy), which it adds to what passes.
    expect(outputs).toEqual(Array.from({ length: 20 }, (_, microbatch) => microbatch + 2));
    expect(shelf.count).toBe(0);
  });

  it("moves no memory that a Buffer shares", () => {
    const shelf = new TensorShelf();
    const shared = Buffer.from("a small buffer lies in a pool");
    const ref = shelf.put(shared, [shared.length]);
    shelf.hold(ref);
    for (const bytes of [shelf.takeOut(ref), shelf.takeOut(ref)]) {
      expect(bytes.buffer.byteLength).toBe(shared.length);
      expect(Buffer.compare(bytes, shared)).toBe(0);
    }
  });

  it("leaves a tensor whole that somebody else still holds", async () => {
    const { port, shelf, ended } = open();
    const task = forward(shelf, 3) as Extract<ComputeTask, { kind: "forward" }>;
    const input = task.input as NonNullable<typeof task.input>;
    shelf.hold(input);
    port.run(openStage);
    port.run(task);
    await until(() => ended.length === 2);
    expect(new Float32Array(shelf.bytesOf(input).slice().buffer)[0]).toBe(3);
    shelf.release(input);
    expect(() => shelf.release(input)).toThrow(`unknown tensor: ${input.id}`);
  });

  it("forgets what has not begun, with its tensors, and ends what has", async () => {
    const { port, shelf, ended } = open({ milliseconds: 60 });
    port.run(openStage);
    await until(() => ended.length === 1);
    for (let microbatch = 0; microbatch < 10; microbatch++) port.run(forward(shelf, microbatch));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const forgotten = port.cancel();
    port.run({ kind: "mark" });
    await until(() => ended.at(-1)?.task.kind === "mark");
    const passes = ended.filter(({ task }) => task.kind === "forward");
    expect(passes.length).toBe(10 - forgotten);
    expect(forgotten).toBeGreaterThanOrEqual(8);
    for (const { result } of passes) if (result?.output !== undefined) shelf.release(result.output);
    expect(shelf.count).toBe(0);
  });

  it("says why a task failed, and goes on", async () => {
    const { port, ended } = open({ exhaust: { update: 0, what: "buffer" } });
    port.run({ kind: "open", stage: 0, stages: 1, source: { from: "checkpoint", version: 7 } });
    port.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    port.run({ kind: "forward", update: 0, microbatch: 0, split: "training" });
    port.run({ kind: "checkpoint", version: 0 });
    await until(() => ended.length === 4);
    expect(ended[0]?.reason).toBe("no checkpoint: stage 0, version 7");
    expect(ended[2]?.reason).toBe("out of memory: Array buffer allocation failed");
    expect(ended[3]?.result?.bytes).toBe(16);
  });

  it("that dies, or cannot begin, says so in one line", async () => {
    const { port, deaths } = open({ exhaust: { update: 0, what: "heap" } }, 64 * 2 ** 20);
    port.run({ kind: "open", stage: 0, stages: 1, source: { from: "initial" } });
    port.run({ kind: "forward", update: 0, microbatch: 0, split: "training" });
    await until(() => deaths.length > 0);
    expect(deaths).toEqual(["out of memory: heap of the computing thread"]);
    await expect(open({ refuse: "no such device for wasm: gpu:3\n  at somewhere" }).port.ready).rejects.toThrow(
      /^no such device for wasm: gpu:3$/,
    );
  });
});
