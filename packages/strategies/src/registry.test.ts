/** Every strategy that replies to the offer, held to a search through all options; and what the registry makes of specs. */
import { readdirSync, readFileSync } from "node:fs";
import { attackNames, chosenBy, modelNames, searched, tableOf, tablePlans } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createStrategy, strategyKinds, strategySpec } from "./registry.ts";

const make = (input: unknown) => createStrategy(strategySpec.parse(input));

const anything = () => true;
const honestly = ({ attack }: { attack: number }) => attack < 0;

describe.each([
  ["honest", honestly],
  ["best-response", anything],
  ["coalition", anything],
  ["sybil", anything],
] as const)("%s", (kind, isAllowed) => {
  it("takes the first of the best options that it allows itself", () => {
    const holds = (plan: Parameters<typeof tableOf>[0]) => {
      const table = tableOf(plan);
      const expected = Array.from({ length: table.rows }, (_, row) => searched(table, row, isAllowed) ?? 0);
      expect(chosenBy(make({ kind }), table)).toEqual(expected);
    };
    fc.assert(fc.property(tablePlans, holds), { numRuns: 400, seed: 1 });
  });
});

describe("fixed", () => {
  const plans = tablePlans.chain((plan) =>
    fc.record({
      plan: fc.constant(plan),
      option: fc.constantFrom("rest", "honest", ...attackNames(plan.attacks)),
      model: fc.option(fc.constantFrom(...modelNames(plan.models)), { nil: undefined }),
    }),
  );

  it("takes what it is told wherever that is open, for the model named or the best one, and else rests", () => {
    fc.assert(
      fc.property(plans, ({ plan, option, model }) => {
        const table = tableOf(plan);
        const attack = option === "honest" ? -1 : attackNames(plan.attacks).indexOf(option);
        const isWanted = (one: { model: number; attack: number }) =>
          option !== "rest" &&
          one.model >= 0 &&
          one.attack === attack &&
          (model === undefined || one.model === modelNames(plan.models).indexOf(model));
        const expected = Array.from({ length: table.rows }, (_, row) => searched(table, row, isWanted) ?? 0);
        const spec = { kind: "fixed", option, ...(model !== undefined && { model }) };
        expect(chosenBy(make(spec), table)).toEqual(expected);
      }),
      { numRuns: 400, seed: 2 },
    );
  });

  it("throws at names that nobody knows, with the nearest that somebody does", () => {
    const group = { providers: 1, models: ["toy", "large"], attacks: ["zero-gradient"] };
    expect(() => make({ kind: "fixed", option: "zero-gradent" }).begin(group)).toThrow(
      /unknown option: zero-gradent .*did you mean zero-gradient\?/,
    );
    expect(() => make({ kind: "fixed", option: "honest", model: "tyo" }).begin(group)).toThrow(/unknown model: tyo/);
    expect(() => make({ kind: "designer", model: "larg" }).begin(group)).toThrow(/unknown model: larg .*large/);
  });
});

describe("designer", () => {
  it("works honestly for its own model where that beats resting, and for nothing else", () => {
    const plans = tablePlans.chain((plan) => fc.tuple(fc.constant(plan), fc.nat({ max: plan.models - 1 })));
    fc.assert(
      fc.property(plans, ([plan, own]) => {
        const table = tableOf(plan);
        const isAllowed = ({ model, attack }: { model: number; attack: number }) =>
          model < 0 || (model === own && attack < 0);
        const expected = Array.from({ length: table.rows }, (_, row) => searched(table, row, isAllowed) ?? 0);
        expect(chosenBy(make({ kind: "designer", model: `model-${own}` }), table)).toEqual(expected);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});

describe("speculator", () => {
  it("rests, whatever work is worth", () => {
    fc.assert(
      fc.property(tablePlans, (plan) => {
        const unseen = tableOf({ ...plan, utilities: plan.utilities.map(() => Number.NaN) });
        expect(chosenBy(make({ kind: "speculator" }), unseen).every((option) => option === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the registry", () => {
  const files = readdirSync(new URL(".", import.meta.url))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "registry.ts")
    .filter((file) => readFileSync(new URL(file, import.meta.url), "utf8").includes("kind: z.literal("))
    .map((file) => file.slice(0, -".ts".length));

  it("has every file that describes a strategy, under the file's name", () => {
    expect([...strategyKinds].sort()).toEqual(files.sort());
    const named: Record<string, object> = { designer: { model: "toy" }, fixed: { option: "honest" } };
    for (const kind of strategyKinds) expect(make({ kind, ...named[kind] }).kind).toBe(kind);
  });

  it("counts a group's share for coalitions alone, and names for sybils alone", () => {
    const all = strategyKinds.filter((kind) => kind !== "designer" && kind !== "fixed").map((kind) => make({ kind }));
    expect(all.filter(({ interest }) => interest === "group").map(({ kind }) => kind)).toEqual(["coalition"]);
    expect(all.filter(({ identities }) => identities.most > 1).map(({ kind }) => kind)).toEqual(["sybil"]);
    const { identities } = make({ kind: "sybil", identities: 7, identityCost: "$2/h" });
    expect(identities.most).toBe(7);
    expect(identities.costDollarsPerEpoch).toBeCloseTo(48, 12);
  });

  it.each([
    [{ kind: "sybil", identities: 1 }],
    [{ kind: "sybil", identityCost: "-$1/h" }],
    [{ kind: "bandit", exploration: 0 }],
    [{ kind: "bandit", exploration: 1.1 }],
    [{ kind: "bandit", worst: 2, best: 2 }],
    [{ kind: "logit", temperature: -0.1 }],
    [{ kind: "replicator", rate: 0 }],
    [{ kind: "designer" }],
    [{ kind: "fixed", option: "" }],
    [{ kind: "best-response", temperature: 1 }],
    [{ kind: "greedy" }],
  ])("refuses %j", (input) => {
    expect(strategySpec.safeParse(input).success).toBe(false);
  });
});
