/** The section `designs` of a scenario: who could design the models, and what good designs cost. */
import { count, quantity } from "@shardlab/contracts";
import { z } from "zod";

export const designsSpec = z
  .strictObject({
    candidates: count({ min: 1, max: 1e5, isWhole: true })
      .prefault(20)
      .describe("designers who could enter at the start; the scenario's models are the places that they could fill"),
    abilitySpread: z
      .number()
      .min(0)
      .max(4)
      .default(0.5)
      .describe("standard deviation of the logarithm of ability, whose median is 1"),
    effortCost: quantity("money", { above: "$0" })
      .prefault("$100k")
      .describe("what a design of quality 1 costs a designer of ability 1; quality multiplies revenue"),
    costExponent: z.number().min(1.05).max(10).default(2).describe("cost is effortCost x quality ^ this / ability"),
    entryCost: quantity("money", { min: "$0" }).prefault("$0").describe("of entering, whatever the quality"),
    discountRate: quantity("annualRate", { min: "0 %/y", max: "500 %/y" }).prefault("15 %/y").describe("of designers"),
  })
  .describe("designers who enter if it pays, with the quality that pays best");

export type DesignsSpec = z.output<typeof designsSpec>;
