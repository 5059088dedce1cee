/**
 * Replicator: copies what a provider met by chance does, the more likely the more that one has earned.
 *
 * Whoever earned u and meets somebody who earned v > u takes over the other's option with probability rate (v - u), at most 1
 * (pairwise proportional imitation). In a large population the shares x of the options then move as
 *
 *   dx_i / dt = rate x_i (u_i - sum_j x_j u_j),
 *
 * the replicator equation of Taylor and Jonker (1978). What nobody does, nobody learns. It sees neither the offer nor its own
 * coming utilities. Source: Schlag, "Why imitate, and if so, how?" (Journal of Economic Theory 78, 1998). Checked: the change of
 * shares in one round against that equation.
 */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const replicatorSpec = z.strictObject({
  kind: z.literal("replicator"),
  rate: z
    .number()
    .positive()
    .max(100)
    .default(1)
    .describe("chance of copying for each daily rental value by which the other earned more"),
});
export type ReplicatorSpec = z.output<typeof replicatorSpec>;

export const replicator = ({ kind, rate }: ReplicatorSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["own-pay", "others-pay"],
  begin:
    () =>
    ({ rows, present, earned, metOption, metEarned, uniforms }, choice) => {
      for (let row = 0; row < rows; row++) {
        const copies = uniforms[row] < rate * (metEarned[row] - earned[row]);
        choice[row] = copies ? metOption[row] : present[row];
      }
    },
});
