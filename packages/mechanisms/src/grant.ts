/**
 * Grant: a sponsor is asked for a budget, decides after a delay, and may say no; what is granted buys compute and data.
 *
 * What is left of the budget is spread evenly over what is left of the term. Work is paid at one price for all, an epoch's
 * part over the work of the epoch before, up to a ceiling relative to the rental market: a uniform-price purchase in which
 * entry continues until the marginal provider is indifferent. The model is open; its revenue, if any, stays with the designer.
 * At matched expected outlay an approval probability p means a budget of outlay / p, carried forward at the sponsor's rate.
 *
 * The coordination delay of a year is BLOOM's (BigScience, 2022: a year for one run, a EUR 3M grant of compute).
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  quantity,
  type Settlement,
  type Situation,
  share,
} from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { affordablePrice, dataPurchaseFields, outlayMicros, splitForData } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";

export const grantSpec = z.strictObject({
  kind: z.literal("grant"),
  approval: share({ min: 0.001 }).prefault(0.3).describe("chance that a request is granted"),
  delay: quantity("duration", { min: "0 s" }).prefault("365 d").describe("from the request to the first payment"),
  term: quantity("duration", { min: "1 d" }).prefault("180 d").describe("over which the budget is spent"),
  ...dataPurchaseFields("budget"),
  priceCeiling: z.number().positive().max(100).default(1.5).describe("most paid for work, in rental market prices"),
});
export type GrantSpec = z.output<typeof grantSpec>;

export interface GrantState {
  readonly context: MechanismContext;
  readonly startEpoch: number;
  readonly endEpoch: number;
  /** Left for work and for data, micro-dollars per model. */
  readonly workMicros: Float64Array;
  readonly dataMicros: Float64Array;
}

export function grant(spec: GrantSpec): Mechanism<GrantState> {
  return {
    kind: spec.kind,
    claims: mechanismProperties,
    open: (context) => {
      const startEpoch = Math.round(spec.delay / context.epochSeconds);
      const approved = context.uniform(0) < spec.approval;
      const budget = (context.outlayDollars / spec.approval) * exp(context.sponsorDiscountPerEpoch * startEpoch);
      const state: GrantState = {
        context,
        startEpoch,
        endEpoch: startEpoch + Math.max(1, Math.round(spec.term / context.epochSeconds)),
        ...splitForData(outlayMicros(context, approved ? budget : 0), spec.dataShare),
      };
      return { state, postings: [] };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle,
  };
}

function quote(spec: GrantSpec, state: GrantState, situation: Situation): Offer {
  const offer = emptyOffer(state.context.models.length);
  if (situation.epoch < state.startEpoch) return offer;
  const epochsLeft = Math.max(1, state.endEpoch - situation.epoch);
  for (let model = 0; model < offer.access.length; model++) {
    if (situation.training[model] === 0 || state.workMicros[model] < 1) continue;
    offer.access[model] = access.open;
    offer.cashPerWork[model] = affordablePrice({
      price: spec.priceCeiling * situation.marketPricePerWork,
      micros: state.workMicros[model] / epochsLeft,
      recentWork: situation.recentWork[model],
    });
    offer.cashPerToken[model] = state.dataMicros[model] >= 1 ? spec.dataPrice : 0;
  }
  return offer;
}

function settle(state: GrantState, batch: EpochBatch): Settlement<GrantState> {
  const { context } = state;
  const postings = treasuryTransfer(context, "revenue of the designer", {
    to: "designer",
    micros: batch.revenueMicros,
  });
  if (batch.epoch < state.startEpoch) return { state, postings };
  if (batch.epoch === state.startEpoch) {
    const funded = state.workMicros.map((micros, model) => micros + state.dataMicros[model]);
    postings.push(...treasuryTransfer(context, "grant", { from: context.sponsor, micros: funded }));
  }
  const wages = payPerUnit(context, "pay for work", {
    deliveries: batch.work,
    rate: batch.offer.cashPerWork,
    budgetMicros: state.workMicros,
  });
  const prices = payPerUnit(context, "pay for data", {
    deliveries: batch.data,
    rate: batch.offer.cashPerToken,
    budgetMicros: state.dataMicros,
  });
  return {
    state: { ...state, workMicros: wages.leftMicros, dataMicros: prices.leftMicros },
    postings: [...postings, ...wages.postings, ...prices.postings],
  };
}
