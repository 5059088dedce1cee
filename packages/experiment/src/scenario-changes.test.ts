import { describe, expect, it } from "vitest";
import { scenarioChanges } from "./scenario-changes.ts";

const before = {
  question: "why?",
  seeds: { count: 3 },
  horizon: 10,
  market: { growth: 0.1, revenueMultiple: 3 },
  providers: [
    { group: "gamers", count: 20, device: "a" },
    { group: "v1.5", count: 2, device: "b" },
  ],
  models: [{ name: "small", hazard: 0.2 }],
  mechanism: { kind: "grant", term: 30 },
  list: [1, 2],
};
const after = (change: (scenario: typeof before) => object) => ({ ...before, ...change(before) }) as typeof before;

describe("scenarioChanges", () => {
  it.each([
    ["nothing", after(() => ({})), []],
    ["card and seeds", after(() => ({ question: "how?", seeds: { count: 9 } })), []],
    [
      "two fields",
      after(() => ({ horizon: 20, market: { growth: 0.2, revenueMultiple: 3 } })),
      ["horizon", "market.growth"],
    ],
    ["an added field", after(() => ({ outlay: 1 })), ["outlay"]],
    ["a removed field", after(() => ({ market: { growth: 0.1 } })), ["market.revenueMultiple"]],
    [
      "an element of a list, by its name",
      after(({ providers: [first, second] }) => ({
        providers: [
          { ...first, count: 21 },
          { ...second, count: 3 },
        ],
      })),
      ["providers.gamers.count", "providers[v1.5].count"],
    ],
    ["a renamed element", after(() => ({ models: [{ name: "large", hazard: 0.2 }] })), ["models"]],
    ["an added element", after(({ models }) => ({ models: [...models, { name: "b", hazard: 1 }] })), ["models"]],
    ["another kind", after(() => ({ mechanism: { kind: "coin", supply: 3 } })), ["mechanism.kind"]],
    ["a parameter of the same kind", after(() => ({ mechanism: { kind: "grant", term: 31 } })), ["mechanism.term"]],
    ["a plain list", after(() => ({ list: [1, 3] })), ["list"]],
  ])("%s", (_, changed, expected) => {
    expect(scenarioChanges(before, changed)).toEqual(expected);
    expect(scenarioChanges(changed, before)).toEqual(expected);
  });

  it("sees a changed order of named elements", () => {
    const turned = after(({ providers }) => ({ providers: [...providers].reverse() }));
    expect(scenarioChanges(before, turned)).toEqual(["providers"]);
  });
});
