import { Environment } from "@shardlab/des";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Network } from "../network.ts";
import type { Topology } from "../topology.ts";
import type { AlphaBeta, Collective } from "./collective.ts";
import { collectiveBounds, type RankLinks } from "./collective-bounds.ts";
import { CollectiveRun } from "./collective-run.ts";
import {
  bytesByRank,
  type CollectiveProblem,
  type CommunicationSchedule,
  stepBytes,
} from "./communication-schedule.ts";
import { collectiveKinds, collectiveSpec, createCollective } from "./registry.ts";
import { applySchedule, ReplicaVectors } from "./replica-vectors.ts";

const make = (kind: string, groupSize = 3): Collective =>
  createCollective(collectiveSpec.parse(kind === "moshpit" ? { kind, groupSize } : { kind }));

/** Problems that every kind can serve: moshpit in groups of 3 or 2, the others with any number of ranks. */
const problems = (kind: string) =>
  fc.record({
    ranks: kind === "moshpit" ? fc.constantFrom(1, 3, 9, 27) : fc.integer({ min: 1, max: 19 }),
    elements: fc.integer({ min: 1, max: 45 }),
    bytesPerElement: fc.constantFrom(1, 2, 4, 0.5),
  });

/** All ranks hang on one core: latency half at each end. */
function starOf({ uplinkBytesPerSecond, downlinkBytesPerSecond, latencySeconds }: RankLinks): Topology {
  return {
    nodes: Array.from(uplinkBytesPerSecond, (up, node) => ({
      group: "ranks",
      uplinkBytesPerSecond: up,
      downlinkBytesPerSecond: downlinkBytesPerSecond[node],
      latencySeconds: latencySeconds[node],
    })),
    sharedLinks: [],
    route: () => ({ sharedLinks: [], latencySeconds: 0 }),
  };
}

/** Seconds that the schedule takes over a star of these links, and the vectors that the ranks end with. */
function runOnStar(schedule: CommunicationSchedule, links: RankLinks, gammaSecondsPerByte = 0) {
  const environment = new Environment({ seed: 1 });
  const transport = new Network(environment, starOf(links));
  const vectors = Array.from({ length: schedule.ranks }, (_, rank) =>
    Float64Array.from({ length: schedule.elements }, (_, i) => ((rank + 1) * (i + 7) * 7919) % 1009),
  );
  const replicas = new ReplicaVectors(schedule, vectors);
  let seconds = Number.NaN;
  const run = new CollectiveRun({
    loop: environment,
    transport,
    schedule,
    gammaSecondsPerByte,
    onSend: (step) => replicas.send(step),
    onReceive: (step) => replicas.receive(step),
    onDone: () => {
      seconds = environment.now;
    },
  });
  run.start();
  environment.run();
  return { seconds, vectors, doneAtSeconds: run.doneAtSeconds };
}

/** The sum over ranks of the vectors that `runOnStar` begins with. */
const sumOf = ({ ranks, elements }: CollectiveProblem): number[] =>
  Array.from({ length: elements }, (_, i) => {
    let total = 0;
    for (let rank = 0; rank < ranks; rank++) total += ((rank + 1) * (i + 7) * 7919) % 1009;
    return total;
  });

const alike = (ranks: number, { alphaSeconds, betaSecondsPerByte }: AlphaBeta): RankLinks => ({
  uplinkBytesPerSecond: new Array<number>(ranks).fill(1 / betaSecondsPerByte),
  downlinkBytesPerSecond: new Array<number>(ranks).fill(1 / betaSecondsPerByte),
  latencySeconds: new Array<number>(ranks).fill(alphaSeconds / 2),
});

const prices: fc.Arbitrary<AlphaBeta> = fc.record({
  alphaSeconds: fc.constantFrom(0, 0.01, 0.5),
  betaSecondsPerByte: fc.constantFrom(1e-3, 0.25, 1),
  gammaSecondsPerByte: fc.constantFrom(0, 1e-4, 0.3),
});

describe.each(collectiveKinds)("%s", (kind) => {
  it("leaves every rank with every other's contribution exactly once", () => {
    const property = fc.property(problems(kind), (problem) => {
      const schedule = make(kind).schedule(problem);
      // Symbolically: a run per origin, whose vector is 1 and all others 0.
      for (let origin = 0; origin < problem.ranks; origin++) {
        const vectors = Array.from({ length: problem.ranks }, (_, rank) =>
          new Float64Array(problem.elements).fill(rank === origin ? 1 : 0),
        );
        applySchedule(schedule, vectors);
        for (const vector of vectors) expect(vector.every((times) => times === 1)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("is sent as its closed form counts: rounds, bytes, and no part twice into one place in a round", () => {
    const property = fc.property(problems(kind), prices, (problem, links) => {
      const schedule = make(kind).schedule(problem);
      const cost = make(kind).cost(problem, links);
      expect(schedule.rounds).toBe(cost.rounds);
      const { sent, received } = bytesByRank(schedule);
      const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
      expect([total(sent), total(received)]).toEqual([cost.totalBytes, cost.totalBytes]);
      const written = new Set<string>();
      for (let step = 0; step < schedule.steps; step++) {
        expect(schedule.from[step]).not.toBe(schedule.to[step]);
        expect(step === 0 || schedule.round[step] >= schedule.round[step - 1]).toBe(true);
        if (schedule.isReduction[step] === 1) continue;
        for (let i = 0; i < schedule.elementCount[step]; i++) {
          const place = `${schedule.round[step]} ${schedule.to[step]} ${schedule.firstElement[step] + i}`;
          expect(written.has(place)).toBe(false);
          written.add(place);
        }
      }
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("takes its closed form over a star of like links, and sums right there", () => {
    const property = fc.property(problems(kind), prices, (problem, links) => {
      const schedule = make(kind).schedule(problem);
      const { seconds, vectors } = runOnStar(schedule, alike(problem.ranks, links), links.gammaSecondsPerByte);
      const expected = make(kind).cost(problem, links).seconds;
      expect(Math.abs(seconds - expected)).toBeLessThanOrEqual(1e-9 * expected);
      for (const vector of vectors) expect([...vector]).toEqual(sumOf(problem));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("stays within its bounds over unlike links, and sums right there", () => {
    const property = fc.property(problems(kind), fc.integer({ min: 1, max: 1e6 }), (problem, seed) => {
      let state = seed;
      const next = (): number => {
        state = (state * 48_271) % 2_147_483_647;
        return state / 2_147_483_647;
      };
      const draw = (low: number, high: number) =>
        Array.from({ length: problem.ranks }, () => low + (high - low) * next());
      const links = {
        uplinkBytesPerSecond: draw(1, 30),
        downlinkBytesPerSecond: draw(1, 30),
        latencySeconds: draw(0, 0.5),
      };
      const gamma = next() < 0.5 ? 0 : 0.05;
      const schedule = make(kind).schedule(problem);
      const { seconds, vectors, doneAtSeconds } = runOnStar(schedule, links, gamma);
      const { lowerSeconds, upperSeconds } = collectiveBounds(schedule, links, gamma);
      expect(seconds).toBeGreaterThanOrEqual(lowerSeconds * (1 - 1e-9));
      expect(seconds).toBeLessThanOrEqual(upperSeconds * (1 + 1e-9));
      expect(doneAtSeconds.reduce((a, b) => Math.max(a, b))).toBe(seconds);
      for (const vector of vectors) expect([...vector]).toEqual(sumOf(problem));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("has bounds that meet in the closed form where links are alike", () => {
    const property = fc.property(problems(kind), (problem) => {
      const links = { alphaSeconds: 0.1, betaSecondsPerByte: 0.5, gammaSecondsPerByte: 0 };
      const { lowerSeconds, upperSeconds } = collectiveBounds(
        make(kind).schedule(problem),
        alike(problem.ranks, links),
      );
      const { seconds } = make(kind).cost(problem, links);
      expect(Math.abs(upperSeconds - seconds)).toBeLessThanOrEqual(1e-9 * seconds);
      expect(lowerSeconds).toBeLessThanOrEqual(seconds * (1 + 1e-9));
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("refuses what is no problem", () => {
    const problem = { ranks: 3, elements: 10, bytesPerElement: 4 };
    const links = { alphaSeconds: 0, betaSecondsPerByte: 1, gammaSecondsPerByte: 0 };
    for (const [wrong, message] of [
      [{ ranks: 0 }, "invalid ranks: 0"],
      [{ elements: 0 }, "invalid elements: 0"],
      [{ bytesPerElement: -1 }, "invalid bytes per element: -1"],
    ] as const) {
      expect(() => make(kind).schedule({ ...problem, ...wrong })).toThrow(message);
      expect(() => make(kind).cost({ ...problem, ...wrong }, links)).toThrow(message);
    }
  });
});

describe("published formulae", () => {
  // Thakur, Rabenseifner and Gropp (2005), for p = 8 ranks and n = 64 bytes.
  const problem = { ranks: 8, elements: 64, bytesPerElement: 1 };
  const [alpha, beta, gamma] = [1000, 10, 1];
  const links = { alphaSeconds: alpha, betaSecondsPerByte: beta, gammaSecondsPerByte: gamma };
  it.each([
    ["ring", 14 * alpha + 2 * (7 / 8) * 64 * beta + (7 / 8) * 64 * gamma],
    ["recursive-doubling", 3 * (alpha + 64 * beta + 64 * gamma)],
    ["recursive-halving-doubling", 6 * alpha + 2 * (7 / 8) * 64 * beta + (7 / 8) * 64 * gamma],
    ["binomial-tree", 3 * (2 * alpha + 2 * 64 * beta + 64 * gamma)],
    ["direct-exchange", 2 * alpha + 2 * (7 / 8) * 64 * beta + (7 / 8) * 64 * gamma],
  ])("%s", (kind, seconds) => {
    expect(make(kind).cost(problem, links).seconds).toBe(seconds);
  });
  it("moshpit", () => {
    // Three dimensions of two: 3 (2 alpha + n beta + n gamma / 2).
    expect(make("moshpit", 2).cost(problem, links).seconds).toBe(3 * (2 * alpha + 64 * beta + 32 * gamma));
  });
  it("ring and recursive halving send 2 (p - 1)/p n per rank, the least possible", () => {
    for (const kind of ["ring", "recursive-halving-doubling", "direct-exchange"]) {
      const { sent, received } = bytesByRank(make(kind).schedule(problem));
      expect([...sent, ...received]).toEqual(new Array(16).fill(112));
    }
  });
  it("folding 6 ranks to 4 costs 2 alpha + 2 n beta + n gamma", () => {
    const fold = 2 * alpha + 2 * 64 * beta + 64 * gamma;
    const six = { ...problem, ranks: 6 };
    expect(make("recursive-doubling").cost(six, links).seconds).toBe(2 * (alpha + 64 * beta + 64 * gamma) + fold);
    const halving = 4 * alpha + 1.5 * 64 * beta + 0.75 * 64 * gamma + fold;
    expect(make("recursive-halving-doubling").cost(six, links).seconds).toBe(halving);
  });
});

it("moshpit refuses numbers of ranks that are no power of the group", () => {
  const problem = { ranks: 10, elements: 4, bytesPerElement: 1 };
  expect(() => make("moshpit", 3).schedule(problem)).toThrow(
    "invalid ranks: 10 (expected a power of the group size, 3)",
  );
});

describe("CollectiveRun", () => {
  const schedule = make("ring").schedule({ ranks: 3, elements: 30, bytesPerElement: 1 });

  it("sends between the nodes that the ranks are", () => {
    const environment = new Environment({ seed: 1 });
    const links = alike(10, { alphaSeconds: 0, betaSecondsPerByte: 1, gammaSecondsPerByte: 0 });
    const transport = new Network(environment, starOf(links));
    new CollectiveRun({ loop: environment, transport, schedule, nodes: [9, 2, 4] }).start();
    environment.run();
    const sent = Array.from({ length: 10 }, (_, node) => transport.bytesSent(node));
    expect(sent).toEqual([0, 0, 40, 0, 40, 0, 0, 0, 0, 40]);
  });

  it("says which step failed, and is never done after that", () => {
    const environment = new Environment({ seed: 1 });
    const links = alike(3, { alphaSeconds: 0, betaSecondsPerByte: 1, gammaSecondsPerByte: 0 });
    const transport = new Network(environment, starOf(links));
    const failed: number[] = [];
    const run = new CollectiveRun({
      loop: environment,
      transport,
      schedule,
      onDone: () => expect.unreachable(),
      onFailed: (step) => failed.push(step),
    });
    run.start();
    environment.schedule(15, () => transport.setUp(1, false));
    environment.run();
    // In the second of four rounds of 10 s, what rank 0 sends to rank 1 and what rank 1 sends on.
    expect(
      failed
        .slice(0, 2)
        .map((step) => [schedule.round[step], schedule.from[step], schedule.to[step]])
        .sort(),
    ).toEqual([
      [1, 0, 1],
      [1, 1, 2],
    ]);
    expect([...run.doneAtSeconds].every(Number.isNaN)).toBe(true);
  });

  it("refuses data that do not fit", () => {
    expect(() => new ReplicaVectors(schedule, [])).toThrow("invalid vectors: 0 of 3");
    const short = [1, 2, 3].map(() => new Float64Array(29));
    expect(() => new ReplicaVectors(schedule, short)).toThrow("invalid length: 29");
    const fit = [1, 2, 3].map(() => new Float64Array(30));
    expect(() => new ReplicaVectors(schedule, fit).receive(0)).toThrow("step not sent: 0");
    expect(stepBytes(schedule, 0)).toBe(10);
  });
});
