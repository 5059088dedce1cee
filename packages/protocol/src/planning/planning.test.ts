import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AssignmentProblem, assignStages, type Candidate } from "./assignment.ts";
import { layoutsOf } from "./layouts.ts";
import { dealMicrobatches, quotasOf, weightsOf } from "./paths.ts";
import { potentialThroughput, weakestStage } from "./throughput.ts";

const idle = (node: number, speed = Number.NaN): Candidate => ({ node, stage: -1, heldStage: -1, speed });
const at = (node: number, stage: number, speed = Number.NaN): Candidate => ({ node, stage, heldStage: stage, speed });

const problemOf = (stages: number, more: Partial<AssignmentProblem> = {}): AssignmentProblem => ({
  stages,
  seats: stages * 2,
  maximumReplicas: 8,
  isRectangular: false,
  stageFlop: new Float64Array(stages).fill(1),
  rebalanceBelow: 0,
  ...more,
});

describe("paths", () => {
  it("microbatch m goes to rank m modulo ranks where replicas are alike", () => {
    expect([...dealMicrobatches(8, [1, 1, 1])]).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
    expect([...dealMicrobatches(4, [5, 5])]).toEqual([0, 1, 0, 1]);
  });
  it("shares follow weights, evenly spread", () => {
    // Three to one of eight: six and two, the two far apart.
    const dealt = [...dealMicrobatches(8, [3, 1])];
    expect(dealt.filter((rank) => rank === 1).length).toBe(2);
    const places = dealt.flatMap((rank, m) => (rank === 1 ? [m] : []));
    expect(places[1] - places[0]).toBe(4);
  });
  it("all microbatches are dealt by largest remainders, each rank within one of its share", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 });
    const property = fc.property(weights, fc.integer({ min: 0, max: 56 }), (given, more) => {
      const count = given.length + more;
      const quotas = quotasOf(count, given);
      expect(quotas.reduce((sum, quota) => sum + quota, 0)).toBe(count);
      const total = given.reduce((sum, weight) => sum + weight, 0);
      given.forEach((weight, rank) => {
        const share = (count * weight) / total;
        expect(quotas[rank]).toBeGreaterThanOrEqual(1);
        if (given.every((other) => (count * other) / total >= 1))
          expect(Math.abs(quotas[rank] - share)).toBeLessThan(1);
      });
      const dealt = dealMicrobatches(count, given);
      const isEven = given.every((weight) => weight === given[0]);
      const counts = given.map((_, rank) => dealt.filter((one) => one === rank).length);
      if (!isEven) expect(counts).toEqual(quotas);
    });
    fc.assert(property);
  });
  it("small differences in measured speed change nothing, large ones do", () => {
    expect(weightsOf([100, 95, 61])).toEqual([1, 1, 1]);
    expect(weightsOf([100, 50])).toEqual([8, 4]);
    expect(weightsOf([100, 1])).toEqual([8, 1]);
  });
});

describe("throughput", () => {
  it("the weakest stage has the least throughput, then the fewest replicas", () => {
    expect(weakestStage(Float64Array.of(2, 1, 1), Int32Array.of(2, 1, 1))).toBe(1);
    expect(weakestStage(Float64Array.of(1, 1, 1), Int32Array.of(2, 2, 1))).toBe(2);
    expect(weakestStage(Float64Array.of(1, 2), Int32Array.of(1, 1), (stage) => stage === 1)).toBe(1);
  });
  it("what could be, by hand: 4, 3, 2, 1 over two stages of which one costs twice as much", () => {
    // 4 to stage 0 (4); 3 to stage 1 (1.5); 2 to stage 1 (2.5); 1 to stage 1 (3): the least is 3.
    expect(potentialThroughput(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 2), 8)).toBe(3);
  });
});

describe("assignStages", () => {
  it("fills a grid in turn, and leaves spares idle", () => {
    const grid = assignStages(
      [1, 2, 3, 4, 5, 6, 7].map((node) => idle(node)),
      problemOf(3),
    );
    expect(grid).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });
  it("needs as many workers as stages", () => {
    expect(assignStages([idle(1)], problemOf(2))).toBeUndefined();
  });
  it("keeps who has a place; a joiner goes to the weakest stage", () => {
    const seated = [at(1, 0), at(2, 1), at(3, 1), at(4, 2), at(5, 2)];
    expect(assignStages([...seated, idle(9)], problemOf(3))?.[0]).toEqual([1, 9]);
  });
  it("the weakest stage is the one that costs most, where costs are known", () => {
    const seated = [at(1, 0, 10), at(2, 1, 10), at(3, 2, 10)];
    const stageFlop = Float64Array.of(1, 1, 3);
    expect(assignStages([...seated, idle(4, 10)], problemOf(3, { stageFlop }))?.[2]).toEqual([3, 4]);
  });
  it("fills an empty stage from the idle, else from the strongest; who has its shard comes first", () => {
    const holder: Candidate = { node: 8, stage: -1, heldStage: 1, speed: Number.NaN };
    expect(assignStages([at(1, 0), at(2, 0), idle(7), holder], problemOf(2, { seats: 3 }))?.[1]).toEqual([8]);
    expect(assignStages([at(1, 0), at(2, 0), at(3, 2)], problemOf(3))?.map(({ length }) => length)).toEqual([1, 1, 1]);
  });
  it("moves workers only where throughput is below the share of what could be", () => {
    // Stage 1 costs three times as much: 2 and 2/3 as it is, 1 and 1 after a move, which is the best there is.
    const seated = [at(1, 0, 1), at(2, 0, 1), at(3, 1, 1), at(4, 1, 1)];
    const stageFlop = Float64Array.of(1, 3);
    const moved = assignStages(seated, problemOf(2, { stageFlop, rebalanceBelow: 0.75 }));
    expect(moved?.map(({ length }) => length)).toEqual([1, 3]);
    const kept = assignStages(seated, problemOf(2, { stageFlop, rebalanceBelow: 0.6 }));
    expect(kept?.map(({ length }) => length)).toEqual([2, 2]);
  });
  it("makes a rectangle where it must, whoever is there", () => {
    const anyone = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 5, maxLength: 30 });
    const property = fc.property(anyone, fc.integer({ min: 1, max: 4 }), (stages, replicas) => {
      const candidates = stages.map((stage, i) => (stage < 0 ? idle(i + 1) : at(i + 1, stage)));
      const problem = problemOf(5, { isRectangular: true, seats: 5 * replicas, maximumReplicas: replicas });
      const rows = Math.min(replicas, Math.floor(stages.length / 5));
      expect(assignStages(candidates, problem)?.map(({ length }) => length)).toEqual(new Array(5).fill(rows));
    });
    fc.assert(property);
  });
  it("gives every stage somebody, nobody two places, and no more places than there are", () => {
    const candidate = fc.record({ stage: fc.integer({ min: -1, max: 3 }), speed: fc.constantFrom(1, 5, Number.NaN) });
    const property = fc.property(fc.array(candidate, { minLength: 4, maxLength: 20 }), (given) => {
      const candidates = given.map(({ stage, speed }, i) => ({ node: i + 1, stage, heldStage: stage, speed }));
      const grid = assignStages(candidates, problemOf(4, { rebalanceBelow: 0.75 })) ?? [];
      const nodes = grid.flat();
      expect(grid.every(({ length }) => length >= 1)).toBe(true);
      expect(new Set(nodes).size).toBe(nodes.length);
      expect(nodes.length).toBe(Math.min(8, given.length));
    });
    fc.assert(property);
  });
});

describe("layoutsOf", () => {
  const weights = (grid: readonly (readonly number[])[]): number[][] => grid.map((group) => group.map(() => 1));
  const layouts = (grid: readonly (readonly number[])[], microbatches: number) =>
    layoutsOf({
      id: 1,
      grid,
      weights: weights(grid),
      microbatches,
      evaluationMicrobatches: 2,
      verifiers: [],
      publicKeyOf: () => "",
    });

  it("neighbours agree on who has which microbatch, for any numbers of replicas", () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    const property = fc.property(shape, fc.integer({ min: 4, max: 12 }), (replicas, microbatches) => {
      let node = 0;
      const grid = replicas.map((count) => Array.from({ length: count }, () => ++node));
      const all = layouts(grid, microbatches);
      for (const [own, layout] of all) {
        layout.next.forEach((other, place) => {
          const theirs = all.get(other);
          const microbatch = layout.microbatches[place];
          const back = theirs?.microbatches.indexOf(microbatch) ?? -1;
          expect(theirs?.stage).toBe(layout.stage + 1);
          expect(theirs?.previous[back]).toBe(own);
        });
      }
      grid.forEach((group) => {
        const dealt = group.flatMap((member) => all.get(member)?.microbatches ?? []).sort((a, b) => a - b);
        expect(dealt).toEqual(Array.from({ length: microbatches }, (_, m) => m));
      });
    });
    fc.assert(property);
  });
  it("every end of a shared matrix has one partner that sends to it", () => {
    const all = layouts([[1, 2, 3], [4], [5, 6]], 6);
    for (const node of [1, 2, 3, 5, 6]) {
      const from = all.get(node)?.tiedFrom ?? -1;
      expect(all.get(from)?.tiedTo).toContain(node);
    }
    expect(all.get(4)).toMatchObject({ tiedTo: [], tiedFrom: -1 });
  });
});
