import { describe, expect, it } from "vitest";
import { createRemainingTime, estimateCost, expectedSeconds } from "./estimate.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { planExperiment } from "./plan.ts";
import type { RunTask } from "./run-task.ts";

const tasksOf = (overrides: readonly string[] = []) =>
  planExperiment(smallScenario({ overrides }), { modelHash: "00" }).tasks;

describe("estimateCost", () => {
  it("grows with providers, epochs and the search for beliefs, and shrinks with workers", () => {
    const seconds = (overrides: string[]): number => expectedSeconds(tasksOf(overrides)[0].scenario);
    const large = "providers.gamers.count=1000000";
    expect(seconds([large]) / seconds([large, "horizon=60 d"])).toBeCloseTo(2, 1);
    expect(seconds([large, "beliefs.kind=rational"]) / seconds([large])).toBeGreaterThan(4);
    const attacked = "attacks=[{kind: zero-gradient}, {kind: low-precision}]";
    // A million providers with two attacks were measured to take 2.2 times as long.
    const factor = seconds([large, attacked]) / seconds([large]);
    expect(factor).toBeGreaterThan(1.5);
    expect(factor).toBeLessThan(3);
    expect(estimateCost(tasksOf(), 1).seconds).toBeCloseTo(2 * estimateCost(tasksOf(), 2).seconds, 12);
    expect(estimateCost(tasksOf([large]), 1).memoryBytes).toBeGreaterThan(estimateCost(tasksOf(), 1).memoryBytes);
    expect(estimateCost([], 4)).toMatchObject({ runs: 0, seconds: 0 });
  });
});

describe("createRemainingTime", () => {
  const [grant, , , ownership] = tasksOf();
  const several = (task: RunTask, count: number): RunTask[] => Array.from({ length: count }, () => task);

  it("is the estimate before any run has ended", () => {
    const remaining = createRemainingTime([grant, ownership], 2);
    expect(remaining.secondsLeft(1)).toBeCloseTo(expectedSeconds(grant.scenario), 12);
  });

  it("weighs a large run more than a small one", () => {
    const [large] = tasksOf(["providers.gamers.count=1000000"]);
    const remaining = createRemainingTime([large, grant], 1);
    remaining.ended(large, 100);
    expect(remaining.secondsLeft(100)).toBeLessThan(1);
  });

  it("learns what each arm takes: 2 of 1 s and 3 of 10 s left on two workers", () => {
    const remaining = createRemainingTime([...several(grant, 4), ...several(ownership, 5)], 2);
    for (const seconds of [1, 1]) remaining.ended(grant, seconds);
    for (const seconds of [10, 10]) remaining.ended(ownership, seconds);
    // 22 s of work took 11 s; 32 s of work are left.
    expect(remaining.secondsLeft(11)).toBeCloseTo(16, 9);
  });

  it("forgets a run that died, and ends at zero", () => {
    const remaining = createRemainingTime(several(grant, 2), 1);
    remaining.ended(grant, 3);
    remaining.ended(grant, undefined);
    expect(remaining.secondsLeft(5)).toBeCloseTo(0, 9);
  });
});
