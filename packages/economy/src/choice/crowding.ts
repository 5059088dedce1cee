/** How crowded the models are: what the present pace of work makes of the units that will share their revenue. */
import type { PathState } from "../path-state.ts";
import { missingWork, unitsOverWork } from "../units-to-come.ts";

/** Least pace that a model is taken to have, in that of the mean: a place that is empty today may not stay so. */
const leastPace = 0.01;

/**
 * Factors on what a unit is worth by the plan: units at the target over units at the deadline if work keeps coming as it did
 * in the previous epoch. 1 for models in service, and before there is work.
 */
export function crowdingFactors(state: PathState): Float64Array {
  const { world, books, epoch, trainedWork, releasedAt, training } = state;
  const factors = new Float64Array(trainedWork.length).fill(1);
  const total = trainedWork.reduce((sum, work) => sum + work, 0);
  const missing = missingWork(state);
  if (total === 0 || !missing.some((work) => work > 0)) return factors;
  const open = training.reduce((sum, flag) => sum + flag, 0);
  const expected = Float64Array.from(world.terms, ({ deadline }, model) => {
    const pace = Math.max(trainedWork[model], (leastPace * total) / open);
    return Math.min(missing[model], pace * Math.max(1, deadline - epoch));
  });
  const [planned, coming] = [unitsOverWork(state, missing), unitsOverWork(state, expected)];
  for (let model = 0; model < factors.length; model++) {
    if (releasedAt[model] >= 0 || training[model] === 0) continue;
    const issued = -books.ledger.balance(books.issuer, books.models[model].ownership);
    if (issued + coming[model] > 0) factors[model] = (issued + planned[model]) / (issued + coming[model]);
  }
  return factors;
}
