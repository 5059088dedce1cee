import type { TrainingRecord } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { ProgressTracker } from "./progress-tracker.ts";
import type { RunProgress } from "./run-progress.ts";

const decided = (update: number, loss = 3): TrainingRecord => ({
  ...{ kind: "update", update, loss, gradientNorm: 1, tokens: 100, attempt: 1 },
});

function follow(records: readonly (readonly [seconds: number, record: TrainingRecord])[], updates = 20): RunProgress[] {
  const told: RunProgress[] = [];
  const tracker = new ProgressTracker({ updates, tell: (progress) => told.push(progress), intervalSeconds: 0 });
  for (const [seconds, record] of records) tracker.add({ seconds, by: 0, record });
  return told;
}

describe("ProgressTracker", () => {
  it("counts updates as done, and tells their loss and the pace of the last ones by the world's clock", () => {
    // A slow first update, then 100 tokens every half second.
    const told = follow(Array.from({ length: 15 }, (_, update) => [10 + update / 2, decided(update, 5 - update / 10)]));
    expect(told).toHaveLength(15);
    expect(told.at(-1)).toMatchObject({ update: 15, updates: 20, loss: 3.6, heldOutLoss: null, tokensPerSecond: 200 });
    expect(told[0]).toMatchObject({ update: 1, tokensPerSecond: 0, secondsLeft: Number.POSITIVE_INFINITY });
  });

  it("adds up what nodes say that they sent, each by its last word", () => {
    const traffic = (node: number, sentBytes: number): TrainingRecord => ({
      ...{ kind: "traffic", node, sentBytes, receivedBytes: 0, sentTensorBytes: 0 },
    });
    const told = follow([
      [1, traffic(1, 10)],
      [2, traffic(2, 30)],
      [3, traffic(1, 25)],
      [4, decided(0)],
    ]);
    expect(told.at(-1)?.sentBytes).toBe(55);
  });

  it("goes back with a restart, and says why", () => {
    const told = follow([
      [1, decided(0)],
      [2, decided(1)],
      [3, { kind: "restart", version: 1, attempt: 4, reason: "worker 2 lost" }],
    ]);
    expect(told.at(-1)).toMatchObject({ update: 1, happened: "attempt 4 begins at update 1 (worker 2 lost)" });
  });

  it("tells losses that are not modelled as null, and who is lost while training, not after", () => {
    const lost: TrainingRecord = { kind: "membership", node: 3, change: "lost" };
    const told = follow(
      [
        [1, decided(0, Number.NaN)],
        [2, lost],
        [3, { kind: "evaluation", version: 1, loss: 2.5, tokens: 9 }],
        [4, decided(1, Number.NaN)],
        [5, lost],
      ],
      2,
    );
    expect(told.map(({ happened }) => happened)).toEqual([undefined, "worker 3 lost", undefined]);
    expect(told.at(-1)).toMatchObject({ update: 2, loss: null, heldOutLoss: 2.5 });
  });
});
