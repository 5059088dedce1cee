/** Markets under every mechanism, beside every other extension, and at the edges of their parameters. */
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";
import { describe, expect, test } from "vitest";
import { type EconomyInput, economyWith, modelWith } from "../fixtures/small-economy.ts";
import { measureNames } from "../measure-names.ts";
import { runEconomy } from "../run.ts";

const kinds = ["closed-lab", "grant", "proof-of-work", "protocol-models", "volunteer"] as const;
const two = [modelWith({}), modelWith({ name: "other", parameters: "7B" })];
const speculators = [{ group: "traders", count: 10, optimism: 2 }];
const pool = { kind: "constant-product" } as const;
const everyMarket: Partial<EconomyInput> = {
  markets: { ownership: pool, loans: { kind: "collateral-loan" }, compute: { kind: "compute-spot" } },
  speculators,
};

function check(fields: Partial<EconomyInput>, kind: (typeof kinds)[number] = "protocol-models"): void {
  const spec = economyWith({ models: two, ...fields });
  const mechanism = createMechanism(mechanismSpec.parse({ kind }));
  const outcome = runEconomy(spec, mechanism, { seed: 3, detail: "full" });
  expect(outcome.measures.map(({ name }) => name)).toEqual(measureNames(spec));
  for (const { name, value } of outcome.measures) expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
  for (const { columns } of outcome.tables)
    for (const { name, data } of columns)
      if (data.type === "float64") expect(data.values, name).not.toContain(Number.NaN);
}

test.each(kinds)("every market runs under %s", (kind) => {
  check(everyMarket, kind);
  check({ markets: { ownership: { kind: "ownership-auction", pricing: "uniform" } }, speculators }, kind);
});

test("and beside every other extension", () => {
  check({
    ...everyMarket,
    crossing: {},
    modelChoice: { socialWeight: 0.5 },
    designs: {},
    search: { sharing: 0.5, experiment: "0.001 ZFLOP", qualityGain: 2 },
    leakRisk: {},
    participation: { reinvest: 0.5 },
    beliefs: { kind: "optimistic", factor: 3, until: "50 d", afterwards: 0.5 },
  });
});

describe("at the edges", () => {
  const home: EconomyInput["providers"][number] = { group: "homes", count: 20, device: "rtx-4090" };
  const markets = everyMarket.markets as NonNullable<EconomyInput["markets"]>;
  const edges: readonly (readonly [string, Partial<EconomyInput>])[] = [
    ["one provider and no data", { providers: [{ ...home, count: 1 }], data: [] }],
    ["a horizon of a day", { horizon: "1 d", market: { spending: "$1M/y" } }],
    ["no wealth", { providers: [{ ...home, wealth: "$0" }] }],
    ["perfect rationality", { participation: { temperature: 0 } }],
    ["certain failure", { models: [modelWith({ hazard: "1000000 %/y" })] }],
    ["failure halfway", { models: [modelWith({ hazard: "500 %/y" })] }],
    ["rational beliefs", { beliefs: { kind: "rational", iterations: 3 } }],
    ["speculators without cash", { speculators: [{ group: "traders", count: 3, wealth: "$0" }] }],
    [
      "speculators who fear nothing and believe anything",
      { speculators: [{ group: "traders", count: 3, wealth: "$1B", optimism: 1000, riskAversion: 0 }] },
    ],
    ["speculators who believe nothing", { speculators: [{ group: "traders", count: 3, optimism: 0 }] }],
    ["next to no liquidity", { markets: { ...markets, liquidity: "$1" } }],
    ["no fee", { markets: { ...markets, ownership: { ...pool, fee: 0 } } }],
    ["half of it as a fee", { markets: { ...markets, ownership: { ...pool, fee: 0.5 } } }],
    ["lenders without cash", { markets: { ...markets, loans: { kind: "collateral-loan", supply: "$0" } } }],
    [
      "loans to the limit",
      {
        markets: {
          ...markets,
          loans: { kind: "collateral-loan", loanToValue: 0.9, liquidationThreshold: 0.9, rate: { kind: "kinked" } },
        },
        providers: [{ ...home, wealth: "$20", wealthSpread: 0.5, riskAversion: 0 }],
      },
    ],
    ["no compute but theirs", { markets: { ...markets, outsideDemand: { marketSize: 1, elasticity: 0.05 } } }],
    [
      "many models",
      {
        models: Array.from({ length: 12 }, (_, i) => modelWith({ name: `model-${i}` })),
        horizon: "90 d",
        market: { spending: "$1M/y" },
      },
    ],
  ];

  test.each(edges)("%s", (_, fields) => {
    check({ ...everyMarket, ...fields });
  });

  test.each(["vickrey", "uniform"] as const)("auctions of whole books by %s", (pricing) => {
    const ownership = { kind: "ownership-auction", pricing } as const;
    const reckless = [{ group: "traders", count: 3, wealth: "$1B", optimism: 1000, riskAversion: 0 }];
    check({ markets: { ownership, float: 0.5 }, speculators: reckless });
    check({ markets: { ownership, float: 0.001 }, speculators });
    check({ markets: { ownership }, providers: [{ ...home, count: 1 }] });
  });
});
