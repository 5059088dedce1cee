import { economyOf } from "@shardlab/scenario";
import { describe, expect, it } from "vitest";
import { smallScenario } from "./fixtures/small-scenario.ts";
import { logarithmicGrid } from "./frontier-design.ts";
import { planExperiment } from "./plan.ts";

const modelHash = "0123456789abcdef";
const year = 365.25 * 86_400;
const taskKey = ({ runHash }: { runHash: string }): string => runHash;

describe("the main design", () => {
  it("runs every arm with the same seeds", () => {
    const { tasks, arms } = planExperiment(smallScenario(), { modelHash });
    expect(arms.map(({ label }) => label)).toEqual(["grant", "protocol-models"]);
    expect(tasks.map(({ arm, seed }) => [arm, seed])).toEqual([
      ["grant", 11],
      ["grant", 12],
      ["grant", 13],
      ["protocol-models", 11],
      ["protocol-models", 12],
      ["protocol-models", 13],
    ]);
    expect(tasks[3].coordinates).toEqual({ mechanism: "protocol-models" });
  });

  it("calls the arm of a scenario without a sweep by its mechanism", () => {
    const { arms, tasks } = planExperiment(smallScenario({ sweep: false }), { modelHash });
    expect(arms.map(({ label, coordinates }) => [label, coordinates])).toEqual([["protocol-models", {}]]);
    expect(tasks).toHaveLength(3);
  });

  it("gives every run an identity that lasts when seeds are added and changes with scenario and model", () => {
    const hashes = (overrides: string[], model = modelHash): Set<string> =>
      new Set(planExperiment(smallScenario({ overrides }), { modelHash: model }).tasks.map(taskKey));
    const plain = hashes([]);
    expect(plain.size).toBe(6);
    expect([...plain].every((hash) => hashes(["seeds.count=5"]).has(hash))).toBe(true);
    expect([...plain].some((hash) => hashes(["outlay=$2M"]).has(hash))).toBe(false);
    expect([...plain].some((hash) => hashes([], "fedcba9876543210").has(hash))).toBe(false);
  });
});

describe("the sensitivity analysis", () => {
  const { tasks } = planExperiment(smallScenario({ sensitivity: true }), { modelHash, designs: ["sensitivity"] });
  const paths = ["market.revenueMultiple", "models.*.hazard"];
  const at = (row: number, matrix: string, arm = "grant") => {
    const task = tasks.find(({ coordinates: c }) => c.row === row && c.matrix === matrix && c.arm === arm);
    if (!task) throw new Error(`missing run: ${row} ${matrix} ${arm}`);
    return task;
  };

  it("has (parameters + 2) x draws runs of each arm, all of one row with one seed", () => {
    expect(tasks).toHaveLength(4 * 8 * 2);
    expect(new Set(tasks.map(taskKey)).size).toBe(64);
    for (const { seed, coordinates } of tasks) expect(seed).toBe(11 + Number(coordinates.row));
  });

  it("shares rows between the arms", () => {
    for (const path of paths)
      expect(at(3, "A").coordinates[path]).toBe(at(3, "A", "protocol-models").coordinates[path]);
  });

  it("takes one parameter from B at a time", () => {
    const [a, b, mixed] = [at(5, "A"), at(5, "B"), at(5, paths[0])].map(({ coordinates }) => coordinates);
    expect(mixed[paths[0]]).toBe(b[paths[0]]);
    expect(mixed[paths[1]]).toBe(a[paths[1]]);
    expect(a[paths[0]]).not.toBe(b[paths[0]]);
  });

  it("spreads draws evenly: on a log scale half of 1 to 16 lies below 4, in SI", () => {
    const draws = Array.from({ length: 8 }, (_, row) => at(row, "A"));
    const multiples = draws.map(({ scenario }) => economyOf(scenario).market.revenueMultiple ?? 0);
    expect(multiples.filter((multiple) => multiple < 4)).toHaveLength(4);
    expect(Math.min(...multiples)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...multiples)).toBeLessThanOrEqual(16);
    const hazards = draws.map(({ scenario }) => economyOf(scenario).models[0].hazard * year);
    expect(hazards.filter((hazard) => hazard < 0.2)).toHaveLength(4);
    expect(Math.min(...hazards)).toBeGreaterThanOrEqual(0.1);
  });
});

describe("the frontier", () => {
  const { tasks } = planExperiment(smallScenario({ frontier: true }), { modelHash, designs: ["frontier"] });

  it("crosses axis, lines and grid for every arm and seed", () => {
    expect(tasks).toHaveLength(2 * 3 * 5 * 2 * 2);
    expect(new Set(tasks.map(taskKey)).size).toBe(tasks.length);
    const found = new Set(tasks.map(({ coordinates }) => coordinates["market.revenueMultiple"]));
    const expected = [1, 2, 4, 8, 16];
    for (const [index, value] of [...found].entries()) expect(value).toBeCloseTo(expected[index], 12);
  });

  it("puts its values into the scenario", () => {
    const { coordinates } = tasks[tasks.length - 1];
    const scenario = economyOf(tasks[tasks.length - 1].scenario);
    expect(scenario.market).toMatchObject({ revenueMultiple: 16 });
    expect(scenario.market.growth * year).toBeCloseTo(0.4, 12);
    expect(coordinates["models.*.hazard"]).toBe(scenario.models[0].hazard);
  });

  it("refuses a range without a logarithm", () => {
    expect(() => logarithmicGrid(0, 4, 3)).toThrow("invalid range: 0 to 4");
  });
});

it("plans nothing that the scenario does not ask for", () => {
  expect(planExperiment(smallScenario(), { modelHash, designs: ["sensitivity", "frontier"] }).tasks).toEqual([]);
});
