import { describe, expect, it } from "vitest";
import { compareExperiments } from "./compare-experiments.ts";
import { settingDifferences } from "./compare-settings.ts";
import { allPairs, chooseArms, matchArms, type StoredArm, type StoredExperiment } from "./compare-sides.ts";

const arm = (coordinates: StoredArm["coordinates"]): StoredArm => ({
  label: Object.values(coordinates).join(", "),
  coordinates,
});

/** Every mechanism at every growth; `values` by arm label and seed. */
function experiment(arms: readonly StoredArm[], more: Partial<StoredExperiment> = {}): StoredExperiment {
  return {
    ...{ name: "made-up", directory: "made-up", arms, units: new Map([["compute", "ZFLOP"]]) },
    design: { modelHash: "a" } as StoredExperiment["design"],
    bySeed: (label) => new Map([1, 2, 3, 4, 5].map((seed) => [seed, label.length + Math.sin(seed * label.length)])),
    seedsOf: () => [1, 2, 3, 4, 5],
    scenarioOf: () => undefined,
    ...more,
  };
}

const swept = experiment(
  ["grant", "volunteer"].flatMap((mechanism) => [0, 20].map((growth) => arm({ mechanism, "market.growth": growth }))),
);

describe("chooseArms", () => {
  it.each([
    [undefined, 4, []],
    ["grant", 2, ["mechanism"]],
    ["mechanism=grant", 2, ["mechanism"]],
    ["20", 2, ["market.growth"]],
    ["grant, 20", 1, ["mechanism", "market.growth"]],
    ["market.growth=20,volunteer", 1, ["market.growth", "mechanism"]],
  ])("of %s", (selector, count, fixed) => {
    const chosen = chooseArms(swept, selector);
    expect([chosen.arms.length, [...chosen.fixed].sort()]).toEqual([count, [...fixed].sort()]);
  });

  it("names what there is instead", () => {
    expect(() => chooseArms(swept, "grnat")).toThrow(/unknown arm of made-up: grnat .*did you mean grant\?/);
    expect(() => chooseArms(swept, "grant, 30")).toThrow("unknown arm of made-up: grant, 30");
  });
});

describe("matchArms", () => {
  it("pairs two arms over the rest of the sweep", () => {
    const { pairs, onlyLeft, onlyRight } = matchArms(chooseArms(swept, "volunteer"), chooseArms(swept, "grant"));
    expect(pairs.map(({ left, right, at }) => [left.label, right.label, at])).toEqual([
      ["volunteer, 0", "grant, 0", { "market.growth": 0 }],
      ["volunteer, 20", "grant, 20", { "market.growth": 20 }],
    ]);
    expect([onlyLeft, onlyRight]).toEqual([[], []]);
  });

  it("lists points that one side lacks, and matches a choice against a whole", () => {
    const other = experiment([
      arm({ mechanism: "grant", "market.growth": 20 }),
      arm({ mechanism: "lottery", "market.growth": 0 }),
    ]);
    const matched = matchArms(chooseArms(swept, "grant"), chooseArms(other, undefined));
    expect(matched.pairs.map(({ left, right }) => [left.label, right.label])).toEqual([["grant, 20", "grant, 20"]]);
    expect([matched.onlyLeft, matched.onlyRight]).toEqual([["grant, 0"], ["lottery, 0"]]);
  });

  it("always pairs one arm with one arm, and every arm with every later one where asked to", () => {
    const alone = experiment([arm({})]);
    expect(matchArms(chooseArms(swept, "grant, 0"), chooseArms(alone, undefined)).pairs).toHaveLength(1);
    expect(allPairs(chooseArms(swept, undefined)).pairs).toHaveLength(6);
  });
});

describe("compareExperiments", () => {
  const compare = (left: StoredExperiment, right: StoredExperiment) =>
    compareExperiments(left, right, matchArms(chooseArms(left, undefined), chooseArms(right, undefined)), {
      ...{ correction: "holm", measures: ["compute"] },
    });

  it("corrects over every row, and widens the simultaneous intervals", () => {
    const report = compareExperiments(swept, swept, allPairs(chooseArms(swept, undefined)), {
      ...{ correction: "holm", measures: ["compute"] },
    });
    expect(report.tested).toBe(6);
    for (const { pValue, adjustedP, ci95, simultaneous95 } of report.rows) {
      expect(adjustedP).toBeGreaterThanOrEqual(pValue ?? 1);
      expect(simultaneous95?.[0]).toBeLessThan(ci95?.[0] ?? 0);
    }
    // Holm multiplies the smallest p-value by the number of rows.
    const smallest = Math.min(...report.rows.map(({ pValue }) => pValue ?? 1));
    expect(Math.min(...report.rows.map(({ adjustedP }) => adjustedP ?? 1))).toBeCloseTo(6 * smallest, 12);
  });

  it("leaves out what cannot be compared, and says why", () => {
    const reason = (more: Partial<StoredExperiment>): string | undefined =>
      compare(swept, experiment(swept.arms, more)).skipped[0]?.reason;
    expect(reason({ units: new Map([["compute", "$"]]) })).toBe("its units differ: ZFLOP and $");
    expect(reason({ units: new Map() })).toBe("only made-up has it");
    expect(reason({ bySeed: () => new Map() })).toBe("it has no finite value in any run of grant, 0");
    const few = experiment(swept.arms, {
      bySeed: () =>
        new Map([
          [1, 1],
          [2, 3],
        ]),
    });
    expect(compare(swept, few).rows[0].cautions[0]).toBe("no value in 3 of 5 runs of grant, 0, which are left out");
    expect(() => compare(swept, experiment([arm({ mechanism: "lottery" }), arm({ mechanism: "tax" })]))).toThrow(
      "nothing to compare",
    );
  });
});

describe("settingDifferences", () => {
  it("names elements by their name, tells what is absent, and leaves card and seeds out", () => {
    const scenario = (hazard: number, more: object) => ({
      ...{
        question: `hazard ${hazard}?`,
        seeds: { count: hazard },
        models: [{ name: "small", hazard }, { hazard: 1 }],
      },
      ...more,
    });
    expect(settingDifferences(scenario(1, { outlay: 5 }), scenario(2, { outlay: 5, market: { growth: 0 } }))).toEqual([
      { path: "models.small.hazard", left: 1, right: 2 },
      { path: "market.growth", left: undefined, right: 0 },
    ]);
  });
});
