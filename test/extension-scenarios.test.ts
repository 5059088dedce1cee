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

  test("a market for ownership: speculators pay for work that nobody would do to hold what it earns", () => {
    const compute = means("ownership-market", "compute");
    expect(compute["0.5"]).toBeGreaterThan(2 * compute["0"]);
    expect(compute["2"]).toBeGreaterThan(2 * compute["0.5"]);
    const gain = means("ownership-market", "speculator-gain");
    expect(gain["0"]).toBe(0);
    expect(gain["0.5"]).toBeGreaterThan(0);
    expect(gain["2"]).toBeLessThan(0);
  });

  test("loans: people work on who could not pay for power, and some debt is never paid", () => {
    const participation = means("loans", "participation");
    expect(participation.$100k).toBeGreaterThan(1.1 * participation.$0);
    expect(means("loans", "borrowed").$0).toBe(0);
    expect(means("loans", "liquidated").$100k).toBeGreaterThan(0);
    expect(means("loans", "bad-debt").$100k).toBeGreaterThan(0);
  });

  test("a market for compute: a project holds itself back by the price that it drives up", () => {
    const price = means("compute-market", "compute-price/peak");
    expect(price["1.1"]).toBeGreaterThan(price["3"]);
    expect(price["3"]).toBeGreaterThan(1.1);
    expect(price["1000"]).toBeLessThan(1.01);
    const compute = means("compute-market", "compute");
    expect(compute["1.1"]).toBeLessThan(0.9 * compute["3"]);
    expect(compute["3"]).toBeLessThan(0.9 * compute["1000"]);
  });

  test("leaks: what is feared keeps work away", () => {
    const compute = means("leaks", "compute");
    expect(compute["800 %/y"]).toBeLessThan(0.9 * compute["0 %/y"]);
  });
});
