/**
 * Data Shapley: revenue is split between compute, data and design, and data is paid by what it did for the model.
 *
 * Revenue R (net of serving) is shared as
 *
 *   design: R designShare, fixed; data: R dataShare, of which provider i gets a share s_i; compute: the rest, by verified work.
 *
 * `shapley`: s_i = phi_i / v(N), with phi_i the mean over all orders of what the provider's data adds to the quality
 * of a model trained on the data before it (Ghorbani and Zou, "Data Shapley: Equitable valuation of data for machine
 * learning", ICML 2019); exact up to 12 providers, sampled beyond with an interval. `leave-one-out`: s_i = (v(N) - v(N
 * - i)) / v(N), the influence that Koh and Liang ("Understanding black-box predictions via influence functions", ICML
 * 2017) approximate. v(S) is the quality of a model trained anew on the data of S, less that of an untrained one.
 * Negative contributions earn nothing; where the positive ones exceed v(N), all are cut alike; what is not paid to
 * data is the designer's.
 *
 * Limits: under Shapley two copies of useful data get half each of what one would, and more than that together where
 * others are substitutes for it; under leave-one-out they get nothing, as nobody does for what two have.
 * Values are measured once, of a model with a fixed budget of updates, and hold whatever else changes later. Not proof
 * against several names at several places.
 *
 * The default values are measured on small transformers trained anew on the texts of all 64 coalitions of 6 providers:
 * useful ones, a copy, one from another field and one of noise (see `tables/data-providers.ts`). That they carry over
 * to large models is not shown.
 */
import { quantity, share } from "@shardlab/contracts";
import { z } from "zod";
import {
  contributionFields,
  contributionTableKinds,
  contributionValues,
  contributionValuesFault,
  contributorsOf,
  sharesFault,
} from "./contribution-game.ts";
import { royaltyMechanism } from "./contribution-royalties.ts";

export const dataShapleySpec = z
  .strictObject({
    kind: z.literal("data-shapley"),
    designShare: share().prefault(0.2).describe("share of revenue (net of serving) of the designer"),
    dataShare: share().prefault(0.3).describe("share of revenue for data; compute gets the rest"),
    method: z
      .enum(["leave-one-out", "shapley"])
      .default("shapley")
      .describe("how the contribution of data is measured"),
    table: z.enum(contributionTableKinds).default("data-providers").describe("measured values of coalitions"),
    ...contributionFields,
    settlement: quantity("duration", { min: "1 d" }).prefault("30 d").describe("how often revenue is paid out"),
    matchOutlay: z
      .boolean()
      .default(true)
      .describe("cut the shares of compute and data so that their expected value is the outlay"),
  })
  .superRefine(({ designShare, dataShare, values }, context) => {
    const refuse = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
    const excess = sharesFault(designShare + dataShare, "design and data; compute gets the rest");
    if (excess !== undefined) refuse("dataShare", excess);
    const fault = contributionValuesFault(values);
    if (fault !== undefined) refuse("values", fault);
  });
export type DataShapleySpec = z.output<typeof dataShapleySpec>;

export function dataShapley(spec: DataShapleySpec) {
  return royaltyMechanism({
    kind: spec.kind,
    values: contributionValues(spec),
    places: contributorsOf(spec),
    computeShare: Math.max(0, 1 - spec.designShare - spec.dataShare),
    contributorShare: spec.dataShare,
    settlementSeconds: spec.settlement,
    matchOutlay: spec.matchOutlay,
    royaltyReason: "revenue share of data",
    splitFor: ({ uniform }) =>
      spec.method === "shapley" ? { by: "shapley", pairs: spec.pairs, uniform } : { by: "leave-one-out" },
  });
}
