/**
 * Spot rental: the institution rents compute by the hour at a multiple of the market's price, and owns what comes of it.
 *
 * Pay per PFLOP is `multiple` times the rental market's price of that work today, from the first day until the outlay is spent;
 * where an epoch's work would cost more than is left, everybody gets the same share of the price. Providers own nothing, and
 * revenue stays with the institution. This is the marketplace of Hyperbolic (documentation, "Rent GPUs": a posted price for each
 * GPU-hour) and Akash (documentation, "How Akash works": providers bid for a lease below the tenant's price, paid as it runs),
 * without their fee; an hour of a device is here the work that it does in it. That a multiple below 1 still finds providers is for
 * the world to say: the market's price is what others pay for the same hour.
 */
import {
  access,
  type EpochBatch,
  type Mechanism,
  type MechanismContext,
  mechanismProperties,
  type Offer,
  type Settlement,
  type Situation,
} from "@shardlab/contracts";
import { z } from "zod";
import { emptyOffer } from "./offer.ts";
import { affordablePrice, dataPurchaseFields, outlayMicros, splitForData } from "./outlay-terms.ts";
import { payPerUnit, treasuryTransfer } from "./payout.ts";

export const spotRentalSpec = z.strictObject({
  kind: z.literal("spot-rental"),
  multiple: z.number().positive().max(100).default(1).describe("pay for work, in rental market prices"),
  ...dataPurchaseFields("outlay"),
});
export type SpotRentalSpec = z.output<typeof spotRentalSpec>;

export interface SpotRentalState {
  readonly context: MechanismContext;
  /** Left for work and for data, micro-dollars per model. */
  readonly workMicros: Float64Array;
  readonly dataMicros: Float64Array;
}

export function spotRental(spec: SpotRentalSpec): Mechanism<SpotRentalState> {
  return {
    kind: spec.kind,
    claims: mechanismProperties,
    open: (context) => {
      const outlay = outlayMicros(context, context.outlayDollars);
      const postings = treasuryTransfer(context, "outlay for rent", { from: context.sponsor, micros: outlay });
      return { state: { context, ...splitForData(outlay, spec.dataShare) }, postings };
    },
    quote: (state, situation) => quote(spec, state, situation),
    settle,
  };
}

function quote(
  spec: SpotRentalSpec,
  { context, workMicros, dataMicros }: SpotRentalState,
  situation: Situation,
): Offer {
  const offer = emptyOffer(context.models.length);
  for (let model = 0; model < offer.access.length; model++) {
    if (situation.training[model] === 0 || workMicros[model] < 1) continue;
    offer.access[model] = access.open;
    offer.cashPerWork[model] = affordablePrice({
      price: spec.multiple * situation.marketPricePerWork,
      micros: workMicros[model],
      recentWork: situation.recentWork[model],
    });
    offer.cashPerToken[model] = dataMicros[model] >= 1 ? spec.dataPrice : 0;
  }
  return offer;
}

function settle(state: SpotRentalState, batch: EpochBatch): Settlement<SpotRentalState> {
  const { context, workMicros, dataMicros } = state;
  const wages = payPerUnit(context, "rent for work", {
    deliveries: batch.work,
    rate: batch.offer.cashPerWork,
    budgetMicros: workMicros,
  });
  const prices = payPerUnit(context, "pay for data", {
    deliveries: batch.data,
    rate: batch.offer.cashPerToken,
    budgetMicros: dataMicros,
  });
  return {
    state: { context, workMicros: wages.leftMicros, dataMicros: prices.leftMicros },
    postings: [
      ...treasuryTransfer(context, "revenue of the institution", { to: "designer", micros: batch.revenueMicros }),
      ...wages.postings,
      ...prices.postings,
    ],
  };
}
