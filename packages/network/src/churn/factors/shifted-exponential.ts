/**
 * Shifted exponential: the factor is 1 plus an exponential excess.
 *
 * The model of stragglers in coded computation (Lee, Lam, Pedarsani, Papailiopoulos and Ramchandran, "Speeding up
 * distributed machine learning using codes", IEEE Transactions on Information Theory 64(3), 2018).
 */
import { z } from "zod";
import type { FactorDistribution } from "./factor-distribution.ts";

export const shiftedExponentialSpec = z.strictObject({
  kind: z.literal("shifted-exponential"),
  meanExcess: z.number().positive().max(1e6).default(1).describe("mean of the factor less 1"),
});
export type ShiftedExponentialSpec = z.output<typeof shiftedExponentialSpec>;

export function shiftedExponential({ meanExcess }: ShiftedExponentialSpec): FactorDistribution {
  return { mean: 1 + meanExcess, draw: (stream) => 1 + stream.exponential(1 / meanExcess) };
}
