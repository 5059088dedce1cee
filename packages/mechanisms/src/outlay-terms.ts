/** What rules that spend an outlay have in common: how it is split over models, work and data, and which price it can meet. */
import { type MechanismContext, microsPerDollar, quantity, share } from "@shardlab/contracts";
import { splitByTarget } from "./payout.ts";

/**
 * Fields of a specification whose rule buys data.
 *
 * @param money what the rule calls the sum of which a share buys data
 * @param where when it does, if not always
 */
export const dataPurchaseFields = (money: string, where = "") => ({
  dataShare: share().prefault(0.1).describe(`share of the ${money} that buys data${where}`),
  dataPrice: quantity("tokenPrice", { min: "$0/token" })
    .prefault("$1/Mtoken")
    .describe(`offered for quality-weighted tokens${where}`),
});

/** A sum of dollars split over models by the work that each aims at, in whole micro-dollars. */
export const outlayMicros = (context: MechanismContext, dollars: number): Float64Array =>
  splitByTarget(context, dollars * microsPerDollar).map(Math.floor);

/** What `micros` set aside for work and data leave for each, micro-dollars per model. */
export function splitForData(
  micros: Float64Array,
  dataShare: number,
): { readonly workMicros: Float64Array; readonly dataMicros: Float64Array } {
  const dataMicros = micros.map((total) => Math.floor(total * dataShare));
  return { workMicros: micros.map((total, model) => total - dataMicros[model]), dataMicros };
}

/** Dollars per PFLOP: `price`, or what `micros` can pay for as much work as the epoch before had, where that is less. */
export function affordablePrice({
  price,
  micros,
  recentWork,
}: {
  readonly price: number;
  readonly micros: number;
  readonly recentWork: number;
}): number {
  return recentWork > 0 ? Math.min(price, micros / microsPerDollar / recentWork) : price;
}
