import type { Column, Table, TimedRecord, TrainingRecord } from "@shardlab/contracts";
import { describe, expect, it, test } from "vitest";
import { trainingMeasureNames } from "./measure-names.ts";
import { type RecordedRun, Recording, type RecordingOptions } from "./recording.ts";

const options: RecordingOptions = {
  hasLoss: true,
  hasEvaluation: true,
  groupOf: (node) => (node === 1 ? "fast" : "slow"),
};

type Told = readonly [seconds: number, record: TrainingRecord, by?: number];

function recorded(told: readonly Told[], endSeconds: number, changed: Partial<RecordingOptions> = {}): RecordedRun {
  const recording = new Recording({ ...options, ...changed });
  for (const [seconds, record, by = 0] of told) recording.add({ seconds, by, record } satisfies TimedRecord);
  return recording.finish(endSeconds);
}

const update = (
  number: number,
  changed: Partial<Extract<TrainingRecord, { kind: "update" }>> = {},
): TrainingRecord => ({
  kind: "update",
  update: number,
  loss: 5 - number,
  gradientNorm: 1,
  tokens: 100,
  attempt: 0,
  ...changed,
});
const task = (changed: Partial<Extract<TrainingRecord, { kind: "task" }>> = {}): TrainingRecord => ({
  kind: "task",
  node: 1,
  task: "forward",
  stage: 0,
  update: 0,
  microbatch: 0,
  split: "training",
  startSeconds: 0,
  endSeconds: 1,
  flop: 10,
  ...changed,
});
const traffic = (node: number, sentBytes: number): TrainingRecord => ({
  kind: "traffic",
  node,
  sentBytes,
  receivedBytes: 2 * sentBytes,
  sentTensorBytes: sentBytes / 2,
});
const link = (node: number, asked: number, measured = asked): TrainingRecord => ({
  kind: "link",
  node,
  askedUplinkBytesPerSecond: asked,
  measuredUplinkBytesPerSecond: measured,
  askedLatencySeconds: 0.01,
  measuredRoundTripSeconds: 0.02,
});
const member = (node: number, change: "joined" | "lost" | "left" | "assigned", stage?: number): TrainingRecord => ({
  kind: "membership",
  node,
  change,
  ...(stage === undefined ? {} : { stage }),
});

const measure = (run: RecordedRun, name: string): number | undefined =>
  run.measures.find((found) => found.name === name)?.value;
const tableOf = (run: RecordedRun, name: string): Table => {
  const found = run.tables.find((table) => table.name === name);
  if (found === undefined) throw new Error(`no table: ${name}`);
  return found;
};
const valuesOf = (run: RecordedRun, table: string, column: string): (number | string)[] => {
  const found = tableOf(run, table).columns.find(({ name }: Column) => name === column);
  return [...(found?.data.values ?? [])];
};

describe("measures", () => {
  test("have the names that are known before the run, with and without losses", () => {
    for (const hasLoss of [true, false]) {
      for (const hasEvaluation of [true, false]) {
        const parts = { hasLoss, hasEvaluation };
        expect(recorded([], 1, parts).measures.map(({ name }) => name)).toEqual(trainingMeasureNames(parts));
      }
    }
    expect(trainingMeasureNames({ hasLoss: false, hasEvaluation: true })).not.toContain("held-out-loss");
  });

  it("count updates and tokens over the time to the last one, and take the median of durations", () => {
    // Durations 2, 30 and 4; the first update waited for everybody.
    const run = recorded(
      [10, 12, 42, 46].map((seconds, number) => [seconds, update(number)] as const),
      60,
    );
    expect(measure(run, "updates")).toBe(4);
    expect(measure(run, "loss")).toBe(2);
    expect(measure(run, "seconds-per-update")).toBe(4);
    expect(measure(run, "updates-per-hour")).toBeCloseTo((4 * 3600) / 46, 12);
    expect(measure(run, "tokens-per-second")).toBeCloseTo(400 / 46, 12);
    expect(measure(run, "duration")).toBe(60);
  });

  it("share the time between moments among the updates decided at one", () => {
    const run = recorded(
      [10, 10, 16, 16, 16].map((seconds, number) => [seconds, update(number)] as const),
      16,
    );
    expect(measure(run, "seconds-per-update")).toBe(2);
    expect(
      measure(
        recorded(
          [
            [9, update(0)],
            [9, update(1)],
            [9, update(2)],
          ],
          9,
        ),
        "seconds-per-update",
      ),
    ).toBe(3);
  });

  it("take utilisation over the time that workers were there", () => {
    const run = recorded(
      [
        [2, member(1, "joined")],
        [0, member(2, "joined")],
        [4, task({ node: 1, startSeconds: 3, endSeconds: 4 })],
        [5, member(2, "lost")],
        [7, member(2, "joined")],
        [9, task({ node: 2, startSeconds: 7, endSeconds: 9 })],
        [9.5, member(2, "left")],
      ],
      10,
    );
    // Present 8 and 5 + 2.5 seconds, busy 1 and 2.
    expect(measure(run, "utilisation")).toBeCloseTo(3 / 15.5, 12);
    expect(valuesOf(run, "workers", "idle")).toEqual([7, 5.5]);
    expect(measure(run, "workers-lost")).toBe(1);
  });

  it("take rho as transfer time at the links' rates over compute time", () => {
    const told: Told[] = [
      [1, link(1, 100)],
      [1, link(2, 100, 50)],
      [4, task({ node: 1, startSeconds: 0, endSeconds: 4 })],
      [5, task({ node: 2, startSeconds: 0, endSeconds: 6 })],
      [9, traffic(0, 1e6)],
      [9, traffic(1, 100)],
      [9, traffic(1, 300)],
      [9, traffic(2, 200)],
      [9, update(0)],
    ];
    const run = recorded(told, 9);
    // (300 / 100 + 200 / 50) / (4 + 6); the coordinator computes nothing.
    expect(measure(run, "rho")).toBeCloseTo(0.7, 12);
    expect(measure(run, "bytes")).toBe(1e6 + 500);
    expect(measure(run, "bytes-per-token")).toBe((1e6 + 500) / 100);
    expect(measure(run, "tensor-bytes")).toBe((1e6 + 500) / 2);
    expect(measure(run, "compute-per-update")).toBe(20);
  });

  it("add up the bytes of a coordinator over its lives", () => {
    const sent = [0, 300, 700, 0, 0, 100, 200, 0, 1000];
    const run = recorded([...sent.map((bytes, second): Told => [second, traffic(0, bytes)]), [8, traffic(1, 50)]], 9);
    expect(measure(run, "bytes")).toBe(700 + 200 + 1000 + 50);
    expect(measure(run, "tensor-bytes")).toBe((700 + 200 + 1000 + 50) / 2);
  });

  it("undo updates and evaluations from the version that a restart returns to", () => {
    const run = recorded(
      [
        [1, update(0)],
        [2, update(1)],
        [2.5, { kind: "evaluation", version: 1, loss: 4, tokens: 10 }],
        [3, update(2)],
        [3.5, { kind: "evaluation", version: 3, loss: 3, tokens: 10 }],
        [4, { kind: "restart", version: 1, attempt: 1, reason: "stage lost: 2" }],
        [5, { kind: "evaluation", version: 1, loss: 4.25, tokens: 10 }],
        [6, update(1, { attempt: 1, loss: 4.5 })],
      ],
      8,
    );
    expect(valuesOf(run, "evaluations", "seconds")).toEqual([5]);
    expect(valuesOf(run, "updates", "seconds")).toEqual([1, 6]);
    expect(measure(run, "loss")).toBe(4.5);
    expect(measure(run, "held-out-loss")).toBe(4.25);
    expect(measure(run, "updates-undone")).toBe(2);
    expect(measure(run, "restarts")).toBe(1);
    expect(valuesOf(run, "incidents", "reason")).toEqual(["stage lost: 2"]);
  });

  it("undo nothing by a restart of the attempt alone", () => {
    const run = recorded(
      [
        [1, update(0)],
        [2, { kind: "restart", version: 1, attempt: 1, reason: "stall" }],
      ],
      3,
    );
    expect([measure(run, "updates-undone"), measure(run, "updates")]).toEqual([0, 1]);
  });

  it("count a stage whose replicas differ once for an update", () => {
    const weights = (number: number, stage: number, node: number, digest: string): Told => [
      1,
      { kind: "weights", update: number, stage, node, digest },
    ];
    const told = [
      weights(9, 0, 1, "aa"),
      weights(9, 0, 2, "aa"),
      weights(9, 1, 3, "bb"),
      weights(9, 1, 4, "cc"),
      weights(9, 1, 5, "dd"),
      weights(19, 1, 3, "ee"),
      weights(19, 1, 4, "ee"),
    ];
    expect(measure(recorded(told, 1), "replica-mismatches")).toBe(1);
  });

  it("say which work was in vain", () => {
    const work = (flop: number, isCommitted: boolean): Told => [
      1,
      {
        kind: "contribution",
        node: 1,
        publicKey: "k",
        stage: 3,
        update: 0,
        attempt: 0,
        microbatches: 2,
        flop,
        isCommitted,
      },
    ];
    const run = recorded([work(30, true), work(10, false)], 1);
    expect(measure(run, "work-in-vain")).toBe(0.25);
    expect(valuesOf(run, "contributions", "committed")).toEqual([1, 0]);
    expect(valuesOf(run, "workers", "microbatches")).toEqual([2]);
    expect(valuesOf(run, "workers", "group")).toEqual(["fast"]);
  });
});

describe("tables", () => {
  it("hold tasks as they were, whatever the host does with its object afterwards", () => {
    const recording = new Recording(options);
    const reused = { ...(task() as Extract<TrainingRecord, { kind: "task" }>) };
    const timed = { seconds: 1, by: 1, record: reused };
    recording.add(timed);
    Object.assign(reused, { microbatch: 7, task: "backward", startSeconds: 5, endSeconds: 6 });
    recording.add(timed);
    const run = recording.finish(6);
    expect(valuesOf(run, "tasks", "microbatch")).toEqual([0, 7]);
    expect(valuesOf(run, "tasks", "task")).toEqual(["forward", "backward"]);
    expect(valuesOf(run, "tasks", "start")).toEqual([0, 5]);
  });

  it("keep whole updates, evenly spaced, when tasks become too many", () => {
    const told: Told[] = [[0, task({ update: -1, task: "open" })]];
    for (let number = 0; number < 100; number++) {
      for (let microbatch = 0; microbatch < 3; microbatch++) told.push([number, task({ update: number, microbatch })]);
    }
    const run = recorded(told, 100, { maximumRows: 50 });
    const updates = valuesOf(run, "tasks", "update").map(Number);
    expect(updates.length).toBeLessThanOrEqual(50);
    expect(updates[0]).toBe(-1);
    const kept = [...new Set(updates.slice(1))];
    const every = kept[1] - kept[0];
    expect(kept).toEqual(Array.from({ length: Math.ceil(100 / every) }, (_, i) => i * every));
    for (const number of kept) expect(updates.filter((other) => other === number)).toHaveLength(3);
    expect(run.notes.map(({ statement }) => statement)).toEqual([
      `The table tasks has one update in ${every}: ${301 - updates.length} rows were left out.`,
    ]);
    // Totals do not suffer.
    expect(valuesOf(run, "workers", "busy")).toEqual([301]);
  });

  it("take no more of an update that is too long by itself", () => {
    const told = Array.from({ length: 40 }, (_, microbatch): Told => [1, task({ microbatch })]);
    const run = recorded(told, 1, { maximumRows: 10 });
    expect(valuesOf(run, "tasks", "microbatch")).toHaveLength(10);
    expect(run.notes).toHaveLength(1);
  });

  it("have columns of one length, and units where numbers have one", () => {
    const run = recorded(
      [
        [1, update(0)],
        [1, task()],
        [1, member(1, "joined")],
        [1, link(1, 5)],
      ],
      1,
    );
    expect(run.tables.map(({ name }) => name)).toEqual([
      "updates",
      "evaluations",
      "tasks",
      "contributions",
      "weights",
      "membership",
      "incidents",
      "workers",
    ]);
    for (const { columns } of run.tables) {
      expect(new Set(columns.map(({ data }) => data.values.length)).size).toBe(1);
      for (const { unit, data } of columns) if (data.type === "float64") expect(unit).not.toBe("");
    }
  });
});
