/** The section `crossing` of a scenario: the closed lab that the open models are held against. */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";

/**
 * The default rate is 100,000 H100 at 989.5 TFLOP/s and 40 % utilisation, the default growth ln 2.5 a year
 * (`tables/frontier-compute.ts` has both figures with their sources, and how sure they are).
 */
export const crossingSpec = z
  .strictObject({
    labCompute: quantity("computeRate", { above: "0 FLOP/s" })
      .prefault("39.58 EFLOP/s")
      .describe("useful rate at which the closed lab trains at the start: peak x utilisation of its cluster"),
    labGrowth: quantity("annualRate")
      .prefault("91.6 %/y")
      .describe("continuous growth of that rate; training runs, which get longer as well, grow by 150 %/y"),
  })
  .describe("when open models pass the closed competitor, in loss and in compute");

export type CrossingSpec = z.output<typeof crossingSpec>;
