/** The field `participation.reinvest` of a scenario. */
import { share } from "@shardlab/contracts";

export const reinvestField = {
  reinvest: share()
    .optional()
    .describe("share of their cash income that providers buy more devices with; also measures concentration over time"),
} as const;
