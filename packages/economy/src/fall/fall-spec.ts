/** What a scenario says of expectations that fall. */
import { quantity } from "@shardlab/contracts";
import { z } from "zod";

/** Fields of optimistic beliefs: how long they last, and what follows. */
export const optimismEndFields = {
  until: quantity("duration", { min: "1 d" }).optional().describe("when optimism ends; never unless given"),
  afterwards: z
    .number()
    .positive()
    .max(1e3)
    .optional()
    .describe("instead of factor from then on: belief about revenue, in what the prospectus promises; 1 unless given"),
} as const;

/** The field `shock` of adaptive and rational beliefs. */
export const shockField = {
  shock: z
    .strictObject({
      day: quantity("duration", { min: "1 d" }).describe("when expectations change, which nobody sees coming"),
      factor: z.number().positive().max(1e3).describe("what is believed from then on, in what was believed before"),
    })
    .optional()
    .describe("a change of expectations"),
} as const;
