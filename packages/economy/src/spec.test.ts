import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, modelWith } from "./fixtures/small-economy.ts";
import { economyContradictions, economySpec } from "./spec.ts";

const home: EconomyInput["providers"][number] = { group: "homes", count: 5, device: "rtx-4090" };
const faults = (fields: Partial<EconomyInput>) =>
  economyContradictions(economyWith(fields)).map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("contradictions across fields", () => {
  test("a sound economy has none", () => expect(faults({})).toEqual([]));

  test.each([
    ["models of one name", { models: [modelWith({}), modelWith({})] }, "models.1.name: duplicate model: toy"],
    ["groups of one name", { providers: [home, home] }, "providers.1.group: duplicate group: homes"],
    [
      "data groups of one name",
      {
        data: [
          { group: "a", count: 1, tokens: 1 },
          { group: "a", count: 1, tokens: 1 },
        ],
      },
      "data.1.group: duplicate group: a",
    ],
    [
      "designers of no model",
      { providers: [{ ...home, designerOf: "toi" }] },
      "providers.0.designerOf: unknown model: toi (expected toy)",
    ],
    [
      "more active parameters than parameters",
      { models: [modelWith({ activeParameters: "14B" })] },
      "models.0.activeParameters: more active parameters than parameters",
    ],
    [
      "an end before the target",
      { models: [modelWith({ maximumTokens: "1B" })] },
      "models.0.maximumTokens: smaller than targetTokens",
    ],
    [
      "more providers than the engine holds",
      {
        providers: [
          { ...home, count: "600k" },
          { ...home, group: "flats", count: "600k" },
        ],
      },
      "providers: too many providers: 1200000 (expected at most 1000000)",
    ],
    [
      "a shock on the day after the last",
      { horizon: "40 d", beliefs: { kind: "rational", shock: { day: "40 d", factor: 0.5 } } },
      "beliefs.shock.day: shock after the end: 40 d (expected at most 39 d, the last day of the run)",
    ],
    [
      "optimism that outlasts everything",
      { horizon: "40 d", beliefs: { kind: "optimistic", until: "2 y", afterwards: 0.5 } },
      "beliefs.until: optimism that never ends: 730.5 d (expected at most 39 d, the last day of the run, or no until)",
    ],
    [
      "what follows an optimism that never ends",
      { beliefs: { kind: "optimistic", afterwards: 0.5 } },
      "beliefs.afterwards: afterwards without an end of optimism: 0.5 (expected until as well)",
    ],
    [
      "a leak that would come when all is over",
      { horizon: "40 d", market: { spending: "$1M/y", leak: { kind: "leak", day: "40 d" } } },
      "market.leak.day: leak after the end: 40 d (expected at most 39 d, the last day of the run)",
    ],
    [
      "a shock late on the last day, which would be the next one",
      { horizon: "40 d", beliefs: { kind: "adaptive", shock: { day: "39.6 d", factor: 2 } } },
      "beliefs.shock.day: shock after the end: 39.6 d (expected at most 39 d, the last day of the run)",
    ],
    [
      "markets of nothing",
      { markets: { float: 0.1 } },
      "markets: markets without a market (expected ownership, loans or compute)",
    ],
    [
      "as many interactions as components",
      { search: { components: 5, interactions: 5 } },
      "search.interactions: too many interactions: 5 (expected at most 4, one less than components)",
    ],
    [
      "fewer components than interactions are by default",
      { search: { components: 2 } },
      "search.interactions: too many interactions: 3 (expected at most 1, one less than components)",
    ],
  ] as const)("%s", (_, fields, fault) => expect(faults(fields as unknown as Partial<EconomyInput>)).toEqual([fault]));
});

describe("times at the very end", () => {
  test.each([
    ["a shock on the last day", { horizon: "40 d", beliefs: { kind: "adaptive", shock: { day: "39 d", factor: 2 } } }],
    ["optimism that ends on the last day", { horizon: "40 d", beliefs: { kind: "optimistic", until: "39 d" } }],
    ["all interactions that there can be", { search: { components: 5, interactions: 4 } }],
    ["choices that stand alone", { search: { components: 1, interactions: 0 } }],
  ] as const)("%s", (_, fields) => expect(faults(fields as unknown as Partial<EconomyInput>)).toEqual([]));
});

describe("values out of bounds", () => {
  const refused = (change: object) => {
    const result = economySpec.safeParse({
      outlay: "$1",
      providers: [home],
      models: [modelWith({})],
      market: { spending: "$1M/y" },
      ...change,
    });
    return result.success ? undefined : result.error.issues[0]?.path.join(".");
  };

  test.each([
    ["horizon", { horizon: "0 d" }],
    ["horizon", { horizon: "31 y" }],
    ["outlay", { outlay: "-$1" }],
    ["outlay", { outlay: 5 }],
    ["providers", { providers: [] }],
    ["models", { models: [] }],
    ["models", { models: Array.from({ length: 51 }, () => modelWith({})) }],
    ["providers.0.device", { providers: [{ ...home, device: "rtx-9999" }] }],
    ["providers.0.count", { providers: [{ ...home, count: 0 }] }],
    ["providers.0.availability", { providers: [{ ...home, availability: 1.5 }] }],
    ["participation.temperature", { participation: { temperature: Number.NaN } }],
    ["market.spending", { market: {} }],
    ["market.spending", { market: { spending: "$1M/y", revenueMultiple: 2 } }],
    ["market.valueLaw.elasticity", { market: { valueLaw: { coefficient: "$1", elasticity: -1 } } }],
    ["beliefs.kind", { beliefs: { kind: "clairvoyant" } }],
    ["models.0.hazard", { models: [modelWith({ hazard: "-1 %/y" })] }],
  ])("%s", (path, change) => expect(refused(change)).toBe(path));

  test("and the same values inside them are fine", () => expect(refused({})).toBeUndefined());
});
