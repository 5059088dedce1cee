/** A small scenario for each extension of the economy, run as it is: each shows what the extension is for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runEconomy } from "@shardlab/economy";
import { mechanismOf } from "@shardlab/experiment/simulate";
import { isSwarm, loadScenario } from "@shardlab/scenario";
import { describe, expect, test } from "vitest";
import { root } from "./architecture/sources.ts";

/** Means over seeds of a measure, by the label of the arm. */
function means(name: string, measure: string): Record<string, number> {
  const file = `test/fixtures/extensions/${name}.yaml`;
  const loaded = loadScenario(readFileSync(join(root, file), "utf8"), { file });
  if (!loaded.ok) throw new Error(loaded.faults.map(({ message }) => message).join("; "));
  const { points, resolved } = loaded.scenario;
  const entries = points.map(({ coordinates, resolved: scenario }) => {
    if (isSwarm(scenario)) throw new Error(`no economy: ${file}`);
    const values = Array.from({ length: resolved.seeds.count }, (_, seed) => {
      const outcome = runEconomy(scenario, mechanismOf(scenario, new Map()), { seed: seed + 1, detail: "measures" });
      return outcome.measures.find((found) => found.name === measure)?.value ?? Number.NaN;
    });
    return [
      Object.values(coordinates).join(" "),
      values.reduce((sum, value) => sum + value, 0) / values.length,
    ] as const;
  });
  return Object.fromEntries(entries);
}

describe("the scenario of", () => {
  test("model choice: owners pick the better models the more they see, and worse the more they follow", () => {
    const value = means("model-choice", "allocation-efficiency/above-random");
    expect(value["0 0"]).toBeGreaterThan(value["1 0"] + 0.2);
    expect(value["1 0"]).toBeGreaterThan(value["8 0"] + 0.1);
    const herding = means("model-choice", "herding");
    expect(herding["1 0"]).toBe(0);
    expect(herding["1 0.8"]).toBeGreaterThan(0.05);
  });

  test("designs: an exclusive period of two months beats none and two years", () => {
    const revenue = means("designs", "best-revenue");
    expect(revenue["60 d"]).toBeGreaterThan(revenue["0 d"]);
    expect(revenue["60 d"]).toBeGreaterThan(revenue["700 d"]);
  });

  test("search: who publish try nothing twice, and find more where the landscape is smooth", () => {
    const inVain = means("search", "experiments/in-vain");
    const fitness = means("search", "best-fitness");
    expect(inVain["100 1 0"]).toBe(0);
    expect(inVain["100 0 0"]).toBeGreaterThan(0.2);
    expect(fitness["100 1 0"]).toBeGreaterThan(fitness["100 0 0"]);
  });

  test("crossing: models pass a competitor that stands still, and the collective a small lab", () => {
    const loss = means("crossing", "crossing");
    expect([loss["0 100 TFLOP/s"], loss["0.5 100 TFLOP/s"]]).toEqual([1, 0]);
    const compute = means("crossing", "compute-crossing");
    expect([compute["0 100 TFLOP/s"], compute["0 39.58 EFLOP/s"]]).toEqual([1, 0]);
  });

  test("falling expectations: a bubble gathers compute and leaves providers out of pocket", () => {
    const compute = means("fall", "compute");
    expect(compute["30"]).toBeGreaterThan(compute["1"] + 1);
    expect(means("fall", "provider-gain")["30"]).toBeLessThan(0);
  });

  test("reinvestment: capacity grows", () => {
    const growth = means("reinvestment", "capacity-growth");
    expect(growth["0"]).toBe(1);
    expect(growth["0.5"]).toBeGreaterThan(1.05);
  });

  test("leaks: what is feared keeps work away", () => {
    const compute = means("leaks", "compute");
    expect(compute["800 %/y"]).toBeLessThan(0.9 * compute["0 %/y"]);
  });
});
