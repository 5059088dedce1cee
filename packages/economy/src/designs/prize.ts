/** What a designer expects of a design of quality 1, before any work is done. */
import { access } from "@shardlab/contracts";
import { exp, expm1 } from "@shardlab/numerics";
import { demandStepEpochs } from "../market.ts";
import { trainedLoss } from "../model-plan.ts";
import type { PathState } from "../path-state.ts";
import { unitsOverWork } from "../units-to-come.ts";
import type { EconomyWorld } from "../world.ts";

/** Epochs for which the designers alone may contribute to each model, as the mechanism would quote them. */
export function exclusiveEpochs({ mechanism, mechanismState, situation, world }: PathState): Int32Array {
  const quoted = (epoch: number) => mechanism.quote(mechanismState, { ...situation, epoch }).access.slice();
  return Int32Array.from(quoted(0), (atStart, model) => {
    if (atStart !== access.designers) return 0;
    let [inside, outside] = [0, world.horizonEpochs];
    while (outside - inside > 1) {
      const middle = (inside + outside) >> 1;
      if (quoted(middle)[model] === access.designers) inside = middle;
      else outside = middle;
    }
    return outside;
  });
}

/** Compute of the groups whose models these are, in useful PFLOP and dollars of cost per epoch, one row per model. */
export function designerCompute({ population, terms, usefulShare }: EconomyWorld): {
  work: Float64Array;
  cost: Float64Array;
} {
  const [work, cost] = [new Float64Array(terms.length), new Float64Array(terms.length)];
  for (let i = 0; i < population.count; i++) {
    const model = population.designerOf[i];
    if (model < 0) continue;
    work[model] += population.workPerEpoch[i] * usefulShare;
    cost[model] += population.runningCost[i] + population.opportunity[i];
  }
  return { work, cost };
}

/** How training is expected to go: what the designers do alone, what is done by the release, and when that is. */
export interface TrainingPlan {
  readonly ownWork: Float64Array;
  readonly ownEpochs: Float64Array;
  readonly releasedWork: Float64Array;
  readonly releaseEpoch: Float64Array;
}

/** Designers work alone through the exclusive period, and then everybody does, as fast as announced, until the deadline. */
export function trainingPlan(world: EconomyWorld, exclusive: Int32Array, ownRate: Float64Array): TrainingPlan {
  const column = () => new Float64Array(world.terms.length);
  const plan = { ownWork: column(), ownEpochs: column(), releasedWork: column(), releaseEpoch: column() };
  for (const [model, { targetWork, plannedRelease, deadline }] of world.terms.entries()) {
    const alone = Math.min(exclusive[model], deadline);
    plan.ownEpochs[model] = ownRate[model] > 0 ? Math.min(alone, targetWork / ownRate[model]) : 0;
    plan.ownWork[model] = plan.ownEpochs[model] * ownRate[model];
    const announced = targetWork / plannedRelease;
    const missing = targetWork - plan.ownWork[model];
    const isReachedAlone = missing <= 1e-9 * targetWork;
    const release = isReachedAlone ? plan.ownEpochs[model] : alone + missing / announced;
    plan.releaseEpoch[model] = Math.min(deadline, release);
    plan.releasedWork[model] = release <= deadline ? targetWork : plan.ownWork[model] + announced * (deadline - alone);
  }
  return plan;
}

/**
 * Present value, in dollars at `rate` and each model's hazard, of the revenue of each model at quality 1, if the first
 * `entrants` models come as planned and no others.
 */
export function plannedValues(world: EconomyWorld, plan: TrainingPlan, entrants: number, rate: number): Float64Array {
  const { terms, law, market, rates, horizonEpochs } = world;
  const released = terms.map((model, index) => trainedLoss(law, model, plan.releasedWork[index], model.publicTokens));
  const values = new Float64Array(terms.length);
  const loss = new Float64Array(terms.length);
  for (let epoch = 0; epoch < horizonEpochs; epoch += demandStepEpochs) {
    const end = Math.min(epoch + demandStepEpochs, horizonEpochs);
    const from = plan.releaseEpoch.map((release) => Math.max(epoch, release));
    const days = from.map((start, model) =>
      model < entrants ? Math.min(end, plan.releaseEpoch[model] + market.serviceEpochs) - start : 0,
    );
    for (let model = 0; model < loss.length; model++)
      loss[model] = days[model] > 0 ? released[model] : Number.POSITIVE_INFINITY;
    const revenue = market.revenueAt(epoch, { loss, work: plan.releasedWork });
    for (let model = 0; model < values.length; model++) {
      if (!(days[model] > 0)) continue;
      const middle = from[model] + days[model] / 2;
      values[model] += revenue[model] * days[model] * exp(-(rate + rates.hazard[model]) * middle);
    }
  }
  return values;
}

/** What a designer gets: shares of revenue at quality 1, and what the designer's own compute costs in the exclusive period. */
export interface Terms {
  readonly ownedShare: Float64Array;
  readonly designerShare: Float64Array;
  readonly computeDollars: Float64Array;
}

/** The terms on which designers come, by the offer of the first day. */
export function designerTerms(state: PathState, plan: TrainingPlan, cost: Float64Array, rate: number): Terms {
  const { offer } = state;
  const [own, all] = [unitsOverWork(state, plan.ownWork), unitsOverWork(state, plan.releasedWork)];
  return {
    ownedShare: own.map((units, model) => (all[model] > 0 ? (offer.claimShare[model] * units) / all[model] : 0)),
    designerShare: own.map((_, model) => Math.max(0, 1 - offer.claimShare[model] - offer.dataClaimShare[model])),
    // Whose project ends stops working.
    computeDollars: cost.map((dollars, model) => {
      const [epochs, decay] = [plan.ownEpochs[model], rate + state.world.rates.hazard[model]];
      return dollars * (decay > 0 ? -expm1(-decay * epochs) / decay : epochs);
    }),
  };
}
