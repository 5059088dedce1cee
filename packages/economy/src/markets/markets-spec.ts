/** What a scenario says of markets for ownership, loans and compute, and of those who speculate. */
import { count, quantity, share } from "@shardlab/contracts";
import {
  collateralLoanSpec,
  computeSpotSpec,
  constantProductSpec,
  leakSpec,
  ownershipAuctionSpec,
} from "@shardlab/markets";
import { z } from "zod";
import type { Contradiction } from "../contradiction.ts";

export const marketsSpec = z
  .strictObject({
    ownership: z
      .discriminatedUnion("kind", [constantProductSpec, ownershipAuctionSpec])
      .optional()
      .describe("where compute ownership is traded for cash"),
    liquidity: quantity("money", { min: "$1" })
      .prefault("$20k")
      .describe("with constant-product: cash that a market maker brings to the pool of each model"),
    float: share({ min: 0.001, max: 0.5 })
      .prefault(0.05)
      .describe("share of the ownership that exists which the market maker aims to hold, or which an auction puts up"),
    loans: collateralLoanSpec.optional().describe("cash for providers who are short of it, against their ownership"),
    compute: computeSpotSpec.optional().describe("where providers could let their devices instead"),
    outsideDemand: z
      .strictObject({
        elasticity: z.number().min(0.05).max(50).default(1).describe("of outside demand for compute, to its price"),
        marketSize: z
          .number()
          .min(1)
          .max(1e6)
          .default(10)
          .describe("all compute that is for hire, in that of the providers, at the price of the table of devices"),
      })
      .prefault({})
      .describe("with compute: what else is hired"),
  })
  .describe("markets beside the mechanism");
export type MarketsSpec = z.output<typeof marketsSpec>;

/** The field `leak` of the market for inference. */
export const leakField = { leak: leakSpec.optional() } as const;

export const speculatorGroupSpec = z
  .strictObject({
    group: z.string().min(1).max(40),
    count: count({ min: 1, max: 1e4, isWhole: true }),
    wealth: quantity("money", { min: "$0" }).prefault("$50k").describe("of one speculator"),
    optimism: z
      .number()
      .min(0)
      .max(1e3)
      .default(1)
      .describe("belief about revenue, in what providers believe: the group's median"),
    optimismSpread: z
      .number()
      .min(0)
      .max(4)
      .default(0.5)
      .describe("standard deviation of its logarithm across the group"),
    discountRate: quantity("annualRate", { min: "0 %/y", max: "500 %/y" }).prefault("10 %/y"),
    riskAversion: z.number().min(0).max(50).default(1).describe("relative risk aversion"),
  })
  .describe("people who hold ownership without working for it");
export type SpeculatorGroup = z.output<typeof speculatorGroupSpec>;

/** Fields of a scenario. */
export const marketFields = {
  markets: marketsSpec.optional(),
  speculators: z.array(speculatorGroupSpec).max(40).optional(),
} as const;

/** What the markets of a scenario contradict: where, and what is wrong. */
export function marketContradictions(spec: {
  readonly markets?: MarketsSpec;
  readonly speculators?: readonly SpeculatorGroup[];
  readonly market: { readonly leak?: unknown; readonly valueLaw?: unknown };
}): Contradiction[] {
  const faults: Contradiction[] = [];
  const { markets, speculators = [], market } = spec;
  if (markets !== undefined && !markets.ownership && !markets.loans && !markets.compute) {
    faults.push({ path: ["markets"], message: "markets without a market (expected ownership, loans or compute)" });
  }
  if (speculators.length > 0 && markets?.ownership === undefined) {
    faults.push({ path: ["speculators"], message: "speculators without a market (expected markets.ownership)" });
  }
  if (markets?.loans !== undefined && markets.ownership?.kind !== "constant-product") {
    faults.push({
      path: ["markets", "loans"],
      message: "loans without a price to lend at (expected markets.ownership of kind constant-product)",
    });
  }
  if (market.leak !== undefined && market.valueLaw !== undefined) {
    faults.push({ path: ["market", "leak"], message: "leak beside valueLaw, which knows no competition" });
  }
  for (const [index, { group }] of speculators.entries()) {
    if (speculators.findIndex((other) => other.group === group) < index) {
      faults.push({ path: ["speculators", index, "group"], message: `duplicate group: ${group}` });
    }
  }
  return faults;
}
