/** What every extension of the economy keeps to, alone and with the others, under every mechanism and at the edges. */
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, modelWith } from "./fixtures/small-economy.ts";
import { measureNames } from "./measure-names.ts";
import { runEconomy } from "./run.ts";
import { extensionsOf } from "./stages.ts";

const kinds = ["closed-lab", "grant", "proof-of-work", "protocol-models", "volunteer"] as const;
const two = [modelWith({}), modelWith({ name: "other", parameters: "7B" })];
const sections: Readonly<Record<string, Partial<EconomyInput>>> = {
  crossing: { crossing: {} },
  fall: { beliefs: { kind: "optimistic", factor: 3, until: "50 d", afterwards: 0.5 } },
  reinvestment: { participation: { reinvest: 0.5 } },
  choice: { modelChoice: { socialWeight: 0.5 } },
  designs: { designs: {} },
  search: { search: { sharing: 0.5, experiment: "0.001 ZFLOP", qualityGain: 2 } },
  leaks: { leakRisk: {} },
};
const everything: Partial<EconomyInput> = Object.assign({}, ...Object.values(sections));

const mechanismOf = (kind: (typeof kinds)[number]) => createMechanism(mechanismSpec.parse({ kind }));

function check(fields: Partial<EconomyInput>, kind: (typeof kinds)[number]): void {
  const spec = economyWith({ models: two, ...fields });
  const outcome = runEconomy(spec, mechanismOf(kind), { seed: 3, detail: "full" });
  expect(outcome.measures.map(({ name }) => name)).toEqual(measureNames(spec));
  for (const { name, value } of outcome.measures) expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
  const units = new Map(extensionsOf(spec).flatMap((extension) => extension.measures(spec)));
  for (const { name, unit } of outcome.measures) if (units.has(name)) expect(unit, name).toBe(units.get(name));
  for (const { columns } of outcome.tables)
    for (const { name, data } of columns)
      if (data.type === "float64") expect(data.values, name).not.toContain(Number.NaN);
  expect(runEconomy(spec, mechanismOf(kind), { seed: 3, detail: "measures" }).traceHash).toBe(outcome.traceHash);
}

describe.each(Object.entries(sections))("%s", (_, section) => {
  test.each(kinds)("measures what it says, the same every time, under %s", (kind) => {
    check(section, kind);
  });

  test("adds one extension, and what that takes for granted", () => {
    expect(extensionsOf(economyWith({ models: two })).length).toBe(0);
    expect(extensionsOf(economyWith({ models: two, ...section })).length).toBe(1);
  });
});

describe("all of them together", () => {
  const home: EconomyInput["providers"][number] = { group: "homes", count: 20, device: "rtx-4090" };
  const edges: readonly (readonly [string, Partial<EconomyInput>])[] = [
    ["as usual", {}],
    ["one provider and no data", { providers: [{ ...home, count: 1 }], data: [] }],
    ["a horizon of a day", { horizon: "1 d", market: { spending: "$1M/y" } }],
    ["no wealth", { providers: [{ ...home, wealth: "$0" }] }],
    ["targets out of reach", { models: [modelWith({ targetTokens: "1T", deadline: "10 y" })] }],
    ["perfect rationality", { participation: { temperature: 0, reinvest: 1 } }],
    ["nobody who ever decides", { participation: { inertia: 1, reinvest: 0.1 } }],
    ["certain failure", { models: [modelWith({ hazard: "1000000 %/y" })] }],
    [
      "fifty models",
      {
        models: Array.from({ length: 50 }, (_, i) => modelWith({ name: `model-${i}` })),
        horizon: "60 d",
        market: { spending: "$1M/y" },
      },
    ],
    ["rational beliefs", { beliefs: { kind: "rational", iterations: 3, shock: { day: "40 d", factor: 0.5 } } }],
    ["designs that nobody can pay for", { designs: { effortCost: "$1T", entryCost: "$1T" } }],
    [
      "all of everything",
      {
        search: { budget: 0.9, sharing: 1, searchers: 50 },
        modelChoice: { socialWeight: 1, signalNoise: 0 },
        leakRisk: { hazard: "10000 %/y", kept: 0 },
      },
    ],
  ];

  test.each(edges)("hold at the edges: %s", (_, fields) => {
    check({ ...everything, ...fields }, "protocol-models");
  });

  test.each(kinds)("hold under %s", (kind) => {
    check(everything, kind);
  });
});
