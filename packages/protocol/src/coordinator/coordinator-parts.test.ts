import type { Plain, RoleHost } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import type { AliveMessage, JoinMessage, ReadyMessage, Waiting } from "../messages.ts";
import { layoutsOf } from "../planning/layouts.ts";
import { faultToleranceSpec } from "../spec.ts";
import { baseVersion } from "./base-version.ts";
import { CheckpointTracker, isVoid, withRollback } from "./checkpoint-tracker.ts";
import { updateOutcome } from "./decision.ts";
import { CoordinatorJournal, isJournalSnapshot } from "./journal.ts";
import { isHolder, Members } from "./members.ts";
import { Pace } from "./pace.ts";
import { planMoves } from "./plan.ts";
import { findStalls, PartedPairs, type StalledWorker } from "./stalls.ts";

const journalOf = (entries: Plain[]) =>
  new CoordinatorJournal({ persist: (e: Plain) => entries.push(e) } as unknown as RoleHost, []);
const decision = { span: 4, attempt: 2, updates: 1, squaredNorm: 2 };

const memberWith = (held: JoinMessage["held"], checkpoints: JoinMessage["checkpoints"] = []) => {
  const message: JoinMessage = { kind: "join", sequence: 1, duty: "train", publicKey: "", held, checkpoints };
  return new Members().join(1, message, 0).member;
};
const shard = (stage: number, version: number, attempt = 2) => ({
  stage,
  version,
  attempt,
  readySpan: -1,
  readyAttempt: -1,
});

describe("CoordinatorJournal", () => {
  it("comes back as it was from all entries, or from the last snapshot on", () => {
    const entries: Plain[] = [];
    const journal = journalOf(entries);
    journal.setNodes([1, 2]);
    for (let version = 1; version <= 200; version++)
      journal.change({ version, decision: { ...decision, span: version - 1 } });
    journal.change({ attempt: 9, decision: { ...decision, squaredNorm: Number.NaN } });
    const text = JSON.parse(JSON.stringify(entries)) as Plain[];
    const last = text.findLastIndex(isJournalSnapshot);
    expect(text.length - last).toBeLessThanOrEqual(64);
    for (const kept of [text, text.slice(last)]) {
      const back = new CoordinatorJournal({} as RoleHost, kept);
      expect(back.state).toEqual(journal.state);
      expect(back.nodes).toEqual([1, 2]);
    }
  });
});

describe("who can give a stage", () => {
  const state = { ...journalOf([]).state, version: 5, decision };
  it("has the version decided, or is ready for the decision", () => {
    expect(isHolder(memberWith(shard(1, 5)), 1, state)).toBe(true);
    expect(isHolder(memberWith(shard(1, 5)), 0, state)).toBe(false);
    expect(isHolder(memberWith(shard(1, 4)), 1, state)).toBe(false);
    const ready = { ...shard(1, 4), readySpan: 4, readyAttempt: 2 };
    expect(isHolder(memberWith(ready), 1, state)).toBe(true);
    expect(isHolder(memberWith({ ...ready, readyAttempt: 1 }), 1, state)).toBe(false);
  });
  it("does not have what was undone since", () => {
    const rollbacks = withRollback([], 3, 7);
    expect(isHolder(memberWith(shard(1, 5)), 1, { ...state, rollbacks })).toBe(false);
    expect(isHolder(memberWith(shard(1, 5, 7)), 1, { ...state, rollbacks })).toBe(true);
    expect(isVoid({ version: 3, attempt: 2 }, { rollbacks })).toBe(false);
    // Going further back makes the earlier one needless; going less far back does not.
    expect(withRollback(rollbacks, 2, 9)).toEqual([{ version: 2, attempt: 9 }]);
    expect(withRollback(rollbacks, 4, 9)).toEqual([
      { version: 3, attempt: 7 },
      { version: 4, attempt: 9 },
    ]);
  });
  it("else an attempt begins at the last checkpoint that all stages have, or from nothing", () => {
    const own = (stage: number, version: number) => ({ stage, version, attempt: 1, bytes: 1 });
    const members = [memberWith(shard(0, 5), [own(0, 4), own(0, 2)]), memberWith(null, [own(1, 2)])];
    const options = { state: { ...state, checkpoints: [3] }, stages: 2, checkpointsAreShared: false };
    expect(baseVersion(members, options)).toBe(2);
    expect(baseVersion(members, { ...options, checkpointsAreShared: true })).toBe(3);
    expect(baseVersion([members[0]], options)).toBe(0);
    expect(baseVersion([...members, memberWith(shard(1, 5))], options)).toBe(5);
  });
});

describe("CheckpointTracker", () => {
  it("says the bytes of a version when its last stage was written, once", () => {
    const tracker = new CheckpointTracker(2);
    const written = (stage: number) => tracker.add({ stage, version: 4, attempt: 1, bytes: 10 + stage });
    expect([written(0), written(0), written(1), written(1)]).toEqual([undefined, undefined, 21, undefined]);
  });
});

describe("updateOutcome", () => {
  it("adds losses in the order of microbatches and norms in that of stages", () => {
    const grid = [[1, 2], [3]];
    const weights = [[1, 1], [1]];
    const layouts = layoutsOf({
      id: 1,
      grid,
      weights,
      microbatches: 3,
      evaluationMicrobatches: 0,
      verifiers: [],
      publicKeyOf: () => "",
    });
    const ready = (losses: number[], squaredNorm: number): ReadyMessage => ({
      kind: "ready",
      sequence: 1,
      span: 0,
      attempt: 1,
      reports: [{ losses, tokens: losses.length * 7, squaredNorm, flop: 1 }],
      evaluationLosses: [],
      evaluationTokens: 0,
      passSeconds: 1,
      passFlop: 1,
    });
    const readies = new Map([
      [3, ready([1, 2, 6], 30)],
      [2, ready([], 12)],
      [1, ready([], 12)],
    ]);
    const outcome = updateOutcome({ grid, layouts, readies, microbatches: 3, evaluationMicrobatches: 0 }, 0);
    // Replicas of a stage have the same gradient, so that its norm counts once.
    expect(outcome).toEqual({ loss: 3, tokens: 21, squaredNorm: 42 });
  });
});

describe("findStalls", () => {
  const grid = [[1], [2], [3]];
  const layouts = layoutsOf({
    id: 1,
    grid,
    weights: grid.map(() => [1]),
    microbatches: 4,
    evaluationMicrobatches: 0,
    verifiers: [],
    publicKeyOf: () => "",
  });
  const worker = (
    node: number,
    forwards: number,
    backwards: number,
    waiting: Waiting | null,
  ): [number, StalledWorker] => {
    const status: AliveMessage = {
      kind: "alive",
      sequence: 1,
      held: null,
      span: 0,
      attempt: 1,
      forwards,
      backwards,
      synchronised: 0,
      steps: 0,
      waiting,
      checkpoint: null,
      isLeaving: false,
    };
    const layout = layouts.get(node);
    if (layout === undefined) throw new Error(`unknown node: ${node}`);
    return [node, { node, layout, isReady: false, status }];
  };
  const waits = (node: number, what: Waiting["what"], item: number): Waiting => ({
    node,
    what,
    item,
    update: 0,
    seconds: 9,
  });

  it("finds who computes while all others wait for it", () => {
    const workers = new Map([
      worker(1, 3, 0, waits(2, "activation-gradient", 0)),
      worker(2, 1, 0, null),
      worker(3, 1, 1, waits(2, "activation", 1)),
    ]);
    expect(findStalls(workers, 0, false)).toEqual({ slow: [2], parted: [] });
  });
  it("finds between whom a message was lost", () => {
    const workers = new Map([
      worker(1, 3, 0, waits(2, "activation-gradient", 0)),
      worker(2, 2, 0, waits(3, "activation-gradient", 0)),
      worker(3, 0, 0, waits(2, "activation", 0)),
    ]);
    expect(findStalls(workers, 0, false)).toEqual({ slow: [], parted: [[2, 3]] });
  });
  it("finds who does not know the plan", () => {
    const [, lost] = worker(3, 0, 0, null);
    const workers = new Map([worker(2, 2, 0, waits(3, "activation-gradient", 0)), [3, { ...lost, status: undefined }]]);
    expect(findStalls(workers as Map<number, StalledWorker>, 0, false).slow).toEqual([3]);
  });
  it("remembers pairs for a while, longer each time", () => {
    const pairs = new PartedPairs();
    pairs.add([1, 2], 0, 10);
    expect([pairs.now(19).length, pairs.now(21).length]).toEqual([1, 0]);
    pairs.add([2, 1], 30, 10);
    expect([pairs.now(69).length, pairs.now(71).length]).toEqual([1, 0]);
  });
});

describe("Pace", () => {
  const faultTolerance = faultToleranceSpec.parse({ patience: 6, timeout: "10 s", firstUpdateTimeout: "100 s" });
  it("gives the first attempt its own time, later ones a multiple of what is usual", () => {
    const pace = new Pace(faultTolerance);
    const one = { updates: 1, hasMoves: false };
    expect(pace.deadlineSeconds(one)).toBe(100);
    pace.learn(5, one);
    expect(pace.deadlineSeconds(one)).toBe(6 * 5 + 10);
    expect(pace.deadlineSeconds({ updates: 4, hasMoves: false })).toBe(6 * 20 + 10);
    expect(pace.deadlineSeconds({ updates: 1, hasMoves: true })).toBe(100);
  });
  it("is twice as patient after each attempt that ran out, until one succeeds", () => {
    const pace = new Pace(faultTolerance);
    const one = { updates: 1, hasMoves: false };
    pace.ranOut();
    pace.ranOut();
    expect(pace.deadlineSeconds(one)).toBe(400);
    pace.learn(1, one);
    expect(pace.deadlineSeconds(one)).toBe(16);
  });
});

describe("planMoves", () => {
  const own = (stage: number, version: number) => ({ stage, version, attempt: 1, bytes: 1 });
  const member = (node: number, held: JoinMessage["held"], checkpoints: JoinMessage["checkpoints"] = []) => {
    const message: JoinMessage = { kind: "join", sequence: 1, duty: "train", publicKey: "", held, checkpoints };
    return new Members().join(node, message, 0).member;
  };
  const state = { ...journalOf([]).state, version: 5, attempt: 2 };
  const options = { state, stages: 1, checkpointsAreShared: false };

  it("takes a shard from whoever has it, in turn", () => {
    const members = [member(1, shard(0, 5)), member(2, shard(0, 5)), member(3, null), member(4, null), member(5, null)];
    const { sources, serves } = planMoves([[1, 2, 3, 4, 5]], members, 5, options);
    expect([...sources.values()].map((source) => (source.from === "peer" ? source.node : 0))).toEqual([1, 2, 1]);
    expect(serves.get(1)?.to).toEqual([3, 5]);
  });
  it("lets one without a place open its checkpoint to hand it over", () => {
    const members = [member(1, shard(0, 5), [own(0, 4)]), member(2, null)];
    const { sources, serves } = planMoves([[2]], members, 4, options);
    expect(sources.get(2)).toEqual({ from: "peer", node: 1 });
    expect(sources.get(1)).toEqual({ from: "checkpoint" });
    expect(serves.get(1)).toEqual({ stage: 0, to: [2] });
  });
  it("needs nobody for what the seed gives", () => {
    const members = [member(1, shard(0, 0)), member(2, null)];
    const { sources, serves } = planMoves([[1, 2]], members, 0, { ...options, state: { ...state, version: 0 } });
    expect([...sources]).toEqual([[2, { from: "initial" }]]);
    expect(serves.size).toBe(0);
  });
});
