/** What tests of whole runs look at. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOutcome, TimedRecord, TrainingRecord } from "@shardlab/contracts";
import { expect } from "vitest";
import { runHardware } from "../src/supervise/run-hardware.ts";
import type { BundledEntries } from "./bundle-entries.ts";
import { toyOracle } from "./toy-compute.ts";
import { type ToyRunOptions, toyElements, toyRun } from "./toy-run.ts";

export type ToyTraining = Omit<ToyRunOptions, "directory" | "entries" | "toyCompute"> & {
  readonly directory?: string;
  readonly entries: BundledEntries;
  readonly signal?: AbortSignal;
  readonly onUpdate?: (update: number, directory: string) => void;
  readonly onRecord?: (record: TimedRecord) => void;
  readonly onNotice?: (text: string) => void;
  readonly onJoinable?: (join: { readonly address: string; readonly token: string }) => void;
};

export interface ToyTrained {
  readonly outcome: RunOutcome;
  readonly records: TimedRecord[];
  readonly notices: string[];
  readonly directory: string;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "toy-"));

export async function trainToy(training: ToyTraining): Promise<ToyTrained> {
  const { entries, signal, onUpdate, onRecord, onNotice, onJoinable, ...options } = training;
  const records: TimedRecord[] = [];
  const notices: string[] = [];
  const seen = new Set<number>();
  const directory = options.directory ?? newFolder();
  const outcome = await runHardware({
    ...toyRun({ ...options, directory, entries, toyCompute: entries.toyCompute }),
    ...(signal === undefined ? {} : { signal }),
    ...(onJoinable === undefined ? {} : { onJoinable }),
    onRecord: (record) => {
      records.push(record);
      onRecord?.(record);
      if (record.record.kind !== "update" || seen.has(record.record.update)) return;
      // Updates that were undone come again.
      seen.add(record.record.update);
      onUpdate?.(record.record.update, directory);
    },
    onNotice: (text) => {
      notices.push(text);
      onNotice?.(text);
    },
  });
  return { outcome, records, notices, directory };
}

export const recordsOf = <Kind extends TrainingRecord["kind"]>(records: readonly TimedRecord[], kind: Kind) =>
  records.flatMap(({ record }) => (record.kind === kind ? [record as Extract<TrainingRecord, { kind: Kind }>] : []));

/** Every update was decided, with the losses that one place would have, and ended with its weights. */
export function expectOracle(
  records: readonly TimedRecord[],
  run: { stages: number; updates: number; microbatches?: number; elements?: number },
): void {
  const { stages, updates, microbatches = 8, elements = toyElements } = run;
  const oracle = toyOracle({ elements, stages, updates, microbatches });
  const losses = new Map(recordsOf(records, "update").map(({ update, loss }) => [update, loss]));
  expect([...losses.keys()].sort((a, b) => a - b)).toEqual(oracle.losses.map((_, update) => update));
  for (const [update, loss] of oracle.losses.entries()) expect(losses.get(update)).toBeCloseTo(loss, 9);
  for (const [stage, digest] of oracle.digests.entries()) {
    const last = recordsOf(records, "weights").filter(
      (weights) => weights.stage === stage && weights.update === updates - 1,
    );
    expect(last.length).toBeGreaterThan(0);
    for (const weights of last) expect(weights.digest).toBe(digest);
  }
}

/** Number of a process of the run: `worker-3`, `coordinator`, `relay`. */
export const pidOf = (directory: string, name: string): number =>
  Number(readFileSync(join(directory, "logs", `${name}.pid`), "utf8"));

/** Whether a process is there, and more than an entry that nobody has asked for. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.charAt(stat.lastIndexOf(")") + 2) !== "Z";
  } catch {
    return false;
  }
}

/** No process of the run is left. */
export function expectNobodyLeft(directory: string): void {
  const names = readdirSync(join(directory, "logs")).filter((name) => name.endsWith(".pid"));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(isRunning(pidOf(directory, name.replace(/\.pid$/, ""))), name).toBe(false);
  expect(existsSync(join(directory, "supervisor.pid"))).toBe(false);
}
