/**
 * The swarm through the command: eight processes, the simulation and a single process train alike, bit for bit, whoever is
 * killed meanwhile.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openBackend, UnshardedTrainer } from "@shardlab/learning";
import { isSwarm, loadScenario } from "@shardlab/scenario";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "./architecture/sources.ts";
import { type Finished, shardlab, temporaryFolder } from "./shardlab.ts";
import { startShardlab } from "./shardlab-process.ts";
import { fixture, processOf, storedLosses, unfinished, untilUpdate } from "./swarm-runs.ts";

const timeoutMilliseconds = 240_000;
const updates = 8;
const seed = 1;

/** Losses of a single process that holds the whole model. */
async function unshardedLosses(): Promise<number[]> {
  const loaded = loadScenario(readFileSync(join(root, fixture)), { file: fixture });
  if (!loaded.ok || !isSwarm(loaded.scenario.resolved)) throw new Error("not a swarm");
  const { model, training } = loaded.scenario.resolved;
  const { stages, replicas, microbatches } = training.parallelism;
  const backend = await openBackend({ kind: "wasm", device: "cpu", threads: 1 });
  try {
    const trainer = new UnshardedTrainer({ backend, model, training, seed, microbatches, replicas, stages });
    const losses: number[] = [];
    for (let update = 0; update < updates; update++) losses.push((await trainer.update(update)).loss);
    trainer.dispose();
    return losses;
  } finally {
    backend.dispose();
  }
}

/** A line of `--format jsonl`: of a run that goes on, or of one that is stored. */
interface Line {
  readonly event?: string;
  readonly arm: string;
  readonly update?: number;
  readonly measures?: Readonly<Record<string, number>>;
}

/**
 * Every update once, and the same but for the last bits of single precision: who is gone for a while leaves its microbatches to
 * others, which add them up in another order.
 */
function expectAlike(losses: readonly number[], expected: readonly number[]): void {
  expect(losses).toHaveLength(expected.length);
  for (const [update, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[update] as number, 5);
}

const run = (out: string, ...more: string[]): string[] => ["run", fixture, "--no-report", "--out", out, ...more];

describe("a swarm of four stages and two replicas", () => {
  const calm = temporaryFolder();
  let expected: number[];
  let finished: Finished;

  beforeAll(async () => {
    expected = await unshardedLosses();
    const both = ["--set", "sweep.engine=[hardware, simulation]", "--format", "jsonl"];
    finished = await shardlab(run(calm, ...both));
    expect([finished.code, finished.stderr]).toEqual([0, expect.stringContaining("8 of 8 updates, loss")]);
  }, timeoutMilliseconds);

  it("trains on real processes what one process trains, bit for bit, step by step", async () => {
    expect(expected).toHaveLength(updates);
    expect(expected.at(-1)).toBeLessThan(expected[0] as number);
    expect(await storedLosses(calm, "hardware")).toEqual(expected);
  });

  it("trains in virtual time what it trains on real processes, bit for bit", async () => {
    expect(await storedLosses(calm, "simulation")).toEqual(expected);
  });

  it("simulates before it measures, and tells every update of both as they happen", () => {
    const lines = finished.stdout
      .trim()
      .split("\n")
      .map((line): Line => JSON.parse(line));
    const told = lines.filter(({ event }) => event === "progress");
    const last = (engine: string): number => told.findLastIndex(({ arm }) => arm === engine);
    expect(last("simulation")).toBeLessThan(told.findIndex(({ arm }) => arm === "hardware"));
    expect([told[last("simulation")]?.update, told[last("hardware")]?.update]).toEqual([updates, updates]);
    const runs = lines.filter(({ event }) => event === undefined);
    expect(runs.map(({ arm }) => arm)).toEqual(["hardware", "simulation"]);
    expect(runs[0]?.measures?.loss).toBe(runs[1]?.measures?.loss);
    expect(runs[0]?.measures?.["replica-mismatches"]).toBe(0);
  });

  it("leaves nothing of its own beside the results", () => {
    expect(unfinished(calm)).toEqual([]);
  });

  it.each(["worker-3", "coordinator"])(
    "ends alike when its %s is killed",
    async (name) => {
      const out = temporaryFolder();
      const { finished } = startShardlab(run(out));
      await untilUpdate(out, 3, finished);
      process.kill(processOf(out, name), "SIGKILL");
      const { code, stderr } = await finished;
      expect([code, stderr]).toEqual([0, expect.stringContaining("8 of 8 updates")]);
      expectAlike(await storedLosses(out, "hardware"), expected);
    },
    timeoutMilliseconds,
  );

  it(
    "goes on where it was when the command itself is killed, or asked to stop",
    async () => {
      const out = temporaryFolder();
      const killed = startShardlab(run(out));
      await untilUpdate(out, 3, killed.finished);
      killed.child.kill("SIGKILL");
      await killed.finished;
      expect(unfinished(out)).toHaveLength(1);
      const stopped = startShardlab(run(out));
      await untilUpdate(out, 5, stopped.finished);
      stopped.child.kill("SIGINT");
      const { code, stderr } = await stopped.finished;
      expect([code, stderr]).toEqual([130, expect.stringContaining("the same command goes on from there")]);
      const last = await shardlab(run(out));
      expect([last.code, last.stderr]).toEqual([0, expect.stringContaining("0 stored, 1 to run")]);
      expectAlike(await storedLosses(out, "hardware"), expected);
      expect(unfinished(out)).toEqual([]);
    },
    timeoutMilliseconds,
  );
});
