/**
 * What an offer is worth in dollars, by what the situation believes of coming revenue.
 *
 * A unit of ownership is worth claimShare V / U, with V the believed value of all coming revenue of the model and U the
 * units that exist and those that the rule will still issue for work until the target (Simpson's rule over the work still
 * missing). Units that names will still earn are not known and not counted, so that a unit is taken for too much where names
 * earn ownership, and for nothing while there is none.
 */
import type { MechanismContext, Offer, Situation } from "@shardlab/contracts";

/** Dollars per PFLOP and per name at work, one row per model. */
export interface OfferWorth {
  readonly perWork: Float64Array;
  readonly perIdentity: Float64Array;
}

/** @param quoteAt the offer at other amounts of cumulative work */
export function offerWorth(
  context: MechanismContext,
  offer: Offer,
  situation: Situation,
  quoteAt: (cumulativeWork: Float64Array) => Offer,
): OfferWorth {
  const claims = offer.claimPerWork.map((rate, model) => rate + offer.claimPerIdentity[model]);
  const unitWorth = claims.some((rate) => rate > 0)
    ? unitWorths(context, offer, situation, quoteAt)
    : new Float64Array(claims.length);
  const worth = (cash: Float64Array, claim: Float64Array, coin: Float64Array): Float64Array =>
    cash.map((dollars, model) => dollars + coin[model] + claim[model] * unitWorth[model]);
  return {
    perWork: worth(offer.cashPerWork, offer.claimPerWork, offer.coinPerWork),
    perIdentity: worth(offer.cashPerIdentity, offer.claimPerIdentity, offer.coinPerIdentity),
  };
}

const pieces = 8;

function unitWorths(
  context: MechanismContext,
  offer: Offer,
  situation: Situation,
  quoteAt: (cumulativeWork: Float64Array) => Offer,
): Float64Array {
  const start = situation.cumulativeWork;
  const missing = start.map((work, model) =>
    situation.training[model] === 1 ? Math.max(0, context.models[model].targetWork - work) : 0,
  );
  const units = Float64Array.from(context.models, ({ ownership }) => {
    return -situation.balances.balance(context.issuer, ownership);
  });
  for (let piece = 0; piece <= pieces; piece++) {
    const weight = (piece === 0 || piece === pieces ? 1 : piece % 2 === 1 ? 4 : 2) / (3 * pieces);
    const { claimPerWork } = quoteAt(start.map((work, model) => work + (missing[model] * piece) / pieces));
    for (let model = 0; model < units.length; model++) units[model] += weight * missing[model] * claimPerWork[model];
  }
  return units.map((all, model) =>
    all > 0 ? (offer.claimShare[model] * situation.expectedValueDollars[model]) / all : 0,
  );
}
