import type { ExperimentSummary, PointSummary } from "@shardlab/experiment";
import { describe, expect, it } from "vitest";
import { answerOf, findingsOf } from "./answer.ts";
import { enginePairs } from "./engine-pairs.ts";

const estimate = (mean: number, unit: string, ci95: readonly [number, number] | null = null) =>
  ({ mean, ci95, n: ci95 ? 3 : 1, mdd: null, unit, seeds: [1], values: [mean] }) as const;

const point = (engine: string, secondsPerUpdate: number, more: Record<string, string> = {}): PointSummary => ({
  arm: [engine, ...Object.values(more)].join(", "),
  coordinates: { engine, ...more },
  seeds: [1],
  unmetForecasts: 0,
  measures: {
    loss: estimate(2.25, "nat/token"),
    "seconds-per-update": estimate(secondsPerUpdate, "s"),
    "tokens-per-second": estimate(1846, "token/s"),
    bytes: estimate(4.9e8, "B"),
    utilisation: estimate(0.1, "share"),
  },
});

const summaryOf = (points: readonly PointSummary[]): ExperimentSummary => ({
  ...{ scenario: "test", hash: "0", challenger: null, yesIf: null, measures: ["loss", "seconds-per-update"] },
  ...{ points, differences: [], sensitivity: null, frontier: null, claim: null, checks: [] },
});

describe("the answer of a swarm", () => {
  it("tells loss, pace, traffic and utilisation of each engine, and how far the simulation was off", () => {
    const summary = summaryOf([point("hardware", 1), point("simulation", 0.9)]);
    const { sentence, basis } = answerOf(summary);
    expect(sentence).toBe(
      "With hardware: loss 2.25 nat/token, 1 s per update, 1,846 token/s, 490 MB sent, devices busy 10 % of the time. " +
        "With simulation: loss 2.25 nat/token, 0.9 s per update, 1,846 token/s, 490 MB sent, devices busy 10 % of the time. " +
        "The simulation foretold 0.9 s per update, 10 % less than the hardware took.",
    );
    expect(basis).toBe("1 seed per arm, so without intervals.");
    expect(findingsOf(summary)).toEqual([]);
  });

  it("has intervals over seeds where there are several", () => {
    const arm = point("simulation", 0.9);
    const measures = { "seconds-per-update": estimate(0.9, "s", [0.8, 1]) };
    const { sentence } = answerOf(summaryOf([{ ...arm, seeds: [1, 2, 3], measures }]));
    expect(sentence).toBe("With simulation: 0.9 s (95 % interval 0.8 to 1 s) per update.");
  });

  it("says nothing of arms without runs", () => {
    expect(answerOf(summaryOf([{ ...point("hardware", 1), measures: {} }])).sentence).toBe("No run has finished.");
  });
});

describe("enginePairs", () => {
  it("pairs arms that differ in the engine alone", () => {
    const points = ["identity", "bfloat16"].flatMap((kind) =>
      ["hardware", "simulation"].map((engine) => point(engine, 1, { "training.activations": kind })),
    );
    const pairs = enginePairs([...points, point("hardware", 1, { "training.activations": "top-k" })]);
    expect(pairs.map(({ label, hardware, simulation }) => [label, hardware.arm, simulation.arm])).toEqual([
      ["training.activations: identity", "hardware, identity", "simulation, identity"],
      ["training.activations: bfloat16", "hardware, bfloat16", "simulation, bfloat16"],
    ]);
  });
});
