/**
 * What ownership is worth to whoever can sell it: the larger of its own valuation and of what the market pays after the
 * fee.
 *
 * Before anybody has had something to sell, sellers expect the one at which speculators would take what the plan issues
 * in a revision period: so that people can work for ownership which they would not hold, and speculation can pay for
 * work before there is revenue. The premium for risk stays that of somebody who holds what it earns, so that a market
 * brings no more people than it should.
 */
import type { PathState } from "../path-state.ts";
import { namesPerWork } from "../units-to-come.ts";
import type { Beliefs } from "../valuation.ts";
import { priceBracket } from "./batch-price.ts";
import { netDemand, type TradingDay } from "./traders.ts";

/** Share of the market's price that a unit is given as own value where somebody sees none: factors need something to multiply. */
const negligible = 1e-9;

/** The price at which these traders would take so many units; 0 where nobody would. */
export function indicativePrice(day: TradingDay, units: number): number {
  const start = day.value.reduce((most, value) => Math.max(most, value), 0);
  if (!(start > 0 && units > 0)) return 0;
  return priceBracket((price) => netDemand(day, price) - units, start)?.low ?? 0;
}

/** Units that the plan of a model issues in a revision period, at today's offer. */
export function plannedUnits(state: PathState, model: number): number {
  const { world, offer } = state;
  const { targetWork, plannedRelease } = world.terms[model];
  const workPerEpoch = targetWork / world.usefulShare / plannedRelease;
  const perName = offer.claimPerIdentity[model];
  const rate = offer.claimPerWork[model] + (perName > 0 ? perName * namesPerWork(state)[model] : 0);
  return workPerEpoch * world.rule.revisionEpochs * rate;
}

/**
 * Raises the views of those who decide today to the price that each model fetches.
 *
 * @param base views before the market, where they differ: factors by provider and model
 * @param price dollars per unit after the fee, per model; 0 where there is none
 */
export function raiseViews(
  state: PathState,
  beliefs: Beliefs,
  { views, base, price }: { views: Float32Array; base: Float32Array | undefined; price: Float64Array },
): void {
  const { population, rule } = state.world;
  const { unitValue } = beliefs;
  const [models, classes] = [price.length, population.discountRates.length];
  for (let model = 0; model < models; model++) {
    if (!(price[model] > 0)) continue;
    for (let k = 0; k < classes; k++) {
      const cell = model * classes + k;
      if (unitValue[cell] === 0) unitValue[cell] = negligible * price[model];
    }
  }
  for (const { first, count } of population.blocksByPhase[state.epoch % rule.revisionEpochs]) {
    for (let i = first; i < first + count; i++) {
      for (let model = 0; model < models; model++) {
        const cell = i * models + model;
        const own = base?.[cell] ?? 1;
        const believed = unitValue[model * classes + population.discountClass[i]] * population.optimism[i];
        views[cell] = price[model] > believed * own ? price[model] / believed : own;
      }
    }
  }
}
