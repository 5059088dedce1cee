/**
 * Closed lab: one firm rents its own cluster from its own capital, owns the model and reinvests revenue.
 *
 * Once set up, the cluster computes at the pace that reaches the target within the term, as far as capital and the reinvested
 * share of revenue go. Nobody else contributes work, and nobody else owns. Utilisation of a tuned cluster is published: 38 to
 * 43 % of peak for Llama 3.1 405B (Llama Team, "The Llama 3 herd of models", arXiv 2407.21783, section 3.3.2).
 */
import {
  count,
  type EpochBatch,
  flopPerWork,
  type Mechanism,
  type MechanismContext,
  microsPerDollar,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
  share,
  structuralProperties,
} from "@shardlab/contracts";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { dataPurchaseFields, outlayMicros, splitForData } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";

export const closedLabSpec = z.strictObject({
  kind: z.literal("closed-lab"),
  accelerator: quantity("computeRate", { above: "0 FLOP/s" })
    .prefault("989 TFLOP/s")
    .describe("peak of one accelerator (H100, bf16)"),
  rent: quantity("moneyRate", { above: "$0/h" })
    .prefault("$2.50/h")
    .describe("for one accelerator, with power and network"),
  utilization: share({ min: 0.01 }).prefault(0.4).describe("model FLOP utilisation of the cluster"),
  setup: quantity("duration", { min: "0 s" }).prefault("60 d").describe("before the cluster computes"),
  term: quantity("duration", { min: "1 d" }).prefault("90 d").describe("in which the target is to be reached"),
  proprietaryTokens: count().prefault(0).describe("training tokens that only this lab has"),
  ...dataPurchaseFields("capital"),
  reinvest: share().prefault(0.5).describe("share of revenue that buys further work"),
});
export type ClosedLabSpec = z.output<typeof closedLabSpec>;

export interface ClosedLabState {
  readonly context: MechanismContext;
  readonly workMicros: Float64Array;
  readonly dataMicros: Float64Array;
}

export function closedLab(spec: ClosedLabSpec): Mechanism<ClosedLabState> {
  return {
    kind: spec.kind,
    claims: [
      ...structuralProperties,
      "collusion-resistance",
      "null-player",
      "no-retroactive-confiscation",
      "explainability",
    ],
    open: (context) => {
      const capital = outlayMicros(context, context.outlayDollars);
      const postings = treasuryTransfer(context, "capital", { from: context.sponsor, micros: capital });
      return { state: { context, ...splitForData(capital, spec.dataShare) }, postings };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle: (state, batch) => settle(spec, state, batch),
  };
}

/** Dollars per PFLOP of model compute on the lab's cluster. */
export function clusterPricePerWork(spec: ClosedLabSpec): number {
  return (spec.rent * flopPerWork) / (spec.accelerator * spec.utilization);
}

function quote(spec: ClosedLabSpec, state: ClosedLabState, situation: Situation): Offer {
  const { context } = state;
  const offer = emptyOffer(context.models.length);
  const price = clusterPricePerWork(spec);
  const isSetUp = situation.epoch * context.epochSeconds >= spec.setup;
  for (let model = 0; model < offer.access.length; model++) {
    if (situation.training[model] === 0) continue;
    const wanted = (context.models[model].targetWork * context.epochSeconds) / spec.term;
    const affordable = state.workMicros[model] / microsPerDollar / price;
    offer.ownTokens[model] = situation.epoch === 0 ? spec.proprietaryTokens : 0;
    offer.cashPerToken[model] = state.dataMicros[model] >= 1 ? spec.dataPrice : 0;
    if (!isSetUp) continue;
    offer.ownWork[model] = Math.min(wanted, affordable);
    offer.ownCostDollars[model] = offer.ownWork[model] * price;
  }
  return offer;
}

function settle(spec: ClosedLabSpec, state: ClosedLabState, batch: EpochBatch): Settlement<ClosedLabState> {
  const { context } = state;
  const cost = batch.offer.ownCostDollars.map((dollars, model) =>
    Math.min(state.workMicros[model], Math.floor(dollars * microsPerDollar)),
  );
  // For a model that is done no work can be bought, so that all of its revenue is profit.
  const { training } = batch.situation;
  const reinvested = batch.revenueMicros.map((micros, model) => training[model] * Math.floor(micros * spec.reinvest));
  const profit = batch.revenueMicros.map((micros, model) => micros - reinvested[model]);
  const prices = payPerUnit(context, "pay for data", {
    deliveries: batch.data,
    rate: batch.offer.cashPerToken,
    budgetMicros: state.dataMicros,
  });
  return {
    state: {
      context,
      workMicros: state.workMicros.map((micros, model) => micros - cost[model] + reinvested[model]),
      dataMicros: prices.leftMicros,
    },
    postings: [
      ...treasuryTransfer(context, "rent of the cluster", { to: context.suppliers, micros: cost }),
      ...treasuryTransfer(context, "profit of the lab", { to: "designer", micros: profit }),
      ...prices.postings,
    ],
  };
}
