/**
 * Volunteer: compute and data are given away, and enthusiasm decays.
 *
 * What giving is worth to a provider (its warm glow, Andreoni 1990) is scaled by an appeal that halves every half-life.
 * With `reimburse` the outlay pays back electricity at its mean price, and never more, spread evenly over the term, so that
 * volunteers can be compared with the other institutions at the same outlay at most. Participation in volunteer computing is a small
 * share of owners and falls off within months (Anderson, "BOINC: a platform for volunteer computing", 2020); the half-life
 * is an assumption.
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
} from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { affordablePrice, outlayMicros } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";

export const volunteerSpec = z.strictObject({
  kind: z.literal("volunteer"),
  halfLife: quantity("duration", { min: "1 d" }).prefault("180 d").describe("in which enthusiasm halves"),
  reimburse: z.boolean().default(true).describe("whether the outlay pays back electricity"),
  term: quantity("duration", { min: "1 d" }).prefault("365 d").describe("over which the outlay is spent"),
});
export type VolunteerSpec = z.output<typeof volunteerSpec>;

export interface VolunteerState {
  readonly context: MechanismContext;
  readonly endEpoch: number;
  readonly reimbursementMicros: Float64Array;
}

export function volunteer(spec: VolunteerSpec): Mechanism<VolunteerState> {
  return {
    kind: spec.kind,
    claims: mechanismProperties,
    open: (context) => {
      const reimbursementMicros = outlayMicros(context, spec.reimburse ? context.outlayDollars : 0);
      const endEpoch = Math.max(1, Math.round(spec.term / context.epochSeconds));
      const postings = treasuryTransfer(context, "outlay for reimbursement", {
        from: context.sponsor,
        micros: reimbursementMicros,
      });
      return { state: { context, endEpoch, reimbursementMicros }, postings };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle,
  };
}

function quote(spec: VolunteerSpec, state: VolunteerState, situation: Situation): Offer {
  const offer = emptyOffer(state.context.models.length);
  const appeal = exp((-Math.LN2 * situation.epoch * state.context.epochSeconds) / spec.halfLife);
  const epochsLeft = Math.max(1, state.endEpoch - situation.epoch);
  for (let model = 0; model < offer.access.length; model++) {
    if (situation.training[model] === 0) continue;
    offer.access[model] = access.open;
    offer.donationAppeal[model] = appeal;
    if (state.reimbursementMicros[model] === 0) continue;
    offer.cashPerWork[model] = affordablePrice({
      price: situation.electricityPerWork,
      micros: state.reimbursementMicros[model] / epochsLeft,
      recentWork: situation.recentWork[model],
    });
  }
  return offer;
}

function settle(state: VolunteerState, batch: EpochBatch): Settlement<VolunteerState> {
  const { context, reimbursementMicros } = state;
  const revenue = treasuryTransfer(context, "revenue of the designer", { to: "designer", micros: batch.revenueMicros });
  const paid = payPerUnit(context, "electricity paid back", {
    deliveries: batch.work,
    rate: batch.offer.cashPerWork,
    budgetMicros: reimbursementMicros,
  });
  return {
    state: { ...state, reimbursementMicros: paid.leftMicros },
    postings: [...revenue, ...paid.postings],
  };
}
