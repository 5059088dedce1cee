import { describe, expect, it } from "vitest";
import { createRemainingTime, estimateCost, expectedSeconds } from "./estimate.ts";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { planExperiment } from "./plan.ts";

const tasksOf = (overrides: readonly string[] = []) =>
  planExperiment(smallScenario({ overrides }), { modelHash: "00" }).tasks;

describe("estimateCost", () => {
  it("grows with providers, epochs and the search for beliefs, and shrinks with workers", () => {
    const seconds = (overrides: string[]): number => expectedSeconds(tasksOf(overrides)[0].scenario);
    const large = "providers.gamers.count=100000";
    expect(seconds([large]) / seconds([large, "horizon=60 d"])).toBeCloseTo(2, 1);
    expect(seconds([large, "beliefs.kind=rational"]) / seconds([large])).toBeGreaterThan(5);
    expect(estimateCost(tasksOf(), 1).seconds).toBeCloseTo(2 * estimateCost(tasksOf(), 2).seconds, 12);
    expect(estimateCost(tasksOf([large]), 1).memoryBytes).toBeGreaterThan(estimateCost(tasksOf(), 1).memoryBytes);
    expect(estimateCost([], 4)).toMatchObject({ runs: 0, seconds: 0 });
  });
});

describe("createRemainingTime", () => {
  it("weighs a large run more than a small one", () => {
    const [small] = tasksOf();
    const [large] = tasksOf(["providers.gamers.count=1000000"]);
    const remaining = createRemainingTime([large, small], 1);
    expect(remaining.secondsLeft(0)).toBeCloseTo(expectedSeconds(large.scenario) + expectedSeconds(small.scenario), 9);
    remaining.ended(large);
    expect(remaining.secondsLeft(100)).toBeLessThan(1);
  });
});
