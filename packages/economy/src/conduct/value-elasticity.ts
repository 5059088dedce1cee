/** How much of a model's value hangs on the last work that goes into it. */
import { log } from "@shardlab/numerics";
import { trainedLoss } from "../model-plan.ts";
import type { EconomyWorld } from "../world.ts";

/** Relative step of the finite difference. */
const step = 0.01;

/**
 * eta = dlnV / dlnC of each model around its plan: the central difference of the logarithm of revenue on the day of the planned
 * release, the other models as planned. Under V = A C^eta it is eta exactly, up to the step.
 */
export function valueElasticities({ terms, law, market, horizonEpochs }: EconomyWorld): Float64Array {
  const revenueWith = (changed: number, factor: number): number => {
    const work = Float64Array.from(terms, ({ targetWork }, model) => (model === changed ? factor : 1) * targetWork);
    const loss = Float64Array.from(terms, (model, index) => trainedLoss(law, model, work[index], model.targetTokens));
    const day = Math.min(horizonEpochs - 1, terms[changed].plannedRelease);
    return market.revenueAt(day, { loss, work })[changed];
  };
  return Float64Array.from(terms, (_, model) => {
    const [more, less] = [1 + step, 1 / (1 + step)].map((factor) => revenueWith(model, factor));
    return more > 0 && less > 0 ? (log(more) - log(less)) / (2 * log(1 + step)) : 0;
  });
}
