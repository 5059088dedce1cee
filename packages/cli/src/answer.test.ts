import type { DifferenceSummary, ExperimentSummary, PointSummary } from "@shardlab/experiment";
import { describe, expect, it } from "vitest";
import { answerOf, enumerate, findingsOf } from "./answer.ts";

const estimate = (mean: number, low: number, high: number, unit: string) =>
  ({ mean, ci95: [low, high], n: 20, mdd: 0.1, unit, seeds: [], values: [] }) as const;

const points: readonly PointSummary[] = [
  {
    arm: "grant",
    coordinates: {},
    seeds: [],
    unmetForecasts: 0,
    measures: { compute: estimate(1.2, 1.1, 1.3, "ZFLOP"), loss: estimate(2.1, 2, 2.2, "nat/token") },
  },
  {
    arm: "volunteer",
    coordinates: {},
    seeds: [],
    unmetForecasts: 0,
    measures: { compute: estimate(2, 1.8, 2.2, "ZFLOP"), loss: estimate(2.5, 2.4, 2.6, "nat/token") },
  },
  {
    arm: "ownership",
    coordinates: {},
    seeds: [],
    unmetForecasts: 0,
    measures: { compute: estimate(2.1, 1.9, 2.3, "ZFLOP"), loss: estimate(2.3, 2.2, 2.4, "nat/token") },
  },
];
const difference = (
  mean: number,
  verdict: "higher" | "lower" | "no difference",
  low = mean - 0.2,
  high = mean + 0.2,
) => ({
  mean,
  ci95: [low, high] as const,
  n: 20,
  mdd: 0.3,
  verdict,
});
const summary: ExperimentSummary = {
  scenario: "test",
  hash: "0",
  challenger: "ownership",
  yesIf: null,
  measures: ["compute", "loss"],
  points,
  sensitivity: null,
  frontier: null,
  claim: null,
  checks: [],
  differences: [
    { measure: "compute", unit: "ZFLOP", against: "grant", difference: difference(0.9, "higher", 0.7, 1.1) },
    {
      measure: "compute",
      unit: "ZFLOP",
      against: "volunteer",
      difference: difference(0.1, "no difference", -0.1, 0.3),
    },
    { measure: "loss", unit: "nat/token", against: "grant", difference: difference(0.2, "higher", 0.1, 0.3) },
    { measure: "loss", unit: "nat/token", against: "volunteer", difference: difference(-0.2, "lower", -0.3, -0.1) },
  ],
};

describe("answerOf", () => {
  it("says what the challenger reaches and how that compares, each with its interval", () => {
    expect(answerOf(summary).sentence).toBe(
      "With ownership, compute gathered is 2.1 ZFLOP (95 % interval 1.9 to 2.3 ZFLOP): " +
        "more than with grant (1.2 ZFLOP; difference 0.9 ZFLOP, 0.7 to 1.1 ZFLOP); " +
        "not distinguishable from volunteer (2 ZFLOP; difference 0.1 ZFLOP, −0.1 to 0.3 ZFLOP).",
    );
  });

  it("says in how many runs the forecast that people acted on was not met", () => {
    const unmet = points.map((point) => ({
      ...point,
      ...{ seeds: [1, 2, 3, 4], unmetForecasts: point.arm === "ownership" ? 3 : 0 },
    }));
    const { basis } = answerOf({ ...summary, points: unmet });
    expect(basis).toContain("right. No equilibrium was found in 3 of 4 runs of ownership: the forecast");
    expect(answerOf(summary).basis).not.toContain("equilibrium");
    const alone = { ...summary, challenger: null, points: unmet };
    expect(answerOf(alone).basis).toContain("No equilibrium was found in 3 of 4 runs of ownership");
  });

  it("says yes, no or in part where the scenario says what a yes means", () => {
    const opening = (differences: ExperimentSummary["differences"]) =>
      answerOf({ ...summary, yesIf: "challenger-leads", differences }).sentence.split(":")[0];
    const [ahead, level] = summary.differences.filter(({ measure }) => measure === "compute");
    expect(opening([ahead as DifferenceSummary])).toBe("Yes");
    expect(opening([ahead as DifferenceSummary, level as DifferenceSummary])).toBe("In part");
    expect(opening([level as DifferenceSummary])).toBe("No");
  });

  it("lists every arm when none is singled out", () => {
    const { sentence } = answerOf({ ...summary, challenger: null, measures: ["loss"], points: points.slice(0, 2) });
    expect(sentence).toBe(
      "Loss is 2.1 nat/token (95 % interval 2 to 2.2 nat/token) with grant and " +
        "2.5 nat/token (95 % interval 2.4 to 2.6 nat/token) with volunteer.",
    );
  });

  it("claims no interval for one seed, and nothing without runs", () => {
    const alone = { ...summary, challenger: null, measures: ["loss"], differences: [] };
    const single = [
      {
        arm: "",
        coordinates: {},
        seeds: [1],
        unmetForecasts: 0,
        measures: { loss: { mean: 2, ci95: null, n: 1, mdd: null, unit: "", seeds: [1], values: [2] } },
      },
    ];
    expect(answerOf({ ...alone, points: single }).sentence).toBe("Loss is 2 (one seed, so without an interval).");
    expect(answerOf({ ...alone, points: [] }).sentence).toBe("No run has finished.");
  });
});

describe("findingsOf", () => {
  it("starts with where the challenger does not win: a higher loss is worse", () => {
    const [worse, better, level] = findingsOf(summary);
    expect(worse?.heading).toBe("Where ownership does not win");
    expect(worse?.items?.join()).toContain("Loss: 2.3 nat/token against grant (2.1 nat/token;");
    expect(worse?.items?.join()).not.toContain("volunteer");
    expect(better?.items?.join()).toContain("Compute gathered: 2.1 ZFLOP against grant");
    expect(better?.items?.join()).toContain("Loss: 2.3 nat/token against volunteer");
    expect(level?.text).toContain("compute gathered against volunteer (a difference of 0.3 ZFLOP would have shown)");
  });

  it("says so when it is worse nowhere", () => {
    const [worse] = findingsOf({ ...summary, differences: summary.differences.slice(0, 1) });
    expect(worse?.text).toBe("It is worse than no other arm in any measure shown.");
  });

  it("does not say so where nothing can be compared", () => {
    const differences = summary.differences.map((one) => {
      return { ...one, difference: { ...one.difference, n: 1, ci95: null, mdd: null, verdict: "no power" as const } };
    });
    const [only, ...others] = findingsOf({ ...summary, differences });
    expect([only?.text, others]).toEqual(["That cannot be told with so few seeds.", []]);
  });
});

describe("enumerate", () => {
  it.each([
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a and b"],
    [["a", "b", "c"], "a, b and c"],
  ])("joins %j", (parts, text) => {
    expect(enumerate(parts as string[])).toBe(text);
  });
});
